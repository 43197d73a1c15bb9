#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ten guests at once under load, then all destroyed, some rounds in a row:
memory, event channels, grants and the store are back where they began."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402
import keys  # noqa: E402
from guests import Tools  # noqa: E402

START_LOAD = '10.77.0.2'  # the guests' loads begin when it answers
# Tables of Dom0's grants and ports grow once, and are kept.
KEPT_KIB = 64


def come_up(report, m, tools, what, count):
    """All are created, come up and load processor, disk and network."""
    for i in range(count):
        r = tools.run('create /etc/xen/m%d' % i, 300)
        if r.status:
            report.check('%s: guest %d is created' % (what, i), False, r)
    up = [i for i in range(count)
          if m.run("/xt/wait-log m%d 'guest ready' 600" % i, 610).status == 0]
    report.check('%s: all come up' % what, len(up) == count, up)
    m.must('ip addr add %s/24 dev xenbr0' % START_LOAD)
    r = m.run("/xt/wait-for 600 '/xt/guests-busy %d'; /xt/guests-busy %d"
              % (count, count), 620)
    report.check('%s: processor, disk and network of each are busy' % what,
                 r.status == 0, r)


def go(report, m, tools, what, count):
    """All are destroyed in the midst of it."""
    for i in range(count):
        tools.run('destroy m%d' % i)
    gone = all([tools.gone('m%d' % i) for i in range(count)])
    report.check('%s: all are gone' % what, gone)
    m.must('ip addr del %s/24 dev xenbr0' % START_LOAD)
    r = m.run('xenstore-list /local/domain; ls /sys/class/net | grep vif; '
              'losetup -a')
    report.check('%s: no node, vif or loop device is left' % what,
                 r.text.split() == ['0'], r)
    m.must('rm -f /var/log/xen/console/guest-m*.log')


def compare(report, what, start, held, kept):
    report.check('%s: memory is back' % what, held.free >= start.free - kept,
                 '%s; was: %s' % (held, start))
    report.check('%s: event channels are back' % what,
                 held.ports <= start.ports, '%s; was: %s' % (held, start))
    report.check('%s: grants are back' % what, held.grants == start.grants,
                 '%s; was: %s' % (held, start))
    print('     %s' % held, flush=True)


def test(report, args):
    with harness.Machine('many-' + args.tools, args, cpus=2, mem=6144,
                         dom0_mem='dom0_mem=1536M,max:1536M',
                         dom0_args='xt.tools=' + args.tools) as m:
        m.dom0()
        tools = Tools(m, args.tools)
        for i in range(args.guests):
            m.must("/xt/guest-config m%d cloud 1 128 10.77.0.%d 'xt.load=%s'"
                   % (i, 20 + i, START_LOAD))
        start = keys.Held(m)
        print('     %s' % start, flush=True)
        for number in range(1, args.rounds + 1):
            what = 'round %d' % number
            come_up(report, m, tools, what, args.guests)
            a = keys.audit(m)
            report.check('%s: all frames add up' % what, a.good, a)
            go(report, m, tools, what, args.guests)
            held = keys.Held(m)
            compare(report, what, start, held, 0 if number > 1 else KEPT_KIB)
            start.free = min(start.free, held.free)
        a = keys.audit(m)
        report.check('at the end, too', a.good, a)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


parser = harness.arguments(__doc__)
parser.add_argument('--tools', default='ours', choices=('ours', 'debian'))
parser.add_argument('--guests', type=int, default=10)
parser.add_argument('--rounds', type=int, default=1)
sys.exit(harness.main(test, parser.parse_args()))
