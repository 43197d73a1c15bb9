#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ten guests at once under load, then all destroyed, some rounds in a row:
memory, event channels and the store are back where they began."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402
from guests import Tools  # noqa: E402


def channels(m):
    """Event channels that Dom0 holds."""
    return int(m.must("grep -c 'xen-dyn\\|xen-pirq' /proc/interrupts"))


def one_round(report, m, tools, number, count):
    for i in range(count):
        r = tools.run('create /etc/xen/m%d' % i, 300)
        if r.status:
            report.check('round %d: guest %d is created' % (number, i), False,
                         r)
    up = [i for i in range(count)
          if m.run("/xt/wait-log m%d 'guest ready' 300" % i, 310).status == 0]
    report.check('round %d: all come up' % number, len(up) == count, up)
    for i in range(count):
        tools.run('destroy m%d' % i)
    gone = all([tools.gone('m%d' % i) for i in range(count)])
    report.check('round %d: all are gone' % number, gone)
    m.must('rm -f /var/log/xen/console/guest-m*.log')


def test(report, args):
    with harness.Machine('many-' + args.tools, args, cpus=2, mem=6144,
                         dom0_mem='dom0_mem=1536M,max:1536M',
                         dom0_args='xt.tools=' + args.tools) as m:
        m.dom0()
        tools = Tools(m, args.tools)
        for i in range(args.guests):
            m.must("/xt/guest-config m%d cloud 1 128 10.77.0.%d 'xt.load'"
                   % (i, 20 + i))
        one_round(report, m, tools, 0, args.guests)
        free, held = tools.free_memory(), channels(m)
        for number in range(1, args.rounds + 1):
            one_round(report, m, tools, number, args.guests)
        report.check('memory is back', tools.free_memory() >= free,
                     '%d, was %d' % (tools.free_memory(), free))
        report.check('event channels are back', channels(m) <= held,
                     '%d, were %d' % (channels(m), held))
        r = m.run('xenstore-list /local/domain')
        report.check('the store is back', r.text.split() == ['0'], r)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


parser = harness.arguments(__doc__)
parser.add_argument('--tools', default='ours', choices=('ours', 'debian'))
parser.add_argument('--guests', type=int, default=10)
parser.add_argument('--rounds', type=int, default=1)
sys.exit(harness.main(test, parser.parse_args()))
