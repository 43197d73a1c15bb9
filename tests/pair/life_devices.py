# SPDX-License-Identifier: GPL-2.0
"""Disks and interfaces as a domain's file may ask for them: what Dom0 makes
of each, what is refused, and what the guest sees."""

import re
import shlex

from guests import small

IMAGES = '/var/lib/xen/images/'
BACK = '/local/domain/0/backend/%s/%s/%s/'


def key(m, kind, domid, number, name):
    r = m.run('xenstore-read ' + BACK % (kind, domid, number) + name)
    return r.text.strip() if r.status == 0 else None


def keys(m, kind, domid, number, *names):
    return [key(m, kind, domid, number, name) for name in names]


# the guest's name, its number, what serves it, mode; mode and type expected
DISKS = (
    ('xvda', 51712, 'file:%sa.img', 'w', 'w', 'disk'),
    ('xvdb1', 51729, 'tap:aio:%sb.img', 'r', 'r', 'disk'),
    ('sdc1', 2081, 'tap:raw:%sc.img', 'w!', 'w!', 'disk'),
    ('hdd', 5696, 'phy:%s', 'w', 'w', 'disk'),
    ('xvde:cdrom', 51776, 'file:%se.img', 'w', 'r', 'cdrom'),
)


def disk_lines(loop, disks=DISKS):
    return 'disk = [%s]' % ', '.join("'%s,%s,%s'" % (
        back % (loop if back.startswith('phy') else IMAGES), name, mode)
        for name, _, back, mode, _, _ in disks)


def make_images(m):
    """Sparse files with a word in each; a loop device stands for an LV."""
    m.must('mkdir -p %s; cd %s; for i in a b c d e; do truncate -s 8M $i.img; '
           'echo "this is disk $i" | dd of=$i.img conv=notrunc 2>/dev/null; '
           'done' % (IMAGES, IMAGES))
    return m.must('losetup -f --show %sd.img 2>/dev/null || '
                  '{ l=$(losetup -f); losetup $l %sd.img; echo $l; }'
                  % (IMAGES, IMAGES)).strip()


def check_disks(report, m, tools):
    loop = make_images(m)
    r = small(m, tools, 'disks', '', disk_lines(loop))
    report.check('five disks of all kinds', r.status == 0, r)
    domid = tools.ids().get('disks')
    for name, number, _, _, mode, kind in DISKS:
        got = keys(m, 'vbd', domid, number, 'mode', 'device-type',
                   'hotplug-status')
        report.check('disk %s: mode, kind and status in the store' % name,
                     got == [mode, kind, 'connected'], got)
    node = key(m, 'vbd', domid, 51729, 'node') or ''
    r = m.run('cat /sys/block/%s/ro' % node.replace('/dev/', ''))
    report.check('a read-only disk has a read-only loop device',
                 r.text.strip() == '1', r)
    r = m.run('stat -c %%b %sa.img' % IMAGES)
    report.check('a sparse file stays sparse', int(r.text) < 64, r)
    r = tools.run('block-list disks')
    report.check('block-list: heading and a row for each', r.text.startswith(
        'Vdev  BE handle state evt-ch ring-ref BE-path\n') and
        re.findall(r'^(\d+) ', r.text, re.M) ==
        [str(d[1]) for d in DISKS], r)
    tools.run('destroy disks')
    check_direct(report, m, tools, loop)
    check_own_type(report, m, tools, loop)
    m.must('losetup -d ' + loop)


def check_direct(report, m, tools, loop):
    """A memory file system knows no direct I/O, ext4 does."""
    m.must('mke2fs -F %s >/dev/null 2>&1; mount -t ext4 %s /mnt; '
           'truncate -s 1M /mnt/direct.img' % (loop, loop))
    small(m, tools, 'direct', '', "disk = ['file:/mnt/direct.img,xvda,w']")
    node = key(m, 'vbd', tools.ids().get('direct'), 51712, 'node') or ''
    r = m.run('cat /sys/block/%s/loop/dio' % node.replace('/dev/', ''))
    report.check('a file is read past Dom0\'s cache', r.text.strip() == '1', r)
    tools.run('destroy direct')
    m.must('umount /mnt')


