#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Loads in Dom0, each for some seconds, on all its VCPUs: processes, address
space torture, a compile. Nothing complains, no line is lost, memory comes
back, and all frames' counts agree with the tables."""

import re
import sys

import harness
import keys

LOADS = (
    ('processes are made and end', 'stress-ng --fork {n} --vfork 1'),
    ('address spaces change',
     'stress-ng --mmap {n} --mmap-bytes 8M --mremap {n} --mremap-bytes 2M'),
    ('protections change', 'stress-ng --mprotect {n} --vm 1 --vm-bytes 48M '
     '--vm-method walk-1d'),
    ('threads switch and signal', 'stress-ng --switch {n} --sigsegv 1 '
     '--futex 1'),
)
BOGO = re.compile(r'stress-ng: \w+: +\[\d+\] (\w+) +(\d+) ')
LOST = r'messages (dropped|suppressed)|callbacks suppressed'


def free_memory(m):
    m.must('sync; echo 3 >/proc/sys/vm/drop_caches')
    return int(re.search(r'MemAvailable: *(\d+)',
                         m.must('cat /proc/meminfo')).group(1)) // 1024


def run_loads(report, m, args):
    for name, command in LOADS:
        r = m.run('%s -t %ds --metrics-brief 2>&1' % (
            command.format(n=args.cpus), args.seconds),
            args.seconds * 5 + 300)
        report.check(name, r.status == 0, r)
        print('     ' + ', '.join('%s %s' % x for x in BOGO.findall(r.text)))
    r = m.run('/xt/compile-load %d' % args.seconds, args.seconds * 5 + 300)
    report.check('a compiler compiles', r.status == 0, r)
    rounds = re.search(r'(\d+) rounds', r.text)
    print('     compile ' + rounds.group(1) if rounds else '', flush=True)


def missing(words, text, count):
    """Which numbers of 1 to count do not follow each other after words. A
    terminal's echo may come between the full stop and the line's end."""
    seen = list(map(int, re.findall(words + r' (\d+)\.', text)))
    if seen == list(range(1, count + 1)):
        return ''
    return 'of %d: %s' % (count, sorted(set(range(1, count + 1)) - set(seen))
                          or 'not in order')


def check_lines(report, m, mark):
    """Nothing that was said since the mark is lost."""
    count = int(m.must('number-lines stop').split('\n')[-1])
    report.check('lines were said: %d' % count, count > 5, count)
    lost = missing('numbered line', m.since(mark), count)
    report.check('no line is lost on the console', not lost, lost)
    log = m.must('dmesg')
    lost = missing('numbered message', log, count)
    report.check('none in the kernel\'s log', not lost, lost)
    report.check('the kernel held none back', not re.search(LOST, log), log)
    report.check('the kernel complains of nothing', not re.search(
        harness.COMPLAINTS, log), log)


def check_hypervisor_log(report, m):
    """What the ring has came out on the serial line, and is no complaint."""
    shown = m.since(0)
    ring = [line for line in m.must('xl dmesg').split('\n')
            if line.startswith('(XEN)')]
    lost = [line for line in ring if line not in shown]
    report.check('the hypervisor\'s log came out on the serial line',
                 ring and not lost, '\n'.join(lost))
    bad = [line for line in ring if re.search(
        harness.COMPLAINTS + '|left out', line)]
    report.check('the hypervisor complains of nothing', not bad,
                 '\n'.join(bad))


def check_audit(report, m, args, start):
    """By both ways to press the key; no count has grown on the way."""
    if 'debian' in args.xen:
        report.skip('the audit', 'Debian\'s Xen has none')
        return
    for name, audit in (('serial line', keys.audit_by_serial),
                        ('xl', keys.audit)):
        a = audit(m)
        report.check('the audit by %s: no contradiction' % name, a.good, a)
    report.check('no reference is left over', a.besides() <= start.besides(),
                 '%d frames, were %d' % (a.besides(), start.besides()))


def one_boot(report, args):
    with harness.Machine('stress', args, cpus=args.cpus, mem=2048,
                         dom0_mem='dom0_mem=1024M,max:1024M') as m:
        m.dom0()
        start = None if 'debian' in args.xen else keys.audit(m)
        mark = m.mark()
        m.must('number-lines start')
        before = free_memory(m)
        run_loads(report, m, args)
        after = free_memory(m)
        report.check('memory is given back', after > before - 48,
                     '%d MiB before, %d after' % (before, after))
        check_lines(report, m, mark)
        check_audit(report, m, args, start)
        check_hypervisor_log(report, m)
        report.check('no complaint on the console', not m.complaints(mark),
                     '\n'.join(m.complaints(mark)))


def test(report, args):
    for _ in range(args.boots):
        one_boot(report, args)


parser = harness.arguments(__doc__)
parser.add_argument('--seconds', type=int, default=10)
parser.add_argument('--cpus', type=int, default=2)
parser.add_argument('--boots', type=int, default=1)
sys.exit(harness.main(test, parser.parse_args()))
