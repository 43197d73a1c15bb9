#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""`reboot` in Dom0 starts the machine again, `poweroff` ends it."""

import sys

import harness


def test(report, args):
    with harness.Machine('power', args, reboot=True) as m:
        m.dom0()
        mark = m.mark()
        m.send(b'q reboot\n')
        m.wait('@@agent listens', 300, mark)
        report.check('reboot starts again', True)
        m.send(b'q poweroff\n')
        report.check('poweroff ends QEMU', m.wait_end(120) == 0)


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
