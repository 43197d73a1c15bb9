#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Guests' lives under one pairing of hypervisor and tools: Debian's generic
and cloud kernels with one and two VCPUs, and GRUB's image for Xen."""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402
import keys  # noqa: E402
from guests import Tools, create  # noqa: E402

# kernel, VCPUs, MiB, does it also reboot and get destroyed: two boots more
GUESTS = (('cloud', 1, 128, True), ('cloud', 2, 128, False),
          ('generic', 1, 256, False), ('generic', 2, 256, True))
LOG = '/var/log/xen/console/guest-g1.log'
ADDRESS = '10.77.0.11'


class Life:
    """What one guest, g1, goes through; each step is a check of its own."""

    def __init__(self, report, m, tools, kernel, vcpus, memory):
        self.report, self.m, self.tools = report, m, tools
        self.kernel, self.vcpus, self.memory = kernel, vcpus, memory
        self.what = '%s kernel, %d VCPU: ' % (kernel, vcpus)

    def check(self, name, good, detail=''):
        return self.report.check(self.what + name, good, detail)

    def run(self, whole):
        self.m.must('rm -f ' + LOG)
        total = create(self.report, self.m, self.tools, 'g1', self.kernel,
                       self.vcpus, self.memory, ADDRESS, 'xt.tick=1')
        if not total:
            return
        self.console()
        self.disk(total)
        self.network()
        self.pause()
        if whole:
            self.reboot()
        self.shutdown()
        if whole:
            self.destroy()

    def console(self):
        r = self.tools.talk('g1', 'uname -sr; nproc')
        self.check('console: a shell answers at its prompt',
                   re.search('^Linux 6', r.text, re.M) and
                   re.search('^%d$' % self.vcpus, r.text, re.M), r)
        self.check('console: Ctrl-] leaves it', r.status == 0, r)

    def disk(self, total):
        r = self.tools.talk('g1', 'sha256sum /dev/xvda')
        self.check('disk: the guest reads what Dom0 wrote', total in r.text, r)
        r = self.tools.talk(
            'g1', 'dd if=/dev/urandom of=/dev/xvda bs=64k count=32 '
            'conv=fsync 2>/dev/null; sync; sha256sum /dev/xvda')
        sums = re.findall(r'[0-9a-f]{64}', r.text)
        got = self.m.run('sync; echo 3 >/proc/sys/vm/drop_caches; '
                         'sha256sum </var/lib/xen/images/g1.img')
        self.check('disk: Dom0 reads what the guest wrote',
                   sums and sums[-1] != total and sums[-1] in got.text,
                   str(r) + str(got))

    @staticmethod
    def answered(r):
        """No answer is missing but perhaps the last: busybox's ping does not
        wait for it longer than the ones before took."""
        return all('seq=%d ' % i in r.text for i in range(9))

    def network(self):
        r = self.m.run("/xt/wait-for 90 'ping -c 1 -W 1 %s'; "
                       'ping -c 10 -i 0.2 -s 1000 %s' % (ADDRESS, ADDRESS))
        self.check('network: Dom0 reaches the guest over the bridge',
                   self.answered(r), r)
        r = self.tools.talk('g1', 'ping -c 10 -i 0.2 -s 1000 10.77.0.1')
        self.check('network: the guest reaches Dom0 over the bridge',
                   self.answered(r), r)

    def ticks(self):
        return int(self.m.must('grep -ac "^tick" %s || true' % LOG))

    def pause(self):
        r = self.tools.run('pause g1')
        self.check('pause succeeds', r.status == 0, r)
        # what it said before has to reach the log first
        before = None
        while before != self.ticks():
            before = self.ticks()
            self.m.run('usleep 500000')
        self.m.run('usleep 3000000')
        self.check('a paused guest counts no ticks', self.ticks() == before)
        r = self.tools.run('list g1')
        self.check('list shows it paused', re.search(
            r' [r-][b-]p--- ', r.text), r)
        r = self.tools.run('unpause g1')
        self.check('unpause succeeds', r.status == 0, r)
        r = self.m.run("/xt/wait-for 60 '[ $(grep -ac ^tick %s) -gt %d ]'"
                       % (LOG, before))
        self.check('it counts again', r.status == 0, r)

    def reboot(self):
        old = self.tools.ids()['g1']
        lines = int(self.m.must('wc -l <' + LOG))
        r = self.tools.run('reboot g1')
        self.check('reboot is taken', r.status == 0, r)
        r = self.m.run("/xt/wait-log g1 'guest ready' 200 %d; "
                       '%s list' % (lines + 1, self.tools.program), 900)
        self.check('reboot: it comes up again', 'guest ready' in r.text and
                   'wait-log' not in r.text, r)
        ids = self.tools.ids()
        self.check('reboot: same name, new id', ids.get('g1', old) != old, ids)

    def shutdown(self):
        r = self.tools.run('shutdown -w g1', 200)
        self.check('shutdown succeeds', r.status == 0, r)
        self.check('shutdown: it is gone', self.tools.gone('g1'))

    def destroy(self):
        self.m.must('rm -f ' + LOG)
        r = self.tools.run('create /etc/xen/g1', 200)
        self.check('created once more', r.status == 0, r)
        # with xl, a guest that goes sooner was seen to leave its loop device
        self.m.run("/xt/wait-log g1 'guest ready' 200", 900)
        r = self.tools.run('destroy g1')
        self.check('destroy succeeds', r.status == 0, r)
        self.check('destroy: it is gone', self.tools.gone('g1'))


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
    r = m.run("/xt/wait-for 90 '! losetup -a | grep images'; losetup -a; "
              'ls /sys/class/net')
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
        # QEMU 7.2 and Debian's Xen, with XSAVE: see docs/DEBUGGING.md.
        args.cpu += ',-xsave'
    with harness.Machine(name, args, cpus=args.cpus, mem=2048,
                         dom0_args='xt.tools=' + args.tools) as m:
        m.dom0()
        tools = Tools(m, args.tools)
        free = tools.free_memory()
        for guest in GUESTS:
            if args.only in '%s-%d' % guest[:2]:
                Life(report, m, tools, *guest[:3]).run(
                    guest[3] or args.whole)
        if args.only in 'grub':
            check_grub(report, m, tools)
        if not debian:
            check_audit(report, m)
        check_nothing_left(report, m, tools, free)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


parser = harness.arguments(__doc__)
parser.add_argument('--tools', default='ours', choices=('ours', 'debian'))
parser.add_argument('--cpus', type=int, default=2)
parser.add_argument('--whole', action='store_true',
                    help='reboot and destroy every guest, not every second')
parser.add_argument('--only', default='', help='of cloud-1, cloud-2, '
                    'generic-1, generic-2, grub those with this text')
sys.exit(harness.main(test, parser.parse_args()))
