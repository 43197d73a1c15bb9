#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A guest's life under one pairing of hypervisor and tools."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402
import keys  # noqa: E402
from guests import Tools, create  # noqa: E402


def check_console(report, m, tools):
    r = tools.talk('g1', 'uname -sr; cat /proc/sys/kernel/hostname')
    report.check('console: a shell answers', 'Linux 6' in r.text, r)
    report.check('console: Ctrl-] leaves it', r.status == 0, r)


def check_disk(report, m, tools, total):
    r = tools.talk('g1', 'sha256sum /dev/xvda')
    report.check('disk: the guest reads what Dom0 wrote', total in r.text, r)
    r = tools.talk('g1', 'dd if=/dev/urandom of=/dev/xvda bs=64k count=32 '
                   'conv=fsync 2>/dev/null; sync; sha256sum /dev/xvda')
    sums = re.findall(r'[0-9a-f]{64}', r.text)
    got = m.run('sync; echo 3 >/proc/sys/vm/drop_caches; '
                'sha256sum </var/lib/xen/images/g1.img')
    report.check('disk: Dom0 reads what the guest wrote',
                 sums and sums[-1] != total and sums[-1] in got.text,
                 str(r) + str(got))


def check_network(report, m, tools):
    r = m.run("/xt/wait-for 30 'ping -c 1 -W 1 10.77.0.11'; "
              'ping -c 10 -i 0.2 -s 1000 10.77.0.11')
    report.check('network: Dom0 reaches the guest',
                 ' 0% packet loss' in r.text, r)
    r = tools.talk('g1', 'ping -c 10 -i 0.2 -s 1000 10.77.0.1')
    report.check('network: the guest reaches Dom0',
                 ' 0% packet loss' in r.text, r)


def ticks(m, name):
    return int(m.must('grep -ac "^tick" /var/log/xen/console/guest-%s.log'
                      ' || true' % name))


def check_pause(report, m, tools):
    r = tools.run('pause g1')
    report.check('pause succeeds', r.status == 0, r)
    m.run('xenstore-ls >/dev/null')
    before = ticks(m, 'g1')
    m.run('usleep 5000000')
    report.check('a paused guest counts no ticks', ticks(m, 'g1') == before)
    r = tools.run('list g1')
    report.check('list shows it paused', '--p---' in r.text or
                 '-bp---' in r.text or 'r-p' in r.text, r)
    r = tools.run('unpause g1')
    report.check('unpause succeeds', r.status == 0, r)
    r = m.run("/xt/wait-for 60 '[ $(grep -ac ^tick "
              "/var/log/xen/console/guest-g1.log) -gt %d ]'" % before)
    report.check('it counts again', r.status == 0, r)


def check_reboot(report, m, tools):
    old = tools.ids()['g1']
    lines = int(m.must('wc -l </var/log/xen/console/guest-g1.log'))
    r = tools.run('reboot g1')
    report.check('reboot is taken', r.status == 0, r)
    r = m.run("/xt/wait-log g1 'guest ready' 200 %d" % (lines + 1), 220)
    report.check('reboot: it comes up again', r.status == 0, r)
    ids = tools.ids()
    report.check('reboot: same name, new id', ids.get('g1', old) != old, ids)


def check_shutdown(report, m, tools):
    r = tools.run('shutdown -w g1', 200)
    report.check('shutdown succeeds', r.status == 0, r)
    report.check('shutdown: it is gone', tools.gone('g1'))


def check_grub(report, m, tools):
    m.must('/xt/guest-config grub /boot/guest/grub-x86_64-xen.bin 1 64 0')
    r = tools.run('create /etc/xen/grub')
    report.check('GRUB\'s image: created', r.status == 0, r)
    r = m.run("/xt/wait-log grub 'grub>\\|GNU GRUB' 120", 130)
    report.check('GRUB\'s image: reaches its prompt', r.status == 0, r)
    tools.run('destroy grub')
    report.check('GRUB\'s image: destroyed', tools.gone('grub'))


def check_audit(report, m):
    a = keys.audit_by_serial(m)
    report.check('the counts of all frames add up', a.good, a)


def check_nothing_left(report, m, tools, free):
    ids = tools.ids()
    report.check('only Domain-0 is left', list(ids) == ['Domain-0'], ids)
    r = m.run('xenstore-list /local/domain')
    report.check('no node is left in the store', r.text.split() == ['0'], r)
    r = m.run('losetup -a; ls /sys/class/net')
    report.check('no loop device or vif is left', 'vif' not in r.text and
                 'images' not in r.text, r)
    now = tools.free_memory()
    report.check('all memory came back', now >= free - 1,
                 '%d MiB before, %d after' % (free, now))


def test(report, args):
    debian = 'debian' in args.xen
    name = 'pair-%s-%s%s' % ('debian' if debian else 'ours', args.tools,
                             '-' + args.xen_args if args.xen_args else '')
    if debian:
        # Under QEMU 7.2, processes of Dom0 lose vector registers when
        # Debian's Xen switches to a guest and back; not without XSAVE.
        args.cpu += ',-xsave'
    with harness.Machine(name, args, cpus=args.cpus, mem=2048,
                         dom0_args='xt.tools=' + args.tools) as m:
        m.dom0()
        tools = Tools(m, args.tools)
        free = tools.free_memory()
        total = create(report, m, tools, 'g1', 'cloud', 1, 128,
                       '10.77.0.11', 'xt.tick=1')
        if total:
            check_console(report, m, tools)
            check_disk(report, m, tools, total)
            check_network(report, m, tools)
            check_pause(report, m, tools)
            check_reboot(report, m, tools)
            check_shutdown(report, m, tools)
        if create(report, m, tools, 'g2', 'generic', 2, 256, '10.77.0.12'):
            r = tools.run('destroy g2')
            report.check('destroy succeeds', r.status == 0, r)
            report.check('destroy: it is gone', tools.gone('g2'))
        check_grub(report, m, tools)
        if not debian:
            check_audit(report, m)
        check_nothing_left(report, m, tools, free)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


parser = harness.arguments(__doc__)
parser.add_argument('--tools', default='ours', choices=('ours', 'debian'))
parser.add_argument('--cpus', type=int, default=2)
sys.exit(harness.main(test, parser.parse_args()))
