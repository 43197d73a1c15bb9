#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Dom0 comes up on one kind of machine, complete and without complaints."""

import re
import sys

import harness


def check_firmware(report, m, uefi):
    efi = m.run('test -d /sys/firmware/efi')
    report.check('Dom0 sees the firmware it runs on',
                 (efi.status == 0) == uefi, efi)
    if not uefi:
        return
    r = m.run('dmesg | grep -c "efi: EFI v"')
    report.check('the kernel tells of UEFI', r.text.strip() != '0', r)
    r = m.run('efibootmgr -v')
    report.check('efibootmgr reads variables',
                 r.status == 0 and 'BootOrder' in r.text, r)
    r = m.run('hwclock -u || hwclock -u -f /dev/rtc0')
    report.check('the clock answers', r.status == 0, r)


def check_processors(report, m, vcpus):
    r = m.run('nproc; grep -c ^processor /proc/cpuinfo')
    report.check('Dom0 has %d VCPUs' % vcpus,
                 r.text.split() == [str(vcpus)] * 2, r)
    for cpu in range(vcpus):
        r = m.run('taskset %x sh -c "i=0; while [ \\$i -lt 2000 ]; '
                  'do i=\\$((i+1)); done; echo \\$i"' % (1 << cpu))
        report.check('VCPU %d runs a process' % cpu, r.text == '2000', r)


def check_memory(report, m, low, high):
    text = m.must('cat /proc/meminfo')
    mib = int(re.search(r'MemTotal: *(\d+)', text).group(1)) // 1024
    report.check('Dom0 has between %d and %d MiB' % (low, high),
                 low <= mib <= high, '%d MiB' % mib)
    r = m.run('dd if=/dev/zero of=/dev/shm/fill bs=1M count=%d 2>&1 && '
              'rm /dev/shm/fill' % (mib // 3))
    report.check('its memory can be written', r.status == 0, r)


def check_time(report, m):
    before = float(m.must('cut -d " " -f 1 /proc/uptime'))
    m.must('sleep 2')  # the wait is the test
    took = float(m.must('cut -d " " -f 1 /proc/uptime')) - before
    report.check('time goes on', 1.9 < took < 20, '%.2f s' % took)


def test(report, args):
    name = 'matrix-%s-%dcpu-%d-%dvcpu%s%s' % (
        'uefi' if args.uefi else 'bios', args.cpus, args.mem,
        args.vcpus or args.cpus, '-all' if args.all_memory else '',
        '-' + args.xen_args if args.xen_args else '')
    xen_args = ''
    if args.vcpus:
        xen_args = 'dom0_max_vcpus=%d' % args.vcpus
    dom0_mem = '' if args.all_memory else harness.DOM0_MEM
    with harness.Machine(name, args, mem=args.mem, cpus=args.cpus,
                         uefi=args.uefi, dom0_mem=dom0_mem,
                         machine=args.machine, xen_args=xen_args,
                         medium=args.medium) as m:
        print('Dom0 after %.1f s' % m.dom0(500))
        report.check('Dom0 comes up', True)
        check_firmware(report, m, args.uefi)
        check_processors(report, m, args.vcpus or args.cpus)
        if args.all_memory:
            check_memory(report, m, args.mem * 8 // 10, args.mem)
        else:
            check_memory(report, m, 600, 768)
        check_time(report, m)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))
        if report.failures:
            m.print_tail(20)


parser = harness.arguments(__doc__)
parser.add_argument('--uefi', action='store_true')
parser.add_argument('--cpus', type=int, default=1)
parser.add_argument('--mem', type=int, default=2048)
parser.add_argument('--vcpus', type=int, help='of Dom0')
parser.add_argument('--machine', default='pc')
parser.add_argument('--medium', default='stick',
                    choices=['cd', 'stick', 'disk'])
parser.add_argument('--all-memory', action='store_true',
                    help='no dom0_mem=: Dom0 gets what there is')
sys.exit(harness.main(test, parser.parse_args()))