# block-mine: the disk mine:DEVICE is that device
OWN_SCRIPT = (
    '#!/bin/sh',
    'echo "$1" >>/run/block-mine.calls',
    '[ "$1" = add ] || exit 0',
    'node=$(xenstore-read "$XENBUS_PATH/params")',
    'xenstore-write "$XENBUS_PATH/physical-device" '
    '"$(stat -c %t:%T "$node")" "$XENBUS_PATH/hotplug-status" connected')


def check_own_type(report, m, tools, loop):
    """An administrator's script for a type of disk that we do not know."""
    m.must("cd /etc/xen/scripts; printf '%%s\\n' %s >block-mine; "
           'chmod +x block-mine' % ' '.join(map(shlex.quote, OWN_SCRIPT)))
    r = small(m, tools, 'own', '', "disk = ['mine:%s,xvda,w']" % loop)
    domid = tools.ids().get('own')
    got = keys(m, 'vbd', domid, 51712, 'type', 'params', 'hotplug-status')
    report.check('mine:DEVICE is connected by block-mine', r.status == 0 and
                 got == ['mine', loop, 'connected'], (r, got))
    refused(report, m, tools, 'a second writer by that type',
            "disk = ['mine:%s,xvda,w']" % loop, "in use by domain 'own'")
    tools.run('destroy own')
    r = m.run('cat /run/block-mine.calls')
    report.check('block-mine is called to add and to remove',
                 r.text.split() == ['add', 'remove'], r)
    m.must('rm /etc/xen/scripts/block-mine')
    r = small(m, tools, 'own', '', "disk = ['tap:aio:%s,xvda,w']" % loop)
    domid = tools.ids().get('own')
    report.check('tap:aio: of a block device is that device', r.status == 0 and
                 key(m, 'vbd', domid, 51712, 'type') == 'phy', r)
    tools.run('destroy own')


def refused(report, m, tools, what, line, wanted):
    r = small(m, tools, 'second', '', line)
    first = [x for x in r.text.split('\n') if x.startswith('Error')]
    report.check('%s: refused, one line says why' % what, r.status == 1 and
                 len(first) == 1 and re.search(wanted, first[0]), r)


def check_sharing(report, m, tools):
    disk = "disk = ['%s:" + IMAGES + "%s.img,xvda,%s']"
    small(m, tools, 'first', '', disk % ('file', 'a', 'w'))
    small(m, tools, 'reader', '', disk % ('tap:aio', 'b', 'r'))
    by = r"a\.img is in use by domain 'first'"
    refused(report, m, tools, 'a second writer', disk % ('file', 'a', 'w'), by)
    refused(report, m, tools, 'a reader beside a writer, by another name',
            disk % ('tap:aio', 'a', 'r'), by)
    refused(report, m, tools, 'w! beside w', disk % ('file', 'a', 'w!'), by)
    refused(report, m, tools, 'a writer beside a reader',
            disk % ('file', 'b', 'w'), "domain 'reader'")
    r = small(m, tools, 'second', '', disk % ('file', 'b', 'r'))
    report.check('two readers share', r.status == 0, r)
    loop = make_images(m)
    m.must('mke2fs -F %s >/dev/null 2>&1; mount -t ext4 %s /mnt'
           % (loop, loop))
    tools.run('destroy second')
    refused(report, m, tools, 'what Dom0 has mounted',
            "disk = ['phy:%s,xvda,w']" % loop, 'mounted in Domain-0')
    m.must('umount /mnt; losetup -d ' + loop)
    m.must('mount -t ext4 -o loop %sd.img /mnt' % IMAGES)
    refused(report, m, tools, 'a file that Dom0 has mounted',
            disk % ('file', 'd', 'w'), 'mounted in Domain-0')
    m.must('umount /mnt')
    check_foreign(report, m, tools, disk)
    refused(report, m, tools, 'a device that is none',
            "disk = ['phy:/dev/null,xvda,w']", 'not a block device')
    refused(report, m, tools, 'a mode that is none',
            disk % ('file', 'c', 'x'), "mode 'x'")
    refused(report, m, tools, 'a format that nobody serves',
            disk % ('tap:qcow2', 'c', 'w'), 'qcow2')
    refused(report, m, tools, 'a name that is none',
            "disk = ['file:%sc.img,floppy,w']" % IMAGES, 'floppy')
    for name in ('first', 'reader'):
        tools.run('destroy ' + name)
    r = small(m, tools, 'first', '', disk % ('file', 'c', 'w!'))
    r = small(m, tools, 'second', '', disk % ('file', 'c', 'w!'))
    report.check('w! and w! share', r.status == 0, r)
    for name in ('first', 'second'):
        tools.run('destroy ' + name)


