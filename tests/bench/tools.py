#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Our xm and xend beside Debian's xl: how long each takes in the same Dom0 on
the same hypervisor, by turns; what our daemons keep in memory; what our store
daemon and Debian's answer in a second (counted: in 10^9 instructions).

Keeps true: nothing is gated here; a command that fails ends the run. Both
toolstacks speak to our store daemon. The daemons' rates come last, by turns,
from the same program.
"""

import json
import os
import re
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402

TOOLS = ('xm', 'xl')
DAEMONS = ('xend', 'xenstored', 'xenconsoled')
TEMPLATE = 'name = "%s"\\nkernel = "%s"\\nmemory = %d\\nvcpus = 1\\n%s'
SMALL = ('/boot/guest/grub-x86_64-xen.bin', 16, '')
BIG = ('/xt/big-kernel', 128, '')
LINUX = ('/boot/guest/vmlinuz', 128,
         'ramdisk = "/boot/guest/initrd.gz"\\nextra = "console=hvc0"\\n')
IMAGES = '/var/lib/xen/images'
DEVICES = SMALL[:2] + (
    'disk = ["file:' + IMAGES + '/NAME.img,xvda,w"]\\n'
    'vif = ["bridge=xenbr0"]\\n',)


class Counting(harness.Machine):
    """Its time is the count of instructions, 1 ms a million, whatever the
    host does meanwhile."""

    accel = 'tcg,thread=single'
    options = ('-icount', 'shift=0,sleep=off',
               '-rtc', 'clock=vm,base=2026-01-01')

    def __init__(self, *args, **words):
        super().__init__(*args, qemu=self.options, **words)


class Bench:
    def __init__(self, m, report):
        self.m, self.report, self.figures = m, report, []

    def config(self, name, kind):
        text = (TEMPLATE % ((name,) + kind)).replace('NAME', name)
        self.m.must("printf '%s' >/etc/xen/%s" % (text, name))
        if kind is DEVICES:
            self.m.must('mkdir -p %s; dd if=/dev/zero of=%s/%s.img bs=1M '
                        'count=0 seek=4 2>/dev/null' % (IMAGES, IMAGES, name))

    def timed(self, command, wait='', seconds=330):
        """Milliseconds that the command takes, seen from Dom0."""
        r = self.m.run('/xt/timed %s %s' % (wait, command), seconds)
        found = re.search(r'^took ([\d.]+) status 0$', r.text, re.M)
        if r.status or not found:
            raise harness.Failed(str(r))
        return float(found.group(1))

    def add(self, what, ours, theirs, unit='ms', goal=''):
        ratio = ours / theirs if ours and theirs else None
        self.figures.append((what, ours, theirs, ratio, unit, goal))
        print('%-44s %9s %9s %-4s %6s  %s' % (
            what, '-' if ours is None else '%.1f' % ours,
            '-' if theirs is None else '%.1f' % theirs, unit,
            '-' if ratio is None else '%.2f' % ratio, goal), flush=True)

    def medians(self, what, times, goal=''):
        self.add(what, *[statistics.median(times[t]) for t in TOOLS],
                 goal=goal)


def create_and_destroy(b, rounds, kind, what, goal):
    b.config('one', kind)
    made = {t: [] for t in TOOLS}
    ended = {t: [] for t in TOOLS}
    for _ in range(rounds):
        for t in TOOLS:
            made[t].append(b.timed(t + ' create -p /etc/xen/one'))
            ended[t].append(b.timed(t + ' destroy one'))
    b.medians('create -p, ' + what, made, goal)
    b.medians('destroy, ' + what, ended, goal)


def userland(b, rounds):
    b.config('linux', LINUX)
    log = '/var/log/xen/console/guest-linux.log'
    times = {t: [] for t in TOOLS}
    for _ in range(rounds):
        for t in TOOLS:
            b.m.must('rm -f ' + log)
            times[t].append(b.timed(
                t + ' create /etc/xen/linux',
                "-f %s -w 'guest ready'" % log))
            b.timed(t + ' destroy linux')
    b.medians('create to the guest\'s userland', times, '<= 0.9')


def lists(b, domains, rounds, goal):
    times = {t: [] for t in TOOLS}
    for _ in range(rounds):
        for t in TOOLS:
            times[t].append(b.timed(t + ' list', '-q'))
    b.medians('list, %d domains' % domains, times, goal)
    return statistics.median(times['xm'])


def memory(b, guests):
    """Of all processes of our daemons, from the kernel's own sums."""
    text = b.m.must(
        'for p in /proc/[0-9]*; do read -r c <$p/comm; case $c in %s) '
        'grep -E "^(Rss|Pss):" $p/smaps_rollup | sed "s/^/$c /";; esac; done'
        ' 2>/dev/null' % '|'.join(DAEMONS))
    for kind in ('Pss', 'Rss'):
        sizes = {d: sum(int(n) for n in re.findall(
            r'^%s %s: +(\d+) kB' % (d, kind), text, re.M)) for d in DAEMONS}
        b.add('%s of our daemons, %d guests' % (kind, guests),
              sum(sizes.values()) / 1024, None, 'MiB', '< 12: ' + ', '.join(
                  '%s %.1f' % (d, n / 1024) for d, n in sizes.items()))


