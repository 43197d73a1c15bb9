#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""kill -9 of each daemon while a guest runs, and at moments spread evenly over
what xend does: the guest goes on, the tools see and serve it as before, and
what was half made or half gone is cleaned away."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402
from guests import Tools, create, small  # noqa: E402

# disk and interface of the guest that dies with xend
KEYS = ("disk = ['file:/var/lib/xen/images/k.img,xvda,w']",
        "vif = ['mac=00:16:3e:77:01:77, bridge=xenbr0']",
        "on_reboot = 'restart'")
LOG = '/var/log/xen/console/guest-%s.log'


# A command that needs the daemon, and what it says without.
WITHOUT = {
    'xend': ('list', 'Is xend running? Start it with: /etc/init.d/xend start'),
    'xenstored': ('create /etc/xen/g1', 'xenstored is not running; start it '
                  'with: /etc/init.d/xend start'),
    'xenconsoled': ('', None),
}


def restart(report, m, daemon):
    m.must('kill -9 $(cat /run/%s.pid)' % daemon)
    m.must("/xt/wait-for 90 '! [ -d /proc/$(cat /run/%s.pid) ]'" % daemon)
    words, wanted = WITHOUT[daemon]
    if wanted:
        r = m.run('xm ' + words)
        report.check('%s is away: xm says so, and what to do' % daemon,
                     r.status == 1 and wanted in r.text, r)
    r = m.run('/etc/init.d/xend start')
    report.check('%s: starts again' % daemon, r.status == 0, r)


def check_guest(report, m, tools, daemon):
    r = m.run("/xt/wait-for 60 'xm list g1'")
    report.check('%s: xm lists the guest' % daemon, r.status == 0, r)
    r = m.run("/xt/wait-for 60 'ping -c 1 -W 1 10.77.0.11'")
    report.check('%s: the guest\'s network goes on' % daemon,
                 r.status == 0, r)
    r = tools.talk('g1', 'echo still-$((40+2)); '
                   'dd if=/dev/xvda of=/dev/null bs=64k count=4 2>&1')
    report.check('%s: console and disk go on' % daemon,
                 'still-42' in r.text and '4+0 records' in r.text, r)


class Moments:
    """Kill a daemon at moments spread over a command; count what is not as
    it should be."""

    def __init__(self, report, m, tools):
        self.report, self.m, self.tools = report, m, tools
        self.g1 = tools.ids()['g1']

    def clean(self):
        """Only g1 is left of all guests, and of their traces."""
        return self.m.run("/xt/wait-for 60 '/xt/only-left %s'" % self.g1,
                          80).status == 0

    def end(self, what):
        """End k, whatever state it is in; '' or what is wrong."""
        listed = self.m.run("/xt/wait-for 90 'xm list'")
        if listed.status:
            return '%s: xm list: %s\n' % (what, listed)
        text = ''
        if 'k' in self.tools.ids():
            # xend may not have found xenstored again yet, and says so then
            r = self.m.run("/xt/wait-for 60 'xm destroy k || ! xm domid k'")
            if r.status:
                text += '%s: destroy: %s\n' % (what, r)
        if not self.clean():
            text += '%s: left: %s\n' % (what, self.m.run(
                'xm list; /xt/only-left %s; tail -n 40 /var/log/xen/xend.log'
                % self.g1))
        return text

    def spread(self, name, daemon, command, count, before='', after=None):
        """Over the time that the command takes when nobody is killed."""
        m, wrong = self.m, ''
        if before:
            m.must(before)
        took = m.run(command)
        wrong += self.end('unharmed')
        for i in range(count):
            what = 'at %d of %d' % (i, count)
            if before:
                m.must(before)
            r = m.run("/xt/kill-at %s %d '%s'" % (
                daemon, took.seconds * 1e6 * i / count, command))
            if 'does not start' in r.text:
                wrong += '%s: %s\n' % (what, r)
            if after and not after():
                wrong += '%s: not as it should: %s\n%s' % (what, r, m.run(
                    'xm list; tail -n 40 /var/log/xen/xend.log'))
            wrong += self.end(what)
        self.report.check('%s, killed at %d moments of %s' % (
            daemon, count, name), not wrong, wrong)

    def comes_back(self):
        """k was rebooted: it has begun again, and runs."""
        return self.m.run("/xt/wait-for 60 '[ $(grep -c ^small %s) -ge 2 ] && "
                          "xm list k | grep -q [r-][b-]----'" % LOG % 'k',
                          80).status == 0


def check_moments(report, m, tools):
    m.must('truncate -s 4M /var/lib/xen/images/k.img')
    m.must('truncate -s 4M /var/lib/xen/images/k.img2')
    small(m, tools, 'k', '', *KEYS, create='create -n')
    moments = Moments(report, m, tools)
    new = 'rm -f %s; xm create -q /etc/xen/k' % (LOG % 'k')
    attach = 'xm block-attach k file:/var/lib/xen/images/k.img2 xvdb w'
    moments.spread('a creation', 'xend', 'xm create /etc/xen/k', 10)
    moments.spread('a destruction', 'xend', 'xm destroy k', 6, new)
    # a request that was lost with xend is made again
    moments.spread('a restart', 'xend',
                   'until xm reboot k; do usleep 50000; done 2>/dev/null; '
                   '/xt/wait-for 60 "[ \\$(grep -c ^small %s) -ge 2 ]"'
                   % (LOG % 'k'), 8, new, moments.comes_back)
    moments.spread('a new disk', 'xend', attach, 4, new)
    moments.spread('a creation', 'xenstored', 'xm create /etc/xen/k', 16)
    moments.spread('a destruction', 'xenstored', 'xm destroy k', 4, new)