def check_foreign(report, m, tools, disk):
    """A domain that Debian's xl made has its disks too."""
    loop = make_images(m)
    m.must('/xt/small-config foreign "" "disk = [\'phy:%s,xvda,w\']"' % loop)
    r = m.run('xl create /etc/xen/foreign')
    report.check('xl makes a guest beside ours', r.status == 0, r)
    refused(report, m, tools, 'a disk of a guest that xl made',
            "disk = ['phy:%s,xvda,w']" % loop,
            "%s is in use by domain 'foreign'" % loop)
    r = tools.run('destroy foreign')
    report.check('xm destroys the guest that xl made', r.status == 0, r)
    m.must('losetup -d ' + loop)


SCRIPT = r'''#!/bin/sh
{ echo "$0 $*"; env; } >>/tmp/own-$1
xenstore-write $XENBUS_PATH/hotplug-status connected
'''


def check_vifs(report, m, tools):
    m.must("printf '%s' >/etc/xen/scripts/vif-own; "
           "printf '#!/bin/sh\\necho $* >>/tmp/rules\\n' >/usr/sbin/iptables; "
           'chmod 755 /etc/xen/scripts/vif-own /usr/sbin/iptables' %
           SCRIPT.replace('\n', '\\n'))
    m.must('brctl addbr br7; ifconfig br7 up')
    vifs = ('rate=10Mb/s, bridge=xenbr0', 'vifname=mail0,ip=10.77.0.9',
            'script=vif-own, mac=00:16:3e:01:02:03', 'bridge=br7, mtu=1400')
    r = small(m, tools, 'vifs', '', 'vif = [%s]' % ', '.join(
        "'%s'" % v for v in vifs))
    report.check('four interfaces', r.status == 0, r)
    domid = tools.ids().get('vifs')
    macs = [key(m, 'vif', domid, i, 'mac') or '' for i in range(4)]
    report.check('addresses: given, or made up below 00:16:3e',
                 macs[2] == '00:16:3e:01:02:03' and len(set(macs)) == 4 and
                 all(x.startswith('00:16:3e:') for x in macs), macs)
    got = key(m, 'vif', domid, 0, 'rate')
    report.check('rate= is bytes and microseconds for netback',
                 got == '62500,50000', got)
    r = m.run('ls /sys/class/net/xenbr0/brif /sys/class/net/br7/brif; '
              'cat /sys/class/net/vif%s.3/mtu '
              '/sys/class/net/mail0/address' % domid)
    names = r.text.split()
    report.check('each on its bridge, by the name that was asked for',
                 {'vif%s.0' % domid, 'vif%s.3' % domid, 'mail0', '1400',
                  'fe:ff:ff:ff:ff:ff'} <= set(names) and
                 'vif%s.2' % domid not in names, r)
    r = m.run('cat /tmp/own-online')
    wanted = ('/etc/xen/scripts/vif-own online type_if=vif',
              'XENBUS_PATH=backend/vif/%s/2' % domid, 'XENBUS_TYPE=vif',
              'XENBUS_BASE_PATH=backend', 'vif=vif%s.2' % domid,
              'script=/etc/xen/scripts/vif-own')
    report.check('script=: the administrator\'s own, with the customary '
                 'environment', all(w in r.text for w in wanted), r)
    r = tools.run('network-list vifs')
    report.check('network-list: heading and a row for each', r.text.startswith(
        'Idx BE     MAC Addr.     handle state evt-ch tx-/rx-ring-ref '
        'BE-path\n') and re.findall(r'^(\d+) ', r.text, re.M) ==
        list('0123'), r)
    tools.run('destroy vifs')
    r = m.run('cat /tmp/rules; ls /tmp/own-offline')
    report.check('ip=: the packet filter lets it through, until it goes',
                 re.search(r'-A FORWARD .*--physdev-in mail0 -s 10.77.0.9 '
                           r'-j ACCEPT', r.text) and
                 re.search(r'-D FORWARD .*--physdev-in mail0 -s 10.77.0.9 '
                           r'-j ACCEPT', r.text), r)
    report.check('its own script is told at the end', r.status == 0, r)
    check_bridge_script(report, m, tools)
    for words, wanted in (('mac=01:16:3e:00:00:01', 'MAC'),
                          ('rate=fast', 'rate'), ('bridge=br9', 'br9'),
                          ('script=none', 'none'), ('colour=red', 'colour'),
                          ('vifname=eth0123456789abcd', 'eth0123456789abcd')):
        refused(report, m, tools, 'vif ' + words, "vif = ['%s']" % words,
                wanted)
    m.must('rm /usr/sbin/iptables; ifconfig br7 down; brctl delbr br7')


