#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""kill -9 of each daemon while a guest runs, and its restart: the guest goes
on, and the tools see and serve it as before."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../boot'))
import harness  # noqa: E402
from guests import Tools, create  # noqa: E402


def restart(report, m, daemon):
    m.must('kill -9 $(cat /run/%s.pid)' % daemon)
    m.must("/xt/wait-for 10 '! [ -d /proc/$(cat /run/%s.pid) ]'" % daemon)
    r = m.run('/etc/init.d/xend start')
    report.check('%s: starts again' % daemon, r.status == 0, r)


def check_guest(report, m, tools, daemon):
    r = m.run("/xt/wait-for 60 'xm list g1'")
    report.check('%s: xm lists the guest' % daemon, r.status == 0, r)
    r = m.run("/xt/wait-for 60 'ping -c 1 -W 1 10.77.0.11'")
    report.check('%s: the guest\'s network goes on' % daemon,
                 r.status == 0, r)
    r = tools.talk('g1', 'echo still-$((40+2)); '
                   'dd if=/dev/xvda of=/dev/null bs=64k count=4 2>&1')
    report.check('%s: console and disk go on' % daemon,
                 'still-42' in r.text and '4+0 records' in r.text, r)


def test(report, args):
    with harness.Machine('kill', args, cpus=2, mem=2048,
                         dom0_args='xt.tools=ours') as m:
        m.dom0()
        tools = Tools(m, 'ours')
        if not create(report, m, tools, 'g1', 'cloud', 1, 128, '10.77.0.11'):
            return
        for daemon in ('xend', 'xenconsoled', 'xenstored'):
            restart(report, m, daemon)
            check_guest(report, m, tools, daemon)
        # a creation that dies half-way leaves nothing
        m.must('/xt/guest-config g2 cloud 1 128 10.77.0.12 >/dev/null')
        m.run('(xm create /etc/xen/g2 >/dev/null 2>&1 &); '
              "/xt/wait-for 20 '[ $(xenstore-list /local/domain | wc -l) "
              "-gt 2 ]'; kill -9 $(cat /run/xend.pid)")
        r = m.run('/etc/init.d/xend start')
        report.check('xend killed while it creates: starts again',
                     r.status == 0, r)
        r = m.run("/xt/wait-for 60 'xm list'; xm list")
        whole = 'g2' not in r.text or \
            m.run("/xt/wait-log g2 'guest ready' 120", 130).status == 0
        report.check('the guest is whole or gone', whole, r)
        for name in ('g1', 'g2'):
            if name in tools.ids():
                r = tools.run('destroy ' + name)
                report.check('destroy %s' % name, r.status == 0, r)
        r = m.run("/xt/wait-for 30 '[ $(xenstore-list /local/domain | "
                  "wc -l) = 1 ]'; xenstore-list /local/domain")
        report.check('nothing is left in the store', r.text.strip() == '0', r)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
