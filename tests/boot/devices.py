#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Disks, network cards and interrupts of Dom0: two machines, one wire each
for a virtio and an e1000 card; a virtio and an AHCI disk in the first."""

import hashlib
import os
import re
import shutil
import sys
import tempfile

import harness

DISK = 24 << 20


def wires(folder, side):
    """Two network cards; the wire is a socket in a private folder."""
    words = []
    for i, card in enumerate(('virtio-net-pci', 'e1000')):
        words += ['-netdev', 'stream,id=n%d,server=%s,addr.type=unix,'
                  'addr.path=%s/wire%d' % (i, 'on' if side == 1 else 'off',
                                           folder, i),
                  '-device', '%s,netdev=n%d,mac=52:54:00:00:%02x:%02x'
                  % (card, i, i, side)]
    return words


def disks(folder):
    words = ['-device', 'ahci,id=sata']
    for name, device in (('virtio', 'virtio-blk-pci'),
                         ('sata', 'ide-hd,bus=sata.0')):
        path = os.path.join(folder, name + '.img')
        with open(path, 'wb') as f:
            f.truncate(DISK)
        words += ['-drive', 'file=%s,format=raw,if=none,id=d-%s'
                  % (path, name),
                  '-device', '%s,drive=d-%s,serial=XT%s'
                  % (device, name, name)]
    return words


def check_disk(report, m, folder, name, driver, device):
    r = m.run('/xt/disk-check %s %d' % (device, DISK >> 20), 300)
    report.check('%s: what was written is read back' % driver,
                 r.status == 0, r)
    found = re.search(r'sha256 ([0-9a-f]{64})', r.text)
    with open(os.path.join(folder, name + '.img'), 'rb') as f:
        outside = hashlib.sha256(f.read()).hexdigest()
    report.check('%s: it stands on the medium' % driver,
                 found and found.group(1) == outside, r)


def set_address(m, mac, address):
    m.must('ifconfig $(/xt/card-with %s) %s netmask 255.255.255.0 up'
           % (mac, address))


def check_wire(report, a, b, i, card):
    set_address(a, '52:54:00:00:%02x:01' % i, '10.80.%d.1' % i)
    set_address(b, '52:54:00:00:%02x:02' % i, '10.80.%d.2' % i)
    a.run('until ping -c 1 -W 1 10.80.%d.2; do :; done' % i, 60)
    r = a.run('ping -c 20 -i 0.1 -s 1400 10.80.%d.2' % i)
    report.check('%s: twenty large packets go and return' % card,
                 ' 0% packet loss' in r.text, r)
    # what the far end read, it sends back as a checksum
    b.must('nc -l -p 7000 -e sha256sum >/dev/null 2>&1 & '
           'until netstat -ltn | grep -q :7000; do usleep 100000; done')
    a.must('dd if=/dev/urandom of=/tmp/sent bs=64k count=64 2>/dev/null')
    r = a.run('nc 10.80.%d.2 7000 </tmp/sent' % i, 120)
    report.check('%s: 4 MiB over TCP arrive unchanged' % card,
                 r.text == a.must('sha256sum </tmp/sent'), r)


def check_interrupts(report, m):
    """Every VCPU takes timer and call interrupts; the queues of a virtio
    disk spread over the VCPUs; the AHCI disk's one interrupt can be moved."""
    text = m.must('cat /proc/interrupts')
    cpus = len(text.split('\n')[0].split())
    for kind in ('timer0', 'resched0', 'callfunc0'):
        report.check('there are %s interrupts' % kind, kind in text, text)
    for cpu in range(cpus):
        r = m.run('/xt/irq-spread virtio %d' % cpu)
        report.check('a virtio queue interrupts VCPU %d' % cpu,
                     r.status == 0, r)
        r = m.run('/xt/irq-move ahci sda %d' % cpu)
        report.check('the AHCI interrupt moves to VCPU %d' % cpu,
                     r.status == 0, r)


def test(report, args):
    folder = tempfile.mkdtemp(prefix='devices-', dir=harness.BUILD)
    try:
        with harness.Machine('devices-1', args, cpus=args.cpus, mem=1536,
                             qemu=wires(folder, 1) + disks(folder)) as a:
            # the first one's sockets are there before it says anything
            a.wait('Booting', 60)
            with harness.Machine('devices-2', args, mem=1536,
                                 qemu=wires(folder, 2)) as b:
                a.dom0()
                check_disk(report, a, folder, 'virtio', 'virtio-blk',
                           '/dev/$(/xt/disk-named XTvirtio)')
                check_disk(report, a, folder, 'sata', 'ahci',
                           '/dev/$(/xt/disk-named XTsata)')
                check_interrupts(report, a)
                b.dom0()
                check_wire(report, a, b, 0, 'virtio-net')
                check_wire(report, a, b, 1, 'e1000')
                for m in (a, b):
                    report.check('%s complains of nothing' % m.name,
                                 not m.complaints(),
                                 '\n'.join(m.complaints()))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


parser = harness.arguments(__doc__)
parser.add_argument('--cpus', type=int, default=2)
sys.exit(harness.main(test, parser.parse_args()))