def check_bridge_script(report, m, tools):
    """network-bridge moves a card's addresses and routes to the bridge, and
    back; with antispoof, a guest without ip= has all it sends let through."""
    script = '/etc/xen/scripts/network-bridge %s bridge=br8 netdev=tap9 ' \
        'antispoof=yes'
    m.must('rm -f /tmp/rules; ip tuntap add tap9 mode tap || '
           'tunctl -t tap9; ifconfig tap9 10.78.0.1 netmask 255.255.255.0; '
           'ip route add 10.79.0.0/24 via 10.78.0.2 dev tap9')
    r = m.run(script % 'start' + '; ip addr show br8; ip route; ' +
              script % 'status')
    report.check('network-bridge start: addresses and routes walk',
                 'inet 10.78.0.1/24' in r.text and
                 '10.79.0.0/24 via 10.78.0.2 dev br8' in r.text and
                 'bridge br8: tap9' in r.text, r)
    small(m, tools, 'spoof', '', "vif = ['bridge=br8']")
    domid = tools.ids().get('spoof')
    tools.run('destroy spoof')
    r = m.run('cat /tmp/rules')
    report.check('antispoof=yes: nothing passes but what a rule lets through',
                 '-P FORWARD DROP' in r.text and
                 re.search('-A FORWARD .*--physdev-in vif%s.0 .*-j ACCEPT'
                           % domid, r.text) and
                 re.search('-D FORWARD .*--physdev-in vif%s.0 .*-j ACCEPT'
                           % domid, r.text), r)
    r = m.run(script % 'stop' + '; ip addr show tap9; ip route; ' +
              script % 'status')
    report.check('network-bridge stop: and back', 'inet 10.78.0.1/24' in r.text
                 and '10.79.0.0/24 via 10.78.0.2 dev tap9' in r.text and
                 'not there' in r.text, r)
    m.must('ip link del tap9 || tunctl -d tap9')


