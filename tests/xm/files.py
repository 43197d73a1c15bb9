#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Files as administrators and their programs have written them since 2005:
each is taken, says no more than it should, and means what it meant.

usage: files.py [XM]
"""
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get('XT_BUILD', os.path.join(TOP, 'build'))
XM = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    BUILD, 'tests/xm/xm-san')

# Who writes so; the file; words on the command line; what stands in the
# description for xend; what is said, without the file's name.
TAKEN = (
    ('an installer', '''# made by a program
name = "mail"
uuid = "0f6e1f0c-54a8-4f4c-8d2b-4c6f1b6b9d01"
maxmem = 512
memory = "256"
vcpus = 1
bootloader="/usr/bin/pygrub"
vfb = [ "type=vnc,vncunused=1,keymap=en-us" ]
disk = [ "tap:aio:/srv/mail.img,xvda,w", ]
vif = [ "mac=00:16:3e:01:02:03,bridge=xenbr0,script=vif-bridge", ]
on_reboot   = 'restart'
''', (), ('(memory 256)', '(uname tap:aio:/srv/mail.img)',
          '(script vif-bridge)'), ()),
    ('a template', '''#
#  Kernel + memory size
#
kernel  = '/boot/vmlinuz-2.6.26-2-xen-amd64'
ramdisk = '/boot/initrd.img-2.6.26-2-xen-amd64'
memory  = '128'
root    = '/dev/sda2 ro'
disk    = [
              'phy:vg0/web-disk,sda2,w',
              'phy:vg0/web-swap,sda1,w',
          ]
name    = 'web.example.org'
dhcp    = 'dhcp'
vif     = [ 'ip=10.1.2.3,' ]
''', (), ('(name web.example.org)', "(root '/dev/sda2 ro')",
          '(ip :127.0.255.255::::eth0:dhcp)', '(ip 10.1.2.3)'), ()),
    ('a program for clusters', '''# this is made by a program, do not edit
kernel = '/boot/vmlinuz-2.6-xenU'
memory = 512
vcpus = 2
cpus = [ "0","1" ]
name = 'node1'
vif = ['mac=aa:00:00:01:02:03, bridge=xen-br0']
disk = ['file:/srv/node1/0,sda,w','tap2:tapdisk:aio:/srv/node1/1,sdb,r']
root = '/dev/sda1'
extra = 'ro'
''', (), ('(cpus (0 1))', '(uname tap2:tapdisk:aio:/srv/node1/1)'), ()),
    ('a copy of the example for HVM guests', '''import os, re
arch = os.uname()[4]
if re.search('64', arch):
    arch_libdir = 'lib64'
else:
    arch_libdir = 'lib'
device_model = '/usr/' + arch_libdir + '/xen/bin/qemu-dm'
kernel = "/boot/vmlinuz-2.6-xenU"
builder = "linux"
name = "f6"; vif = ['']
disk = ['file:/xen/f6.img,ioemu:sda1,w']
serial = 'pty'
sdl = 0
''', (), ('(dev ioemu:sda1)',),
     (': without effect, being for HVM guests: device_model, serial',)),
    ('one file for many guests', '''def vmid_check(var, val):
    val = int(val)
    if val <= 0:
        raise ValueError
    return val

xm_vars.var('vmid', use="Number of the guest.", check=vmid_check)
xm_vars.check()
kernel = "/boot/vmlinuz"
name = "VM%d" % vmid
disk = [ 'phy:sda%d,sda1,w' % (7+vmid),
         'phy:sda6,sda6,r' ]
''', ('vmid=3',), ('(name VM3)', '(uname phy:sda10)'), ()),
    ('a hand, with names of its own', '''vg = 'vg0'; name = "alpha"
base = "/boot/vmlinuz-"
kernel = base + "2.6.18-6-xen-amd64"
disk = [ 'phy:%s/%s,xvda,w' % (vg, name) ] \\
     + [ 'drbd:%s,xvdb,w!' % name ]
extra = "console=hvc0"
extra += " quiet"
memroy = 64
restart = 'onreboot'
''', (), ('(kernel /boot/vmlinuz-2.6.18-6-xen-amd64)', '(uname drbd:alpha)',
          "(args 'console=hvc0 quiet')", '(on_crash destroy)'),
     (":8:1: unknown key 'memroy'; did you mean 'memory'?",)),
    ('xl', '''name = "new"
type = "pv"
kernel = "/boot/vmlinuz"
maxvcpus = 4
vcpus = 2
disk = [ '/dev/vg/new,raw,xvda,rw' ]
vif = [ 'script=vif-openvswitch,bridge=ovsbr0' ]
''', (), ('(maxvcpus 4)', '(uname file:/dev/vg/new)', '(mode rw)'), ()),
)

# What cannot be: the file, and the one line that says why.
REFUSED = (
    ('builder="hvm"\nvnc=1\n', ':1:9: only paravirtual guests can be built'),
    ('disk=[]\nfor i in range(3):\n    disk.append("x")\n',
     ":2:1: 'for' is not understood"),
    ('import os\nname=os.path.basename("/x")\n',
     ':2:6: os.path.basename() is not understood'),
    ('name = mail\n', ":1:8: name 'mail' is not defined (quotes forgotten?)"),
    ("disk = ['phy:a,xvda,w'\n        'phy:b,xvdb,w']\n",
     ':1:9: disk '),
    ("vif = ['brige=xenbr0']\n", ":1:8: vif: unknown key 'brige'"),
)


def create(text, words=()):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, 'guest')
        with open(path, 'w') as f:
            f.write(text)
        r = subprocess.run([XM, 'create', '-q', '-n', path, *words],
                           capture_output=True, text=True)
    flat = re.sub(r'\s+', ' ', r.stdout).replace('( ', '(').replace(' )', ')')
    return r.returncode, flat, r.stderr.replace(path, '').splitlines()


def check(sentence, ok, got):
    print('%s files: %s' % ('PASS' if ok else 'FAIL', sentence) +
          ('' if ok else ': got %r' % (got,)))
    return ok


def main():
    ok = True
    for who, text, words, parts, said in TAKEN:
        got = create(text, words)
        ok &= check('as %s writes them' % who, got[0] == 0 and
                    all(part in got[1] for part in parts) and
                    got[2] == ['Warning: ' + s for s in said], got)
    for text, why in REFUSED:
        got = create(text)
        ok &= check('refused with FILE%s' % why, got[0] == 1 and len(got[2]) == 1 and
                    got[2][0].startswith('Error: ' + why), got)
    return 0 if ok else 1


sys.exit(main())
