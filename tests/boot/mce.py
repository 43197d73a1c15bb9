#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Machine checks, put into the processors' banks by QEMU's monitor: what can
be lived with is told on the console and in Dom0's /dev/mcelog; what cannot
ends Dom0 or the machine, which then starts again."""

import struct
import sys

import harness

# Bits of a bank's status, and of the global one (Intel SDM vol. 3, 15.3).
VALID, OVER, UC, EN, MISCV, ADDRV, PCC, SIGNALED, ACTION = (
    1 << n for n in range(63, 54, -1))
TOLD = VALID | EN | MISCV | ADDRV
RIPV, EIPV, MCIP = 1, 2, 4

READ_LOG = ('until dd if=/dev/mcelog of=/tmp/mce bs=64k count=1 2>/dev/null '
            '&& [ -s /tmp/mce ]; do usleep 100000; done; '
            "hexdump -v -e '1/1 \"%02x\"' /tmp/mce")
RECORD = struct.Struct('<7Q2BHI4B3I4Q') # struct xen_mce of Linux


def inject(m, cpu, bank, status, gstatus, addr, others=False):
    """The line that tells of it, up to the address."""
    m.monitor('mce %s%d %d %#x %d %#x 0x8c' % (
        '-b ' if others else '', cpu, bank, status, gstatus, addr))
    return 'bank %d status %016x address %x misc 8c' % (bank, status, addr)


def told(report, m, name, what, line, mark, **wait):
    found = m.wait('machine check, %s: %s' % (what, line), 120, mark, **wait)
    report.check('%s is told on the console' % name, found)


def logged(report, m, name, cpu, bank, status):
    """Among the records that Dom0's kernel has got is this one."""
    text = m.must(READ_LOG)
    records = [r for r in RECORD.iter_unpack(bytes.fromhex(text.strip()))]
    report.check('%s is in /dev/mcelog' % name, any(
        r[0] == status and r[12] == bank and r[13] == cpu for r in records),
        records)


def check_survived(report, m):
    report.check('Dom0 knows the processors',
                 'mcelog registered by Xen' in m.must('dmesg'))
    mark = m.mark()
    line = inject(m, 1, 5, TOLD | 0x135, 0, 0x12345678)
    told(report, m, 'a corrected error', 'corrected', line, mark)
    logged(report, m, 'a corrected error', 1, 5, TOLD | 0x135)
    # lost data that nobody has used; the other processor hears of it too
    status = TOLD | UC | SIGNALED | 0xcf
    for cpu in 0, 1:
        mark = m.mark()
        line = inject(m, cpu, 6, status, MCIP | RIPV, 0x1000000, True)
        told(report, m, 'lost data on CPU %d' % cpu, 'uncorrected', line,
             mark)
        logged(report, m, 'lost data on CPU %d' % cpu, cpu, 6, status)
    report.check('Dom0 goes on', m.must('echo here').strip() == 'here')


def check_fatal(report, m):
    mark = m.mark()
    line = inject(m, 1, 2, TOLD | UC | PCC | 0x800, MCIP, 0xdead000)
    told(report, m, 'a fatal error', 'uncorrected', line, mark, fatal=None)
    m.wait('Panic on CPU 1: machine check, global status 0x4', 60, mark,
           fatal=None)
    report.check('a fatal error is the end', True)
    m.wait('Xenolith version', 300, mark, fatal=None)
    report.check('then the machine starts again', True)
    told(report, m, 'what was in the banks', 'left from before the start',
         line, mark, fatal=None)


# until the process has run for half a second
BUSY = ('taskset 2 sh -c "while :; do :; done" >/dev/null 2>&1 & '
        'until [ "$(cut -d " " -f 14 /proc/$!/stat)" -gt 50 ]; '
        'do usleep 100000; done')
USED = 'd0 crashed: it used memory that has lost its data'


def use_lost_data(m):
    """A process runs on CPU 1 all the time, and uses lost data. If that met
    the hypervisor instead, which runs there too at times, it is fatal: False,
    and Dom0 is there anew."""
    m.must(BUSY)
    mark = m.mark()
    line = inject(m, 1, 1, TOLD | UC | SIGNALED | ACTION | 0x134,
                  MCIP | RIPV | EIPV, 0x2000000)
    m.wait('machine check, uncorrected: ' + line, 60, mark, fatal=None)
    found = m.wait(USED + '|Panic on CPU 1: machine check', 60, mark,
                   fatal=None).group()
    m.wait('Xenolith version', 300, mark, fatal=None)
    if found == USED.encode():
        return True
    m.wait(r'@@agent listens', 300, mark, fatal=None)
    return False


def check_used(report, m):
    report.check('who used lost data is ended, then the machine starts again',
                 any(use_lost_data(m) for _ in range(5)))


def test(report, args):
    with harness.Machine('mce', args, cpus=2, reboot=True,
                         qemu=harness.MONITOR,
                         xen_args='mce_poll=1 noreboot=false '
                         'dom0_vcpus_pin') as m:
        m.dom0()
        check_survived(report, m)
        mark = m.mark()
        check_fatal(report, m)
        m.wait(r'@@agent listens', 300, mark, fatal=None)
        check_used(report, m)


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
