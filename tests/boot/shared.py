#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Three devices on one level-triggered line, all busy at once: an AHCI disk
and two e1000 cards joined by a wire. Without MSI every interrupt is that
line's; nothing may be lost, and the line may not stay masked."""

import os
import re
import sys

import harness

MACS = '52:54:00:00:81:01', '52:54:00:00:81:02'
MIB = 16
TROUBLE = (r'nobody cared|NETDEV WATCHDOG|Tx Unit Hang|exception Emask|'
           r'lost interrupt')


def devices(folder):
    """On slots four apart a PC's firmware gives their pins one line."""
    path = os.path.join(folder, 'shared.img')
    with open(path, 'wb') as f:
        f.truncate(MIB << 20)
    words = ['-device', 'ahci,id=sata,addr=4', '-drive',
             'file=%s,format=raw,if=none,id=d' % path, '-device',
             'ide-hd,bus=sata.0,drive=d,serial=XTsata']
    for i, slot in enumerate((8, 12)):
        words += ['-netdev', 'hubport,id=n%d,hubid=0' % i, '-device',
                  'e1000,netdev=n%d,mac=%s,addr=%d' % (i, MACS[i], slot)]
    return words


def line_of_all(text):
    """Number of the line that has the three; None: there is none."""
    found = re.search(r'^ *(\d+):.* ahci.*eth\d.*eth\d', text, re.M)
    return int(found.group(1)) if found else None


def count(m, irq):
    """How often it came, to all VCPUs."""
    words = m.must('grep "^ *%d:" /proc/interrupts' % irq).split()[1:]
    return sum(int(w) for w in words if w.isdigit())


def check_line(report, m, irq):
    """The hypervisor waits for nobody when all is quiet."""
    m.must('xm debug-keys i')
    found = re.search(r'irq %d: IO-APIC level .* owing (\d+) count (\d+)'
                      % irq, m.must('xm dmesg | grep "irq %d:"' % irq))
    report.check('nobody owes the end of an interrupt',
                 found and found.group(1) == '0', found)


def test(report, args):
    folder = os.path.join(harness.BUILD, 'shared')
    os.makedirs(folder, exist_ok=True)
    with harness.Machine('shared', args, cpus=2, mem=1536,
                         dom0_args='pci=nomsi', qemu=devices(folder)) as m:
        m.dom0()
        for mac in MACS:
            m.must('ifconfig $(/xt/card-with %s) up' % mac)
        text = m.must('cat /proc/interrupts')
        irq = line_of_all(text)
        if not report.check('the three devices share one line', irq, text):
            return
        before = count(m, irq)
        for i in range(args.rounds):
            r = m.run('/xt/shared-load %s %s /dev/$(/xt/disk-named XTsata) %d'
                      % (*MACS, MIB), 600)
            report.check('load %d: all that was sent came' % (i + 1),
                         r.status == 0 and 'all came' in r.text, r)
        after = count(m, irq)
        report.check('by way of that line', after > before + 1000,
                     (before, after))
        if 'Xenolith version' in m.since(0): # who else says it in other words
            check_line(report, m, irq)
        bad = m.complaints() + re.findall(TROUBLE, m.must('dmesg'))
        report.check('nobody complains', not bad, '\n'.join(bad))


parser = harness.arguments(__doc__)
parser.add_argument('--rounds', type=int, default=2)
sys.exit(harness.main(test, parser.parse_args()))
