# SPDX-License-Identifier: GPL-2.0
"""Boots a test kernel as Dom0 in QEMU, and reads its serial line.

Keeps true: what is started here is ended here, with all its children; QEMU
also ends when this program is killed.
"""
import gzip
import os
import select
import shutil
import signal
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get('XT_BUILD', os.path.join(TOP, 'build'))


def _ended(*_):
    raise SystemExit('ended by a signal')


# Ended from outside we still end what we started.
signal.signal(signal.SIGTERM, _ended)
QEMU = os.environ.get('QEMU', 'qemu-system-x86_64').split()


def multiboot1(path):
    """Does QEMU's own loader know this image?"""
    with open(path, 'rb') as f:
        head = f.read(8192)
    return head[:5] == b'\x7fELF\x01' and b'\x02\xb0\xad\x1b' in head


def unpacked(path, work):
    with open(path, 'rb') as f:
        data = f.read()
    if data[:2] != b'\x1f\x8b':
        return path
    out = os.path.join(work, 'xen')
    with open(out, 'wb') as f:
        f.write(gzip.decompress(data))
    return out


def grub_iso(work, xen, kernel, hv_args, args, initrd=None, text=False):
    """A CD whose GRUB starts the hypervisor with our kernel as Dom0; text:
    the screen stays in text mode, whatever the hypervisor wishes."""
    tree = os.path.join(work, 'iso')
    os.makedirs(os.path.join(tree, 'boot/grub'), exist_ok=True)
    shutil.copy(xen, os.path.join(tree, 'boot/xen'))
    shutil.copy(kernel, os.path.join(tree, 'boot/kernel'))
    more = ''
    if initrd:
        shutil.copy(initrd, os.path.join(tree, 'boot/initrd'))
        more = 'module2 /boot/initrd\n'
    if text:
        more += 'set gfxpayload=text\n'
    with open(os.path.join(tree, 'boot/grub/grub.cfg'), 'w') as f:
        f.write('set timeout=0\nserial --unit=0 --speed=115200\n'
                'terminal_output serial\n'
                'multiboot2 /boot/xen %s\nmodule2 /boot/kernel %s\n%sboot\n'
                % (hv_args, args, more))
    iso = os.path.join(work, 'boot.iso')
    subprocess.run(['grub-mkrescue', '-d', '/usr/lib/grub/i386-pc',
                    '--modules=multiboot2 serial', '-o', iso, tree], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return iso


class Guest:
    """One boot: lines of the serial port as they come."""

    def __init__(self, command, env=None):
        self.process = subprocess.Popen(
            ['setpriv', '--pdeathsig', 'KILL'] + command,
            stdin=subprocess.DEVNULL, env=env,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        self.rest = b''
        self.log = []

    def line(self, deadline):
        """The next line; None at the end of QEMU or of the time."""
        while b'\n' not in self.rest:
            left = deadline - time.monotonic()
            fd = self.descriptor()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                return None
            data = os.read(fd, 65536)
            if not data:
                return None
            self.rest += data
        line, self.rest = self.rest.split(b'\n', 1)
        text = line.decode(errors='replace').replace('\r', '')
        self.log.append(text)
        return text

    def descriptor(self):
        """Where the serial line comes out."""
        return self.process.stdout.fileno()

    def end(self):
        # QEMU may be a child of a wrapper: end all that we started.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


def boot(work, xen, kernel, hv_args, words, machine, by_grub=False):
    """Starts QEMU with these; machine is its command line but for that."""
    command = QEMU + ['-nic', 'none', '-display', 'none', '-monitor', 'none',
                      '-no-reboot', '-serial', 'stdio'] + machine
    if multiboot1(xen) and not by_grub:
        return Guest(command + ['-kernel', xen, '-append', hv_args, '-initrd',
                                kernel + ' ' + words.replace(',', ',,')])
    iso = grub_iso(work, xen, kernel, hv_args, words)
    return Guest(command + ['-cdrom', iso, '-boot', 'd'])
