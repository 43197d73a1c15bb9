#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Bad modules and bad words: one clear line each, and no silent death.

Most machines here never reach Dom0, so each is ended as soon as its line is
on the console. The patterns take our wording and that of Debian's Xen."""

import lzma
import os
import struct
import sys
import tempfile

import harness

def payload_of(kernel):
    """Where a bzImage keeps its packed kernel: (image, offset, size)."""
    with open(kernel, 'rb') as f:
        image = bytearray(f.read())
    setup = (image[0x1f1] or 4) + 1
    offset, size = struct.unpack_from('<II', image, 0x248)
    return image, setup * 512 + offset, size


def damaged(kernel, folder):
    """The same kernel with some bytes of its payload turned over."""
    image, at, size = payload_of(kernel)
    for i in range(at + size // 2, at + size // 2 + 64):
        image[i] ^= 0xa5
    path = os.path.join(folder, 'damaged')
    with open(path, 'wb') as f:
        f.write(image)
    return path


def unknown_packing(kernel, folder):
    """The same kernel with a payload that begins like nothing known."""
    image, at, _ = payload_of(kernel)
    image[at:at + 8] = b'NOTAPACK'
    path = os.path.join(folder, 'unknown')
    with open(path, 'wb') as f:
        f.write(image)
    return path


def not_pv(kernel, folder):
    """The kernel as ELF, its PV notes renamed so that no one reads them."""
    image, at, size = payload_of(kernel)
    elf = lzma.LZMADecompressor().decompress(bytes(image[at:at + size]))
    path = os.path.join(folder, 'nopv')
    elf = bytearray(elf)
    at = elf.find(b'Xen\0')
    while at >= 0:
        name, length, note = struct.unpack_from('<III', elf, at - 12)
        if name == 4 and length < 40 and note < 32:
            elf[at:at + 4] = b'Yen\0'
        at = elf.find(b'Xen\0', at + 4)
    with open(path, 'wb') as f:
        f.write(elf)
    return path


def stops(report, args, what, pattern, **machine):
    """The boot ends with a line that names the trouble."""
    name = 'bad-' + what.replace(' ', '-')
    with harness.Machine(name, args, **machine) as m:
        try:
            m.wait(pattern, 120, fatal='@@agent listens')
            report.check(what + ': named on the console', True)
        except harness.Failed as e:
            report.check(what + ': named on the console', False, e)
            m.print_tail(20)


def goes_on(report, args, what, pattern, **machine):
    """The boot warns of the trouble and reaches Dom0."""
    name = 'bad-' + what.replace(' ', '-')
    with harness.Machine(name, args, **machine) as m:
        m.wait(r'dom0 userland', 300)
        text = m.since(0)
        good = pattern is None or harness.re.search(pattern, text)
        report.check(what + ': Dom0 runs and the console warns', good,
                     text[-1500:])


def test(report, args):
    folder = tempfile.mkdtemp(prefix='bad-', dir=harness.BUILD)
    debian = 'debian' in args.xen
    try:
        stops(report, args, 'no kernel', r'(?i)(kernel|module|multiboot)'
              r'.*(missing|no |need)|(no|missing|without).*(kernel|module)|'
              r'dom0 kernel not specified', kernel='-', initrd='-')
        stops(report, args, 'damaged payload',
              r'(?i)decompress|unpack|damaged|corrupt|xz|XZ',
              kernel=damaged(args.kernel, folder))
        stops(report, args, 'unknown payload',
              r'(?i)(unknown|unrecogni[sz]ed|unsupported|not).*'
              r'(pack|compress|format|ELF)|ELF.*(not|bad|no)|Panic',
              kernel=unknown_packing(args.kernel, folder))
        stops(report, args, 'kernel without PV notes',
              r'(?i)(no|not|without|miss).*(note|PV|Xen)|Panic|'
              r'Cannot start Dom0: kernel',
              kernel=not_pv(args.kernel, folder))
        stops(report, args, 'too little memory',
              r'(?i)(not enough|too little|out of|insufficient|low).*'
              r'(memory|ram|mem)|(memory|mem).*(small|little)|Panic|'
              r'Could not', mem=96, dom0_mem='dom0_mem=64M')
        goes_on(report, args, 'unknown word',
                None if debian else r'(?i)quux.*not known',
                xen_args='quux=1')
        if not debian:
            stops(report, args, 'bad dom0_mem', r'dom0_mem: bad value',
                  dom0_mem='dom0_mem=lots')
    finally:
        harness.shutil.rmtree(folder, ignore_errors=True)


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