def check_store(report, m, tools):
    """A watch that a guest set before fires after; its connection goes on."""
    small(m, tools, 'k', '', *KEYS)
    m.run("/xt/wait-log k 'small guest' 60")
    restart(report, m, 'xenstored')
    m.run("/xt/wait-for 90 'xm list'")
    r = tools.run('shutdown -w k')
    report.check('a watch that the guest set before xenstored\'s end fires',
                 r.status == 0 and 'k' not in tools.ids(), r)


def check_script(report, m):
    """A script goes on when the store is back; what it made and cannot tell
    the store of, it gives up."""
    path = 'backend/vbd/77/51712'
    front = '/local/domain/77/device/vbd/51712'
    loops = 'cat /sys/block/loop*/loop/backing_file 2>/dev/null | grep -c s.img'
    add = 'XENBUS_PATH=%s XENBUS_TYPE=vbd /etc/xen/scripts/block ' % path
    keys = ' '.join('%s/%s %s' % (path, key, value) for key, value in (
        ('type', 'file'), ('mode', 'w'), ('params', '/tmp/s.img'),
        ('frontend', front)))
    m.must('truncate -s 1M /tmp/s.img; xenstore-write ' + keys)
    fake = '/usr/lib/xen/bin/xenstore-write'  # found before the real one
    m.must("printf '#!/bin/sh\\nexit 1\\n' >%s; chmod +x %s" % (fake, fake))
    r = m.run('%s add; %s; rm %s' % (add, loops, fake))
    report.check('a script that cannot write to the store frees its loop '
                 'device', r.text.split('\n')[-1] == '0', r)
    m.must('kill -9 $(cat /run/xenstored.pid)')
    r = m.run('(%s add; echo $? >/tmp/s.status) & /etc/init.d/xend start; '
              "/xt/wait-for 60 '[ -s /tmp/s.status ]'; cat /tmp/s.status; %s"
              % (add, loops))
    report.check('a script waits for the store to be back',
                 r.text.split('\n')[-2:] == ['0', '1'], r)
    r = m.run('%s remove; %s; xenstore-rm %s' % (
        add, loops, path.rsplit('/', 1)[0]))
    report.check('... and finds then what to remove',
                 r.text.split('\n')[-1] == '0', r)


def check_console(report, m, tools):
    """Of what a guest says while xenconsoled is killed, nothing is lost."""
    count = 12000
    m.must('rm -f ' + LOG % 'talks')
    small(m, tools, 'talks', 'say=%d end=poweroff' % count)
    for _ in range(3):
        m.must('kill -9 $(cat /run/xenconsoled.pid)')
        m.must('/etc/init.d/xend start')
    m.run("/xt/wait-log talks 'last words' 120", 140)
    r = m.run('grep -o "^line [0-9]* of a guest that talks much$" %s | '
              'sort -u | wc -l' % LOG % 'talks')
    report.check('no line is lost when xenconsoled is killed',
                 int(r.text) == count, r)


def check_half_made(report, m, tools):
    """A creation that dies half-way leaves nothing."""
    m.must('/xt/guest-config g2 cloud 1 128 10.77.0.12 >/dev/null')
    m.run('(xm create /etc/xen/g2 >/dev/null 2>&1 &); '
          "/xt/wait-for 60 '[ $(xenstore-list /local/domain | wc -l) "
          "-gt 2 ]'; kill -9 $(cat /run/xend.pid)")
    r = m.run('/etc/init.d/xend start')
    report.check('xend killed while it creates: starts again',
                 r.status == 0, r)
    r = m.run("/xt/wait-for 60 'xm list'; xm list")
    whole = 'g2' not in r.text or \
        m.run("/xt/wait-log g2 'guest ready' 120", 130).status == 0
    report.check('the guest is whole or gone', whole, r)


def test(report, args):
    with harness.Machine('kill', args, cpus=2, mem=2048,
                         dom0_args='xt.tools=ours') as m:
        m.dom0()
        tools = Tools(m, 'ours')
        if not create(report, m, tools, 'g1', 'cloud', 1, 128, '10.77.0.11'):
            return
        for daemon in ('xend', 'xenconsoled', 'xenstored'):
            restart(report, m, daemon)
            check_guest(report, m, tools, daemon)
        check_script(report, m)
        if args.moments:
            check_moments(report, m, tools)
            check_store(report, m, tools)
            check_console(report, m, tools)
            check_guest(report, m, tools, 'at last')
        else:
            check_half_made(report, m, tools)
        for name in ('g1', 'g2'):
            if name in tools.ids():
                r = tools.run('destroy ' + name)
                report.check('destroy %s' % name, r.status == 0, r)
        r = m.run("/xt/wait-for 90 '[ $(xenstore-list /local/domain | "
                  "wc -l) = 1 ]'; xenstore-list /local/domain")
        report.check('nothing is left in the store', r.text.strip() == '0', r)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


parser = harness.arguments(__doc__)
parser.add_argument('--moments', action='store_true',
                    help='kill at each of many moments: longer')
sys.exit(harness.main(test, parser.parse_args()))
