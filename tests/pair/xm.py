#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""xm as an administrator meets it: the guest of /etc/xen/auto, the list, the
login, and errors that say what is wrong and leave nothing behind."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402
from guests import Tools  # noqa: E402

HEADING = 'Name                                      ID Mem(MiB) VCPUs State'

# what is wrong, the words given to `xm create`, what the error names
ERRORS = (
    ('no kernel file', "kernel=/boot/none", r'/boot/none'),
    ('not a kernel', "kernel=/etc/passwd", r'passwd|kernel|ELF'),
    ('a name that runs', "name=demo", r'demo'),
    ('more memory than there is', "memory=900000", r'(?i)memory'),
    ('a disk that is not there', "disk=file:/none.img,xvda,w", r'none\.img'),
    ('a disk in use', "disk=file:/var/lib/xen/images/demo.img,xvda,w",
     r'demo'),
    ('a bridge that is not there', "vif=bridge=nobr7", r'nobr7'),
    ('a bad MAC', "vif=mac=00:16:3e:zz:00:00", r'(?i)mac|zz'),
    ('too many VCPUs', "vcpus=100000", r'(?i)vcpu'),
)


def left(m):
    """What a failed creation could leave: nodes, loops, vifs, domains."""
    return m.run('xenstore-list /local/domain; ls /sys/block | grep loop | '
                 'while read l; do cat /sys/block/$l/loop/backing_file; done '
                 '2>/dev/null; ls /sys/class/net; xm list | cut -c 1-44').text


def check_errors(report, m, tools):
    m.must('/xt/guest-config e1 cloud 1 64 10.77.0.30 >/dev/null')
    before = left(m)
    for what, words, names in ERRORS:
        r = tools.run("create /etc/xen/e1 '%s'" % words)
        report.check('%s: refused' % what, r.status != 0, r)
        lines = [x for x in r.text.split('\n')
                 if x and not x.startswith('Using config file')]
        report.check('%s: named in the first line' % what,
                     lines and re.search(names, lines[0]), r)
        after = left(m)
        report.check('%s: nothing is left' % what, after == before,
                     'before:\n%s\nafter:\n%s' % (before, after))
    m.must("sed -i '3s/.*/kernel = [/' /etc/xen/e1")
    r = tools.run('create /etc/xen/e1')
    report.check('a config error: file and line', r.status != 0 and
                 re.search(r'/etc/xen/e1\D+\d+', r.text), r)
    r = tools.run('destroy nobody')
    report.check('an unknown domain', r.status != 0 and 'nobody' in r.text, r)


def check_demo(report, m, tools):
    r = m.run("/xt/wait-log demo 'guest ready' 200", 220)
    report.check('the guest of /etc/xen/auto comes up', r.status == 0, r)
    r = tools.run('list')
    report.check('xm list: heading and rows', HEADING in r.text and
                 re.search(r'^Domain-0 +0 ', r.text, re.M) and
                 re.search(r'^demo +[1-9]', r.text, re.M), r)
    for words in ('list -l', 'info', 'dmesg', 'vcpu-list', 'uptime',
                  'domid demo', 'log', 'help', 'help --long'):
        r = tools.run(words)
        report.check('xm %s' % words, r.status == 0 and r.text.strip(), r)
    r = m.converse('xm console demo', [
        ('login: ', b'root\n'), ('[#$] ', b'echo in-$((40+2))\n'),
        ('in-42', b'mount /dev/xvda /mnt; cat /mnt/README\n'),
        ('on the demo guest.s disk, in Dom0', b'\x1d')], 90)
    report.check('login on the demo guest\'s console', r.status == 0, r)


def test(report, args):
    with harness.Machine('xm', args, cpus=2, mem=2048,
                         dom0_args='xt.auto xt.tools=ours') as m:
        m.dom0()
        tools = Tools(m, 'ours')
        check_demo(report, m, tools)
        check_errors(report, m, tools)
        r = tools.run('shutdown -w demo', 200)
        report.check('xm shutdown -w', r.status == 0, r)
        report.check('it is gone', tools.gone('demo'))
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
