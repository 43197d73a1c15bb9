#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What an administrator may write into /etc/xen and what comes of it: how
guests end, their disks and interfaces, Dom0's memory, guests started and
stopped with the machine; and guests that mean harm. Mostly with a guest of a
few KiB, which is quick."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402
import life_devices as devices  # noqa: E402
import life_ends as ends  # noqa: E402
import life_hostile as hostile  # noqa: E402
import life_services as services  # noqa: E402
from guests import Tools  # noqa: E402

PARTS = {
    'ends': (ends.check_actions, ends.check_core, ends.check_console),
    'hostile': (hostile.check_storms, hostile.check_lie,
                hostile.check_bomb, hostile.check_others),
    'devices': (devices.check_disks, devices.check_sharing,
                devices.check_vifs, devices.check_in_guest),
    'services': (services.check_commands, services.check_balloon,
                 services.check_settings, services.check_xendomains),
}


def nothing_left(report, m, what):
    r = m.run("/xt/wait-for 60 /xt/only-left; /xt/only-left")
    report.check('%s: nothing is left' % what, r.status == 0, r)


def test(report, args):
    with harness.Machine('life', args, cpus=2, mem=2048,
                         dom0_args='xt.tools=ours') as m:
        m.dom0()
        tools = Tools(m, 'ours')
        for part in args.part or PARTS:
            for check in PARTS[part]:
                check(report, m, tools)
            nothing_left(report, m, part)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))
        services.check_poweroff(report, m, tools)


parser = harness.arguments(__doc__)
parser.add_argument('--part', action='append', choices=PARTS)
sys.exit(harness.main(test, parser.parse_args()))
