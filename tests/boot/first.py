#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Dom0 comes up on one CPU and its shell answers."""

import sys

import harness


def test(report, args):
    with harness.Machine('first', args) as m:
        seconds = m.dom0()
        print('Dom0 after %.1f s' % seconds)
        r = m.run('uname -r; cat /proc/cpuinfo | grep -c ^processor')
        report.check('a command runs in Dom0', r.status == 0, r)
        report.check('its output comes whole', r.text.endswith('\n1'), r)
        r = m.run('false')
        report.check('its status comes back', r.status == 1, r)


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
