#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A Debian server, installed as docs/INSTALL.md says, boots from its disk.

First the plain Debian on a fresh disk: the administrator installs GRUB, gives
the hypervisor's words, links a guest in /etc/xen/auto and enables the units.
Then the same disk by itself: GRUB's Xen entry, systemd, and the guest is there.
"""

import glob
import os
import re
import subprocess
import sys

import harness

CACHE = os.path.join(harness.BUILD, 'server')
GUEST = '''name    = "web1"
kernel  = "/root/guest/vmlinuz"
ramdisk = "/root/guest/initrd.gz"
memory  = 128
disk    = ['file:/root/guest/disk.img,xvda,w']
vif     = ['bridge=xenbr0']
extra   = "console=hvc0 xt.name=web1 xt.ip=10.77.0.3"
'''
INTERFACES = '''auto lo
iface lo inet loopback
auto xenbr0
iface xenbr0 inet static
    address 10.77.0.1/24
    bridge_ports none
'''
DEFAULTS = '''GRUB_CMDLINE_XEN="console=com1 com1=115200,8n1 loglvl=all \
dom0_mem=768M,max:768M"
GRUB_DISTRIBUTOR="Debian"
GRUB_DEFAULT="Debian GNU/Linux, with Xen hypervisor"
GRUB_CMDLINE_LINUX_XEN_REPLACE="console=hvc0"
GRUB_TERMINAL=serial
GRUB_TIMEOUT=1
'''


class Server(harness.Machine):
    """A machine that boots from its own disk; a shell on its console."""

    def _start(self, args, mem, cpus, uefi, xen_args, dom0_args, kernel,
               initrd, qemu, reboot, machine, medium):
        self._spawn(self._machine(args, machine, cpus, mem) + [
            '-no-reboot', '-drive',
            'file=%s/disk.img,format=raw,if=virtio' % CACHE] + qemu)

    def login(self, seconds):
        self.wait(r'xenserver login: ', seconds)
        self.send(b'root\n')
        self.wait(r'root@xenserver:~# ', 120)
        mark = self.mark()
        self.send(b"export SYSTEMD_PAGER=cat; "
                  b"bind 'set enable-bracketed-paste off'\n")
        self.wait(r'paste off.*[\r\n]+.*root@xenserver:~# ', 120, mark)

    def must(self, command, seconds=120):
        """Run one line in the shell; its output, if it succeeded."""
        self.asked += 1
        mark = self.mark()
        # the quotes keep the echoed line from being taken for the answer
        self.send(('%s; echo "@@"%d "$?"\n' % (command, self.asked)).encode())
        end = self.wait(r'^@@%d (\d+)' % self.asked, seconds, mark)
        text = self.since(mark)
        text = text[:text.rindex('@@%d' % self.asked)]
        # the terminal and the shell both echo what is typed early
        text = '\n'.join(line for line in text.split('\n')
                         if 'echo "@@"' not in line)
        if int(end.group(1)):
            raise harness.Failed('`%s` ended with %s:\n%s' % (
                command, end.group(1).decode(), text))
        return text

    def poweroff(self, seconds):
        self.send(b'systemctl poweroff\n')
        return self.wait_end(seconds)


def make(*words):
    r = subprocess.run(['make', '-s', '-C', harness.TOP,
                        'O=' + harness.BUILD] + list(words),
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       universal_newlines=True)
    if r.returncode:
        raise harness.Failed(r.stdout[-1000:])


def make_disk():
    install = os.path.join(CACHE, 'install')
    files = os.path.join(CACHE, 'files')
    guest = os.path.join(files, 'guest')
    subprocess.run(['rm', '-rf', install, files], check=True)
    os.makedirs(guest)
    make('install', 'DESTDIR=' + install)
    subprocess.run(['cp', glob.glob(
        harness.BUILD + '/debian/base/boot/vmlinuz-*cloud*')[0],
        guest + '/vmlinuz'], check=True)
    subprocess.run(['cp', harness.BUILD + '/dom0-root/boot/guest/initrd.gz',
                    guest + '/initrd.gz'], check=True)
    for name, text in (('web1', GUEST), ('interfaces', INTERFACES),
                       ('xen.cfg', DEFAULTS)):
        with open(os.path.join(files, name), 'w') as f:
            f.write(text)
    subprocess.run([os.path.join(harness.TOP, 'dom0/install-deps'),
                    'debootstrap', 'fdisk', 'e2fsprogs'], check=True,
                   stdout=subprocess.DEVNULL)
    r = subprocess.run(
        [os.path.join(harness.TOP, 'tests/boot/server/mkserver'),
         CACHE + '/tree', CACHE + '/disk.img'], stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, universal_newlines=True,
        env=dict(os.environ, INSTALL=install, FILES=files))
    if r.returncode:
        raise harness.Failed('mkserver: ' + r.stdout[-1000:])


def install(report, args):
    """What docs/INSTALL.md has the administrator do, in the plain Debian."""
    boot = CACHE + '/tree/boot/'
    with Server('server-plain', args, mem=1024, qemu=[
            '-kernel', glob.glob(boot + 'vmlinuz-*')[0],
            '-initrd', glob.glob(boot + 'initrd.img-*')[0],
            '-append', 'root=/dev/vda1 console=ttyS0']) as m:
        m.login(600)
        m.must('cp interfaces /etc/network/interfaces')
        m.must('mkdir -p /etc/default/grub.d && '
               'cp xen.cfg /etc/default/grub.d/xen.cfg')
        m.must('cp web1 /etc/xen/ && ln -s ../web1 /etc/xen/auto/')
        m.must('truncate -s 32M guest/disk.img && mkfs.ext4 -qF guest/disk.img')
        m.must('grub-install /dev/vda', 300)
        m.must('update-grub 2>&1', 300)
        text = m.must('grep /xen- /boot/grub/grub.cfg || true')
        report.check('update-grub finds the hypervisor',
                     re.search(r'multiboot2?\s+/boot/xen-\S+\.gz', text), text)
        m.must('systemctl enable --now xenstored xenconsoled xend xendomains '
               '2>&1', 300)
        text = m.must('systemctl is-active xenstored xend; '
                      'systemctl --failed --no-legend --plain')
        report.check('without the hypervisor the units stay off, unharmed',
                     text.split() == ['inactive', 'inactive'], text)
        report.check('the plain entry powers off', m.poweroff(300) == 0)


def serve(report, args):
    with Server('server-xen', args, mem=2048, cpus=2) as m:
        m.login(900)
        text = m.must('xm info')
        report.check('GRUB started the hypervisor by its default entry',
                     re.search(r'virt_caps|xen_version|xen_major', text), text)
        text = m.must('systemctl is-active xenstored xenconsoled xend '
                      'xendomains', 300)
        report.check('the units run', text.split() == ['active'] * 4, text)
        text = m.must('systemctl --failed --no-legend --plain')
        report.check('no unit failed', not text.strip(), text)
        text = m.must('xm list')
        report.check('the guest was started from /etc/xen/auto',
                     re.search(r'^web1 ', text, re.M), text)
        text = m.must('for i in $(seq 600); do ping -c 1 -W 1 10.77.0.3 && '
                      'break; done', 900)
        report.check('it answers over the bridge', ' 0% packet loss' in text,
                     text)
        m.must('systemctl restart xenstored xenconsoled xend 2>&1', 300)
        text = m.must('xm list && systemctl is-active xend xendomains')
        report.check('the daemons can be restarted, the guest goes on',
                     re.search(r'^web1 ', text, re.M) and
                     text.split()[-2:] == ['active'] * 2, text)
        report.check('the server powers off', m.poweroff(600) == 0)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


def test(report, args):
    make_disk()
    install(report, args)
    serve(report, args)


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