def check_in_guest(report, m, tools):
    loop = make_images(m)
    m.must('/xt/guest-config d1 cloud 1 128 10.77.0.11 >/dev/null; '
           "sed -i -e '/^disk/d' -e '/^vif/d' /etc/xen/d1; "
           "echo \"%s\" >>/etc/xen/d1; echo \"vif = ['rate=2Mb/s, "
           "bridge=xenbr0', 'bridge=br5']\" >>/etc/xen/d1; "
           'brctl addbr br5; ifconfig br5 10.78.5.1 netmask 255.255.255.0'
           % disk_lines(loop))
    r = tools.run('create /etc/xen/d1', 200)
    m.run("/xt/wait-log d1 'guest ready' 200", 220)
    r = tools.talk('d1', 'ls /sys/block; for d in a b1 c1 d e; do '
                   'head -c 14 /dev/xvd$d; done; cat /sys/block/*/ro')
    report.check('the guest has its disks by their names',
                 all('this is disk %s' % c in r.text for c in 'abcde'), r)
    r = tools.talk('d1', 'for d in b1 e; do dd if=/dev/zero of=/dev/xvd$d '
                   'bs=512 count=1 2>&1; done; for d in a c1 d; do echo '
                   'changed | dd of=/dev/xvd$d bs=512 conv=fsync 2>&1; done')
    got = m.run('sync; cd %s; for i in a b c d e; do head -n 1 $i.img; done'
                % IMAGES)
    report.check('what is read-only is not written, what is not, is',
                 got.text.split('\n') == ['changed', 'this is disk b',
                                          'changed', 'changed',
                                          'this is disk e'], str(got) + str(r))
    r = tools.talk('d1', 'ifconfig -a; ifconfig eth1 10.78.5.2 up; '
                   'ping -c 3 10.78.5.1')
    report.check('it has two interfaces, and the second one works',
                 'eth0' in r.text and ' 0% packet loss' in r.text, r)
    check_rate(report, m, tools)
    check_live(report, m, tools)
    tools.run('destroy d1')
    m.must('losetup -d %s; ifconfig br5 down; brctl delbr br5' % loop)


def check_rate(report, m, tools):
    """2 Mb/s are 250000 bytes a second: so much takes so long at least."""
    # busybox's nc leaves when its own input ends
    m.must('mkfifo /tmp/hold; (nc -l -p 9000 <>/tmp/hold >/tmp/received; '
           'cut -d " " -f 1 /proc/uptime >/tmp/end) 2>/dev/null &')
    start = float(m.must('cut -d " " -f 1 /proc/uptime'))
    r = tools.talk('d1', 'dd if=/dev/zero bs=64k count=24 2>/dev/null | '
                   'nc 10.77.0.1 9000', 200)
    m.run("/xt/wait-for 60 '[ -s /tmp/end ]'")
    took = float(m.must('cat /tmp/end')) - start
    size = int(m.must('stat -c %s /tmp/received'))
    report.check('rate=: the guest sends no faster',
                 size == 24 << 16 and took > size / 250000 - 1,
                 '%d bytes, %.1f s' % (size, took))
    m.must('rm -f /tmp/received /tmp/end /tmp/hold')


def check_live(report, m, tools):
    m.must('truncate -s 4M %sf.img' % IMAGES)
    r = tools.run('block-attach d1 file:%sf.img xvdf w' % IMAGES)
    seen = tools.talk('d1', 'until cat /sys/block/xvdf/size; do '
                      'usleep 100000; done 2>/dev/null')
    report.check('block-attach: the guest sees it', r.status == 0 and
                 '8192' in seen.text, str(r) + str(seen))
    r = tools.run('block-detach d1 xvdf')
    report.check('block-detach', r.status == 0, r)
    r = tools.run('network-attach d1 mac=00:16:3e:77:09:09 bridge=xenbr0')
    seen = tools.talk('d1', 'until ifconfig eth2; do usleep 100000; '
                      'done 2>/dev/null')
    report.check('network-attach: the guest sees it', r.status == 0 and
                 '00:16:3E:77:09:09' in seen.text.upper(), str(r) + str(seen))
    r = tools.run('network-detach d1 00:16:3e:77:09:09')
    report.check('network-detach', r.status == 0, r)
    r = m.run('grep -c f.img /sys/block/loop*/loop/backing_file; '
              'ls /sys/class/net')
    report.check('neither left a loop device or a vif',
                 not re.search(':1$', r.text, re.M) and
                 r.text.count('vif') == 2, r)
