# SPDX-License-Identifier: GPL-2.0
"""Guests that ring, talk, ask and lie without an end: the others and Dom0 are
served all the same. Each event and message that a daemon spends its time on
is one of a few that a guest may have in a round. And what is left to other
users in Dom0."""

import base64
import struct

from guests import small

LOG = '/var/log/xen/console/guest-%s.log'


def check_storms(report, m, tools):
    for whom in ('store', 'console'):
        name = 'storm-' + whom
        r = small(m, tools, name, 'storm=' + whom)
        report.check('%s: created' % name, r.status == 0, r)
        r = m.run("/xt/wait-for 60 'grep -q begins %s'" % (LOG % name))
        report.check('%s: begins' % name, r.status == 0, r)
    r = m.run('i=0; while [ $i -lt 50 ]; do i=$((i+1)); '
              'xenstore-write /test/storm $i && xenstore-read /test/storm; '
              'done | tail -n 1; xenstore-rm /test', 120)
    report.check('the store answers Dom0', '50' in r.text, r)
    r = small(m, tools, 'calm', 'say=500 end=poweroff')
    report.check('another guest is created', r.status == 0, r)
    report.check('it ends, and its end is noticed', tools.gone('calm'))
    r = m.run("grep -c '^line ' %s; tail -n 1 %s" % (
        (LOG % 'calm',) * 2))
    report.check('nothing of what it said is lost',
                 '500' in r.text and 'last words' in r.text, r)
    small(m, tools, 'shutme')
    r = tools.run('shutdown -w shutme', 120)
    report.check('one that waits is shut down by the store',
                 r.status == 0 and tools.gone('shutme'), r)
    for whom in ('store', 'console'):
        r = tools.run('destroy storm-' + whom)
        report.check('storm-%s: destroyed' % whom, r.status == 0, r)


def check_lie(report, m, tools):
    small(m, tools, 'liar', 'lie end=crash', "on_crash = 'coredump-destroy'")
    report.check('one that lies about its memory is gone',
                 tools.gone('liar', 120))
    r = m.run('stat -c %s /var/xen/dump/liar/*')
    report.check('its core is not longer than it was',
                 r.text.strip().isdigit() and
                 int(r.text) < 17 << 20, r)
    m.run('rm -r /var/xen/dump/*')


def check_bomb(report, m, tools):
    """A kernel of half a MiB that unpacks to hundreds, none of it to load."""
    head = (b'\x7fELF\2\1\1' + bytes(9) +
            struct.pack('<HHIQQQIHHHHHH', 2, 62, 1, 0, 64, 0, 0, 64, 56, 1, 0,
                        0, 0) +
            struct.pack('<IIQQQQQQ', 1, 7, 0, 0, 1 << 20, 4096, 4096, 4096))
    m.must('(echo %s | base64 -d; dd if=/dev/zero bs=1M count=300 2>/dev/null)'
           ' | gzip >/tmp/bomb; echo \'name = "bomb";kernel = "/tmp/bomb"\' '
           '| tr ";" "\\n" >/etc/xen/bomb'
           % base64.b64encode(head).decode(), 200)
    r = tools.run('create /etc/xen/bomb')
    report.check('a kernel that only unpacks is refused',
                 r.status != 0 and '300 MiB to unpack' in r.text, r)
    m.must('rm /tmp/bomb')


OURS = ('/run/xend /run/xenstored /run/xen-hotplug /run/*.pid '
        '/run/xenconsoled.* /var/lib/xend /var/lib/xenstored /var/log/xen '
        '/var/xen')


def check_others(report, m, tools):
    """Not root: no way in by files, sockets or terminals."""
    small(m, tools, 'private')
    m.must("/xt/wait-for 60 'grep -q small %s'" % (LOG % 'private'))
    found = 'find $(ls -d %s 2>/dev/null) ' % OURS
    r = m.run(found + '-perm -0002 ! -type l')
    report.check('others may write nothing', not r.text.strip(), r)
    r = m.run(found + '-type s | wc -l; ' + found + '-type s -perm -0004')
    report.check('others may use no socket', r.text.split() == ['3'], r)
    r = m.run(found + '-type f -perm -0004 ! -name "*.pid"')
    report.check('others may read none of the logs and none of what is kept',
                 not r.text.strip(), r)
    r = m.run('stat -c %a $(xenstore-read /local/domain/'
              '$(xm domid private)/console/tty)')
    report.check('others may not use the terminal', r.text.strip() == '600', r)
    tools.run('destroy private')
