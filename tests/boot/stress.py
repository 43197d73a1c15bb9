#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Loads in Dom0, each for some seconds, on all its VCPUs: processes, address
space torture, a compile. Nothing complains, and memory comes back."""

import re
import sys

import harness

LOADS = (
    ('processes are made and end', 'stress-ng --fork {n} --vfork 1'),
    ('address spaces change',
     'stress-ng --mmap {n} --mmap-bytes 24M --mremap 1 --mremap-bytes 8M'),
    ('protections change', 'stress-ng --mprotect {n} --vm 1 --vm-bytes 48M '
     '--vm-method walk-1d'),
    ('threads switch and signal', 'stress-ng --switch {n} --sigsegv 1 '
     '--futex 1'),
)


def free_memory(m):
    m.must('sync; echo 3 >/proc/sys/vm/drop_caches')
    return int(re.search(r'MemAvailable: *(\d+)',
                         m.must('cat /proc/meminfo')).group(1)) // 1024


def test(report, args):
    with harness.Machine('stress', args, cpus=args.cpus, mem=2048,
                         dom0_mem='dom0_mem=1024M,max:1024M') as m:
        m.dom0()
        mark = m.mark()
        before = free_memory(m)
        for name, command in LOADS:
            r = m.run('%s -t %ds --metrics-brief 2>&1' % (
                command.format(n=args.cpus), args.seconds),
                args.seconds * 5 + 300)
            report.check(name, r.status == 0, r)
        r = m.run('/xt/compile-load %d' % args.seconds,
                  args.seconds * 5 + 300)
        report.check('a compiler compiles', r.status == 0, r)
        after = free_memory(m)
        report.check('memory is given back', after > before - 48,
                     '%d MiB before, %d after' % (before, after))
        report.check('no complaint on the console', not m.complaints(mark),
                     '\n'.join(m.complaints(mark)))
        r = m.run('dmesg | grep -E "%s"' % harness.COMPLAINTS.replace(
            r'\(XEN\)', 'XEN'))
        report.check('none in the kernel\'s log', r.text == '', r)


parser = harness.arguments(__doc__)
parser.add_argument('--seconds', type=int, default=10)
parser.add_argument('--cpus', type=int, default=2)
sys.exit(harness.main(test, parser.parse_args()))
