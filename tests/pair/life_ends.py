# SPDX-License-Identifier: GPL-2.0
"""How a guest ends: on_poweroff, on_reboot, on_crash, its core file, and the
last words on its console."""

import base64
import os
import re
import struct
import subprocess
import tempfile

from guests import small

LOG = '/var/log/xen/console/guest-%s.log'
RATE = 5 * (64 << 10)  # bytes a second that xenconsoled takes of one guest
LINE = len('line 00000000 of a guest that talks much\n')

# What it does, which action is tried with that.
ENDS = {'poweroff': 'on_poweroff', 'reboot': 'on_reboot', 'crash': 'on_crash'}


def settled(m, condition, seconds=120):
    """Wait until a shell condition on `xm list` in $l holds; that list."""
    m.run("/xt/wait-for %d 'l=$(xm list); %s'" % (seconds, condition),
          seconds + 20)
    return m.must('xm list')


def starts(m, name):
    return int(m.run('grep -c "^small guest" ' + LOG % name).text or 0)


def rows(text, name):
    """[(name, state)] of the domains whose name begins so."""
    return [(x.split()[0], x.split()[4]) for x in text.split('\n')
            if x.startswith(name)]


def check_end(report, m, end, key):
    def gone(name):
        return '! echo "$l" | grep -q ^%s' % name

    mark = 'c' if end == 'crash' else '-'
    kept = '---s%s-' % mark
    text = settled(m, gone(end + '-destroy'))
    report.check('%s = destroy: it is gone' % key,
                 not rows(text, end + '-destroy') and
                 starts(m, end + '-destroy') == 1, text)
    text = settled(m, gone(end + '-restart'))
    report.check('%s = restart: again, but not for ever' % key,
                 not rows(text, end + '-restart') and
                 starts(m, end + '-restart') > 1, text)
    text = settled(m, 'echo "$l" | grep -q "^%s-preserve .*%s"' %
                   (end, kept))
    report.check('%s = preserve: it stays for a look' % key,
                 rows(text, end + '-preserve') == [(end + '-preserve', kept)]
                 and starts(m, end + '-preserve') == 1, text)
    name = end + '-rename-restart'
    settled(m, 'echo "$l" | grep -q "^%s .*%s"' % (name, kept))
    text = settled(m, 'echo "$l" | grep -q "^%s-[0-9]* .*%s"' %
                   (name, kept))
    got = rows(text, name)
    report.check('%s = rename-restart: the old one and a new one' % key,
                 len(got) > 1 and all(s == kept for _, s in got) and
                 (name, kept) in got and starts(m, name) == len(got), text)
    for other, _ in got + [(end + '-preserve', '')]:
        r = m.run('xm destroy ' + other)
        report.check('destroy %s' % other, r.status == 0, r)


def check_actions(report, m, tools):
    for end, key in ENDS.items():
        for action in ('destroy', 'restart', 'preserve', 'rename-restart'):
            r = small(m, tools, '%s-%s' % (end, action), 'end=' + end,
                      "%s = '%s'" % (key, action))
            if r.status:
                report.check('%s = %s: created' % (key, action), False, r)
    for end, key in ENDS.items():
        check_end(report, m, end, key)
    r = m.run('grep -c "ended too soon after its last restart" '
              '/var/log/xen/xend.log')
    report.check('the log says why there was no restart',
                 int(r.text or 0) >= 6, r)
    r = small(m, tools, 'trap', 'end=trap', "on_crash = 'destroy'")
    text = settled(m, '! echo "$l" | grep -q ^trap')
    r = tools.run('dmesg')
    report.check('an instruction that is none: crash, and xm dmesg tells',
                 not rows(text, 'trap') and
                 re.search(r'd\d+ crashed|domain_crash', r.text), r)


def sections(head, size):
    """{name: (type, offset, size, entry size)} as readelf reads them."""
    with tempfile.NamedTemporaryFile() as f:
        f.write(head)
        os.ftruncate(f.fileno(), size)
        f.flush()
        text = subprocess.run(['readelf', '-hSW', f.name],
                              stdout=subprocess.PIPE, encoding='utf-8',
                              stderr=subprocess.STDOUT).stdout
    found = re.findall(r'^ +\[ *\d+\] (\S+) +(\S+) +[0-9a-f]+ ([0-9a-f]+) '
                       r'([0-9a-f]+) ([0-9a-f]+)', text, re.M)
    return text, {n: (t, int(o, 16), int(s, 16), int(e, 16))
                  for n, t, o, s, e in found}


