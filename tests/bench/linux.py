#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Counts the instructions that a process under Linux costs, and how many of
them are the hypervisor's, on one or two hypervisors.

usage: tests/bench/linux.py [--xen IMAGE] [--other IMAGE] [--json FILE]

Boots Debian's kernel as Dom0 with one static program as its first process, in
QEMU under -icount, with a plugin that counts by address. Keeps true: nothing
is gated here.
"""
import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), 'guests'))
import boot  # noqa: E402  (the path has to come first)
from icount import HV_ARGS, MACHINE, debian  # noqa: E402

TOOLS = os.path.join(boot.BUILD, 'tests', 'bench')
PROGRAM = os.path.join(TOOLS, 'linux')
PLUGIN = os.path.join(TOOLS, 'split.so')
DOM0_ARGS = 'console=hvc0 mitigations=off nokaslr norandmaps'
SECONDS = 900

# The rows of linux.c: what one step is, and how many steps.
ROWS = (('getppid', 1000), ('fork, exit, wait', 50),
        ('page mapped, touched, unmapped', 20 * 64),
        ('byte through a pipe and back', 200))
KINDS = ('all', 'hypervisor', 'kernel', 'process')


def mark():
    """Where the program's mark() is."""
    for line in subprocess.run(['nm', PROGRAM], stdout=subprocess.PIPE,
                               check=True, text=True).stdout.split('\n'):
        if line.endswith(' T mark'):
            return int(line.split()[0], 16)
    sys.exit('no mark() in ' + PROGRAM)


def make_initrd(work):
    """An archive of the one program."""
    tree = os.path.join(work, 'root')
    os.mkdir(tree)
    os.symlink(PROGRAM, os.path.join(tree, 'init'))
    archive = subprocess.run(['cpio', '--quiet', '-o', '-L', '-H', 'newc'],
                             input=b'init\n', cwd=tree, check=True,
                             stdout=subprocess.PIPE).stdout
    path = os.path.join(work, 'initrd')
    with open(path, 'wb') as f:
        f.write(gzip.compress(archive))
    return path


def measure(image, kernel):
    """{row: {kind: instructions of one step}}."""
    with tempfile.TemporaryDirectory() as work:
        out = os.path.join(work, 'counts')
        modules = '%s %s,%s' % (kernel, DOM0_ARGS, make_initrd(work))
        guest = boot.Guest(
            boot.QEMU + ['-nic', 'none', '-display', 'none', '-monitor',
                         'none', '-no-reboot', '-serial', 'stdio'] + MACHINE +
            ['-m', '1024', '-plugin', '%s,mark=%#x,out=%s'
             % (PLUGIN, mark(), out), '-kernel', boot.unpacked(image, work),
             '-append', HV_ARGS.replace('dom0_mem=64M', 'dom0_mem=512M'),
             '-initrd', modules])
        deadline = time.monotonic() + SECONDS
        try:
            while guest.line(deadline) is not None:
                pass
        finally:
            guest.end()
        with open(out) as f:
            marks = [[int(n) for n in line.split()] for line in f]
        if len(marks) != 2 * len(ROWS):
            sys.exit('%d marks:\n%s' % (len(marks),
                                        '\n'.join(guest.log[-20:])))
    return {name: {kind: round((marks[2 * i + 1][k] - marks[2 * i][k]) / n)
                   for k, kind in enumerate(KINDS)}
            for i, (name, n) in enumerate(ROWS)}


def show(ours, other):
    print('%-32s %-10s %10s %10s %7s' % ('instructions, a step', 'whose',
                                         'ours', 'other', 'ratio'))
    for name, _ in ROWS:
        for kind in KINDS:
            a, b = ours[name][kind], other.get(name, {}).get(kind)
            print('%-32s %-10s %10d %10s %7s' % (
                name, kind, a, '-' if b is None else b,
                '%.2f' % (a / b) if b else '-'))


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--xen', default=os.path.join(boot.BUILD, 'xen.gz'))
    p.add_argument('--other', default=debian())
    p.add_argument('--kernel', default=os.path.join(boot.BUILD,
                                                    'debian/vmlinuz'))
    p.add_argument('--json', help='write the numbers to this file')
    args = p.parse_args()
    ours = measure(args.xen, args.kernel)
    other = measure(args.other, args.kernel) if args.other else {}
    show(ours, other)
    if args.json:
        with open(args.json, 'w') as f:
            json.dump({'ours': ours, 'other': other}, f, indent=1)


if __name__ == '__main__':
    main()
