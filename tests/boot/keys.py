# SPDX-License-Identifier: GPL-2.0
"""The hypervisor's debug keys, and its log, as a test reads them.

A key is pressed on the serial line (Ctrl-a three times gives it the input) or
asked for by `xl debug-keys` in Dom0; what it prints is on the serial line.
"""

import re

TO_XEN = r'\*\*\* Serial input to Xen'
TO_DOM0 = r'\*\*\* Serial input to DOM0'
AUDIT = re.compile(r'\(XEN\) d(\d+): (\d+) frames, (\d+) of them tables in '
                   r'use, (\d+) held besides, (\d+) do not add up')
AUDITED = r'\(XEN\) (All counts agree|Frames that contradict: \d+)\r?\n'


def press(m, key, end, seconds=120):
    """Press a key on the serial line; what came until the pattern `end`."""
    mark = m.mark()
    m.send(b'\x01\x01\x01')
    m.wait(TO_XEN, 60, mark)
    m.send(key.encode())
    there = m.wait(end, seconds, mark).end()
    m.send(b'\x01\x01\x01')
    m.wait(TO_DOM0, 60, mark)
    return m.between(mark, there)


def ask(m, letters):
    """Several keys by `xl debug-keys`; what they print comes before it ends."""
    return m.must('xl debug-keys ' + letters, 300)


class Audit:
    """What the key `m` says of all frames: do counts and tables agree?"""

    def __init__(self, text):
        self.text = text
        rows = [tuple(map(int, r)) for r in AUDIT.findall(text)]
        self.domains = {r[0]: r for r in rows}
        self.good = 'All counts agree' in text and 0 in self.domains and \
            all(r[4] == 0 for r in rows)

    def besides(self, domain=0):
        """Frames with counts that no table, pin or root explains: in use by
        descriptors, shared pages, grants and other domains."""
        return self.domains[domain][3]

    def __str__(self):
        return self.text


def audit(m):
    return Audit(ask(m, 'm'))


def audit_by_serial(m):
    return Audit(press(m, 'm', AUDITED))


class Held:
    """What is given out: the machine's free memory in KiB, Dom0's event
    channels, and the grants of each domain, in use and mapped."""

    def __init__(self, m):
        text = ask(m, 'Heg')
        self.free = int(re.search(r'Heap: (\d+) of', text).group(1))
        self.ports = int(re.search(r'd0: (\d+) ports', text).group(1))
        self.grants = {int(d): (int(used), int(mapped)) for d, used, mapped
                       in re.findall(r'd(\d+): grants: .* (\d+) entries in '
                                     r'use, (\d+) mapped', text)}

    def __str__(self):
        return '%d KiB free, %d ports, grants {domain: (in use, mapped)} %s' \
            % (self.free, self.ports, self.grants)