def many_guests(b, tool, count, kind, at):
    """Guests one after the other; at[n](b) is called when there are n."""
    times = []
    for i in range(count):
        b.config('s%d' % i, kind)
        times.append(b.timed('%s create -p /etc/xen/s%d' % (tool, i)))
        if i + 1 in at:
            at[i + 1](b)
    for i in range(count):
        b.timed('%s destroy s%d' % (tool, i))
    # The two ends are minutes apart, and what else the machine does may
    # have changed: only the fastest of each can be compared.
    return min(times[:5]), min(times[-5:])


def growth(b, count, kind, what, at):
    ends = {t: many_guests(b, t, count, kind, at if t == 'xm' else {})
            for t in TOOLS}
    b.add('create -p, %s: best of the first 5' % what,
          *[ends[t][0] for t in TOOLS])
    b.add('create -p, %s: best of the last 5 of %d' % (what, count),
          *[ends[t][1] for t in TOOLS])
    b.add('the last over the first',
          *[ends[t][1] / ends[t][0] for t in TOOLS], unit='x',
          goal='ours <= 1.1 at 100')


def many(b, count, rounds):
    """Lists and memory on the way, with Domain-0 as one of the listed."""
    listed = {1: lists(b, 1, rounds, '')}

    def listing(b, domains, goal):
        listed[domains] = lists(b, domains, rounds, goal)

    growth(b, count, SMALL, 'small guest', {
        19: lambda b: listing(b, 20, '<= 0.2'),
        20: lambda b: memory(b, 20),
        count: lambda b: listing(b, count + 1, '')})
    b.add('our list of %d over a list of 1' % (count + 1),
          listed[count + 1] / listed[1], None, 'x', '<= 2')


def store_rates(m, options):
    text = m.must('/xt/store -t 0.1 ' + options, 600)
    return {r.group(1): float(r.group(2)) for r in
            re.finditer(r'^(\w+) .*: +(\d+) requests/s', text, re.M)}


def store(b):
    """One daemon is ended and the other started: there is one socket."""
    loads = (('1 client', ''), ('8 clients', '-c 8'),
             ('16 under way', '-d 16'))
    sides = (('/usr/sbin/xenstored --pid-file=', '/run/xs-ours.pid'),
             ('/debian/usr/sbin/xenstored --pid-file ', '/run/xs-debian.pid'))
    rates = []
    b.m.must('/etc/init.d/xend stop')
    last = '/run/xenstored.pid'
    for start, pid in sides:
        b.m.must("kill -9 $(cat %s); /xt/wait-for 60 '! [ -d /proc/$(cat %s) ]'"
                 '; rm -f /run/xenstored/socket; %s%s; /xt/wait-for 60 '
                 "'xenstore-read /'" % (last, last, start, pid))
        rates.append([store_rates(b.m, options) for _, options in loads])
        last = pid
    for (what, _), ours, theirs in zip(loads, *rates):
        for load in ours:
            b.add('store, requests a second: %s, %s' % (load, what),
                  ours[load], theirs[load], '', '>= 3')


def test(report, args):
    parts = args.parts.split(',')
    args.initrd += ',' + os.path.join(harness.BUILD, 'tests/bench/tools.img')
    machine = Counting if args.icount else harness.Machine
    with machine('bench-tools', args, cpus=1, mem=4096,
                 dom0_mem='dom0_mem=1024M,max:1024M',
                 dom0_args='xt.tools=ours') as m:
        m.dom0()
        b = Bench(m, report)
        # what xl wants to find, beside what our xend wrote
        m.must('cp /debian/etc/xen/xl.conf /etc/xen/; '
               'xenstore-write /local/pool/0/name Pool-0')
        print('%-44s %9s %9s %-4s %6s' % (
            'medians', 'xm', 'xl', '', 'ratio'))
        if 'create' in parts:
            create_and_destroy(b, args.rounds, BIG,
                               '16 MiB kernel, 128 MiB', '<= 0.5')
            create_and_destroy(b, args.rounds, DEVICES,
                               'small, a disk and a vif', '')
        if 'userland' in parts:
            userland(b, max(args.rounds // 2, 1))
        if 'many' in parts:
            many(b, args.many, args.rounds)
        if 'devices' in parts:
            growth(b, args.many, DEVICES, 'a disk and a vif', {})
        if 'store' in parts:
            store(b)
        if args.json:
            with open(args.json, 'w') as f:
                json.dump(b.figures, f, indent=1)


parser = harness.arguments(__doc__)
parser.add_argument('--rounds', type=int, default=10)
parser.add_argument('--many', type=int, default=100, help='small guests')
parser.add_argument('--parts', default='create,userland,many,devices,store')
parser.add_argument('--icount', action='store_true',
                    help='count instructions: 1 ms is a million')
parser.add_argument('--json', help='write the figures to this file')
sys.exit(harness.main(test, parser.parse_args()))
