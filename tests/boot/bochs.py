#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Debian's kernel as Dom0 in Bochs, on a machine as QEMU's TCG does not make
it: x2APIC, the TSC deadline timer, SMAP, compact XSAVE. It comes to its first
process, which shows what it found and switches the machine off."""

import gzip
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'guests'))
import bochs
import boot
import harness

HV_ARGS = ('com1=115200,8n1 console=com1 dom0_mem=384M noreboot loglvl=all '
           'guest_loglvl=all x2apic=1')
INIT = '''#!/bin/busybox sh
/bin/busybox mkdir /proc
/bin/busybox mount -t proc proc /proc
/bin/busybox cat /proc/interrupts
/bin/busybox grep -m 1 '^flags' /proc/cpuinfo
/bin/busybox echo "@@up $(/bin/busybox nproc)"
/bin/busybox poweroff -f
'''


def make_initrd(path, folder, busybox):
    """A file system of one program and one script."""
    os.makedirs(os.path.join(folder, 'bin'))
    with open(busybox, 'rb') as f, open(
            os.path.join(folder, 'bin/busybox'), 'wb') as g:
        g.write(f.read())
    with open(os.path.join(folder, 'init'), 'w') as f:
        f.write(INIT)
    for name in 'bin/busybox', 'init':
        os.chmod(os.path.join(folder, name), 0o755)
    files = '\n'.join(('.', 'bin', 'bin/busybox', 'init', ''))
    archive = subprocess.run(['cpio', '--quiet', '-o', '-H', 'newc'],
                             input=files.encode(), cwd=folder, check=True,
                             stdout=subprocess.PIPE).stdout
    with open(path, 'wb') as f:
        f.write(gzip.compress(archive))


def console(machine, seconds, show):
    """All lines, and whether Bochs ended by itself: it does at power-off."""
    deadline = time.monotonic() + seconds
    while True:
        line = machine.line(deadline)
        if line is None:
            return '\n'.join(machine.log), time.monotonic() < deadline
        if show:
            print(line, file=sys.stderr, flush=True)
        if re.search(harness.FATAL, line):
            return '\n'.join(machine.log), False


def check_log(report, text, ended):
    tail = text[-1500:]
    for name, words in (
            ('x2APIC and the TSC deadline timer are used',
             r'LAPIC: x2APIC, id 0, deadline timer'),
            ('SMAP is on', r'CPU: .* smap'),
            ('two CPUs run', r'2 CPUs online'),
            ('Dom0 comes to its first process, on two VCPUs', r'@@up 2'),
            ('its processes have AVX-512 and compact XSAVE',
             r'flags.* avx512f .* xsavec ')):
        report.check(name, re.search(words, text), tail)
    report.check('Dom0 switches the machine off', ended, tail)
    bad = re.findall(harness.FATAL + '|' + harness.COMPLAINTS, text)
    report.check('nobody complains', not bad, '%s\n%s' % (bad, tail))


def test(report, args):
    if not bochs.installed():
        report.skip('bochs', 'there is none (packages bochs, bochs-term)')
        return
    with tempfile.TemporaryDirectory(dir=harness.BUILD) as work:
        initrd = os.path.join(work, 'initrd')
        make_initrd(initrd, os.path.join(work, 'root'), os.path.join(
            harness.BUILD, 'debian/base/bin/busybox'))
        machine = bochs.boot_bochs(
            work, boot.unpacked(args.xen, work), args.kernel, HV_ARGS,
            'console=hvc0', 2, 512, initrd)
        try:
            text, ended = console(machine, args.seconds, args.show)
        finally:
            machine.end()
        os.makedirs(harness.LOGS, exist_ok=True)
        with open(os.path.join(harness.LOGS, 'bochs.log'), 'w') as f:
            f.write(text)
        check_log(report, text, ended)


parser = harness.arguments(__doc__)
parser.add_argument('--seconds', type=int, default=1700)
sys.exit(harness.main(test, parser.parse_args()))
