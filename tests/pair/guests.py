# SPDX-License-Identifier: GPL-2.0
"""What the tests of guests share: the tools' commands, and making a guest."""

import re

PROMPT = 'guest# '


class Tools:
    """xl or xm: their commands have the same names."""

    def __init__(self, machine, kind):
        self.m = machine
        self.program = {'ours': 'xm', 'debian': 'xl'}[kind]

    def run(self, words, seconds=120):
        return self.m.run('%s %s' % (self.program, words), seconds)

    def ids(self):
        """{name: id} of the domains there are."""
        text = self.m.must(self.program + ' list')
        return dict(re.findall(r'^(\S+) +(\d+) +\d+ +\d+ ', text, re.M))

    def free_memory(self):
        text = self.m.must(self.program + ' info')
        return int(re.search(r'^free_memory *: (\d+)', text, re.M).group(1))

    def gone(self, name, seconds=60):
        return self.m.run("/xt/wait-for %d '! %s list %s'"
                          % (seconds, self.program, name)).status == 0

    def talk(self, name, command, seconds=90):
        """Run a command in the guest's shell over its console."""
        end = 'said-%d' % self.m.asked
        r = self.m.converse(
            '%s console %s' % (self.program, name),
            [(PROMPT, b"%s; echo %s''\n" % (
                command.encode(), end.encode())),
             (end + r'\r*\n', b'\x1d')], seconds)
        return r


def create(report, m, tools, name, kernel, vcpus, memory, address, extra=''):
    """Make and start a guest; the checksum of its disk, or None."""
    total = m.must("/xt/guest-config %s %s %d %d %s '%s'" % (
        name, kernel, vcpus, memory, address, extra))
    r = tools.run('create /etc/xen/%s' % name, 200)
    what = '%s kernel, %d VCPU' % (kernel, vcpus)
    if not report.check(what + ': created', r.status == 0, r):
        return None
    r = m.run("/xt/wait-log %s 'guest ready' 200" % name, 220)
    report.check(what + ': comes up', r.status == 0 and
                 ' %d vcpus' % vcpus in r.text, r)
    return total


def small(m, tools, name, words='', *lines, create='create'):
    """Make the small guest (small/small.c); the outcome of `xm create`."""
    m.must('/xt/small-config %s "%s" %s' % (
        name, words, ' '.join('"%s"' % line for line in lines)))
    return tools.run('%s /etc/xen/%s' % (create, name))
