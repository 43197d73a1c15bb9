#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Machine checks, put into the processors' banks by QEMU's monitor: what can
be lived with is told on the console and in Dom0's /dev/mcelog; who used lost
data is ended; what is fatal ends the machine, which then starts again."""

import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'pair'))
import harness  # noqa: E402
from guests import Tools, create  # noqa: E402

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
BUSY = ('(while :; do :; done) >/dev/null 2>&1 & '
        'until [ "$(cut -d " " -f 14 /proc/$!/stat)" -gt 50 ]; do %s; done')
USED = 'd%d crashed: it used memory that has lost its data'


def use_lost_data(m, cpu, domain):
    """The CPU uses lost data while the domain is busy there. If that met the
    hypervisor instead, which runs there too at times, it is fatal: False, and
    Dom0 is there anew."""
    mark = m.mark()
    line = inject(m, cpu, 1, TOLD | UC | SIGNALED | ACTION | 0x134,
                  MCIP | RIPV | EIPV, 0x2000000)
    m.wait('machine check, uncorrected: ' + line, 60, mark, fatal=None)
    used = USED % domain
    found = m.wait('%s|Panic on CPU %d: machine check' % (used, cpu), 60, mark,
                   fatal=None).group()
    if found == used.encode():
        return True
    m.wait(r'@@agent listens', 300, mark, fatal=None)
    return False


def guest_uses_lost_data(report, m, tools):
    if not create(report, m, tools, 'g1', 'cloud', 1, 128, '10.77.0.11'):
        return False
    m.must('xm vcpu-pin g1 0 1')
    tools.talk('g1', BUSY % ':')
    return use_lost_data(m, 1, int(tools.ids()['g1']))


def check_guest(report, m):
    tools = Tools(m, 'ours')
    report.check('a guest that used lost data is ended', any(
        guest_uses_lost_data(report, m, tools) for _ in range(5)))
    report.check('it is gone', tools.gone('g1'))
    report.check('Dom0 goes on without it',
                 m.must('echo here').strip() == 'here')


def dom0_uses_lost_data(m):
    m.must(BUSY % 'usleep 100000')
    return use_lost_data(m, 0, 0)


def check_dom0(report, m):
    mark = m.mark()
    report.check('Dom0 is ended too', any(
        dom0_uses_lost_data(m) for _ in range(5)))
    m.wait('Xenolith version', 300, mark, fatal=None)
    report.check('then the machine starts again', True)


def test(report, args):
    with harness.Machine('mce', args, cpus=2, reboot=True,
                         qemu=harness.MONITOR,
                         xen_args='mce_poll=1 noreboot=false '
                         'dom0_max_vcpus=1 dom0_vcpus_pin') as m:
        m.dom0()
        check_survived(report, m)
        check_guest(report, m)
        mark = m.mark()
        check_fatal(report, m)
        m.wait(r'@@agent listens', 300, mark, fatal=None)
        check_dom0(report, m)


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