def notes(head, section):
    """{type: bytes} of the notes in this section, all of them Xen's."""
    _, at, size, _ = section
    end, found = at + size, {}
    while at < end:
        names, length, kind = struct.unpack_from('<3I', head, at)
        if head[at + 12:at + 12 + names] != b'Xen\0':
            return {}
        at += 12 + names
        found[kind] = head[at:at + length]
        at += length
    return found


def check_core(report, m, tools):
    r = small(m, tools, 'core1', 'end=crash', "on_crash = 'coredump-destroy'")
    r = small(m, tools, 'core2', 'end=crash', "on_crash = 'coredump-restart'")
    text = settled(m, '! echo "$l" | grep -q ^core')
    report.check('coredump-*: both are gone', not rows(text, 'core'), text)
    r = m.run('cd /var/xen/dump; ls -1 core1 core2')
    cores = re.findall(r'^\d{4}-\d{4}-\d{4}\.\d\d-core[12]\.\d+\.core$',
                       r.text, re.M)
    report.check('coredump-destroy: one core; coredump-restart: one each time',
                 len(cores) == 3 and starts(m, 'core2') == 2, r)
    path = '/var/xen/dump/core1/*'
    size = int(m.must('stat -c %%s %s' % path))
    head = base64.b64decode(m.must('head -c 4096 %s | base64' % path))
    text, got = sections(head, size)
    pages = got.get('.xen_pages', (0, 0, 0, 1))
    said = notes(head, got.get('.note.Xen', (0, 0, 0, 0)))
    report.check('its notes: what it is, one vcpu, its pages, by which Xen',
                 sorted(said) == list(range(0x2000000, 0x2000004)) and
                 struct.unpack('<4Q', said[0x2000001]) ==
                 (0xf00febed, 1, pages[2] // 4096, 4096) and
                 struct.unpack_from('<2Q', said[0x2000002])[0] == 4, said)
    report.check('readelf reads it: a core with Xen\'s sections and notes',
                 'CORE' in text and got.get('.note.Xen', '?')[0] == 'NOTE' and
                 set(got) >= {'.xen_prstatus', '.xen_shared_info', '.xen_p2m',
                              '.xen_pages'}, text)
    report.check('it has all the guest\'s pages, to the end of the file',
                 pages[2] == 4096 * got.get('.xen_p2m', (0, 0, 0))[2] // 16 and
                 pages[2] >= 15 << 20 and pages[1] + pages[2] == size, text)
    r = m.run('grep -c "small guest: " %s' % path)
    report.check('and what was in them', r.status == 0, r)
    r = m.run('rm -r /var/xen/dump/*')


def seconds(m):
    return float(m.must('cut -d " " -f 1 /proc/uptime'))


def check_attached(report, m, tools):
    """xm create -c, and a console that is a pipe."""
    small(m, tools, 'shown', '', create='create -n')
    r = m.converse('xm create -c /etc/xen/shown',
                   [('small guest: ', b'\x1d')])
    report.check('create -c shows the first words; Ctrl-] leaves',
                 r.status == 0 and 'Started domain shown' in r.text and
                 'shown' in tools.ids(), r)
    r = m.run('(xm console shown </dev/null >/tmp/shown 2>&1; echo $? '
              '>>/tmp/shown) & /xt/wait-for 60 "pgrep xenconsole$"; '
              'xm shutdown -w shown; /xt/wait-for 90 "tail -n 1 /tmp/shown | '
              'grep [0-9]"; tail -n 1 /tmp/shown')
    report.check('a console ends with its guest, status 0',
                 r.text.endswith('\n0'), r)


def check_console(report, m, tools):
    count = 40000
    before = seconds(m)
    small(m, tools, 'loud', 'say=%d end=poweroff' % count)
    small(m, tools, 'quiet', 'say=100 end=poweroff')
    m.run("/xt/wait-log quiet 'last words' 100", 120)
    early = m.run('grep -c "last words" ' + LOG % 'loud')
    m.run("/xt/wait-log loud 'last words' 200", 220)
    took = seconds(m) - before
    report.check('a loud guest does not hold up a quiet one',
                 early.text.strip() == '0', early)
    report.check('a loud guest is held to its rate',
                 took > count * LINE / RATE - 1, '%.1f s' % took)
    check_attached(report, m, tools)
    for name, lines in (('quiet', 100), ('loud', count)):
        r = m.run('grep -c "^line" %s; tail -n 2 %s' % ((LOG % name,) * 2))
        got = r.text.split('\n')
        report.check('%s: every line and the last words are in its log' % name,
                     got[0] == str(lines) and got[-1] == 'last words' and
                     got[1].startswith('line %08d' % lines), r)
