# SPDX-License-Identifier: GPL-2.0
"""Boots a hypervisor with a Dom0 in Bochs, and reads its serial line.

Bochs does what QEMU's TCG does not: x2APIC, the TSC deadline timer, SMAP as
processors have it, compact XSAVE. It is slower, and needs GRUB.

Keeps true: as boot.py; nobody looks at its screen, but what is written there
is read, or Bochs would wait for that.
"""
import os
import re
import shutil
import threading
import tty

import boot

# 20 million instructions a second of its own time: delays are short, and the
# firmware's longest is three seconds.
CONFIG = '''
display_library: term
plugin_ctrl: speaker=0
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
cpu: model=%(model)s, count=%(cpus)d, ips=20000000, reset_on_triple_fault=0
megs: %(mem)d
ata0-master: type=cdrom, path=%(iso)s, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=%(line)s
log: %(work)s/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
'''
MODEL = 'corei7_skylake_x'


class Bochs(boot.Guest):
    """One boot; the serial line comes through a named pipe."""

    def __init__(self, work, iso, cpus, mem, model=MODEL):
        line = os.path.join(work, 'com1')
        os.mkfifo(line)
        self.serial = os.open(line, os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(self.serial, True)
        with open(os.path.join(work, 'bochsrc'), 'w') as f:
            f.write(CONFIG % locals())
        with open(os.path.join(work, 'go'), 'w') as f:
            f.write('continue\n')
        super().__init__(['bochs', '-q', '-f', os.path.join(work, 'bochsrc'),
                          '-rc', os.path.join(work, 'go')],
                         dict(os.environ, TERM='xterm'))
        threading.Thread(target=self._drain, daemon=True).start()

    def descriptor(self):
        return self.serial

    def end(self):
        super().end()
        os.close(self.serial)

    def _drain(self):
        """Its own words, and the screen whose name is among them."""
        try:
            for line in self.process.stdout:
                found = re.search(rb'connected to screen "(.*?)"', line)
                if found:
                    threading.Thread(target=self._read_screen, daemon=True,
                                     args=(found.group(1),)).start()
        except ValueError:
            pass  # closed by end()

    @staticmethod
    def _read_screen(name):
        screen = os.open(name, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(screen)
        try:
            while os.read(screen, 65536):
                pass
        except OSError:
            pass
        os.close(screen)


def installed():
    return shutil.which('bochs') and os.path.exists(
        '/usr/share/bochs/BIOS-bochs-latest')


def boot_bochs(work, xen, kernel, hv_args, words, cpus=1, mem=512, initrd=None):
    iso = boot.grub_iso(work, xen, kernel, hv_args, words, initrd, True)
    return Bochs(work, iso, cpus, mem)
