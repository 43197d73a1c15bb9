#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The whole daemon by its sockets, without a hypervisor (-D), built with
sanitizers. Runs beside its copy of xenstored: make check-store puts both into
build/tests/store."""

import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

DAEMON = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                      'xenstored-san')
DIRECTORY, READ, WATCH, START, END = 1, 2, 4, 6, 7
WRITE, RM, EVENT, ERROR = 11, 13, 15, 16
DEADLINE = 60


class Conn:
    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.settimeout(DEADLINE)
        self.s.connect(path)
        self.buf, self.events = b'', []

    def send(self, kind, body, tx=0, req=1):
        self.s.sendall(struct.pack('<4I', kind, req, tx, len(body)) + body)

    def need(self, n):
        while len(self.buf) < n:
            more = self.s.recv(1 << 16)
            if not more:
                raise EOFError
            self.buf += more

    def message(self):
        self.need(16)
        kind, req, tx, length = struct.unpack('<4I', self.buf[:16])
        self.need(16 + length)
        body = self.buf[16:16 + length]
        self.buf = self.buf[16 + length:]
        return kind, req, tx, body

    def answer(self):
        while True:
            m = self.message()
            if m[0] != EVENT:
                return m
            self.events.append(m[3])

    def ask(self, kind, body, tx=0):
        self.send(kind, body, tx)
        return self.answer()[3]

    def event(self):
        if not self.events:
            self.events.append(self.message()[3])
        return self.events.pop(0)


class Daemon:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix='store-daemon-')
        self.path = self.dir + '/run/socket'
        self.start()

    def start(self, *before):
        """Not in the background but ready: it says so by its socket."""
        if os.path.exists(self.path):
            os.unlink(self.path)
        pid = self.dir + '/pid'
        subprocess.run(
            [*before, DAEMON, '-D', '-R', self.dir + '/run', '-S', self.dir + '/state',
             '-P', pid, '-L', self.dir + '/log'], check=True,
            timeout=DEADLINE)
        with open(pid) as f:
            self.pid = int(f.read())

    def kill(self):
        fd = os.pidfd_open(self.pid)
        os.kill(self.pid, signal.SIGKILL)
        select.select([fd], [], [], DEADLINE)
        os.close(fd)

    def conn(self, name='socket'):
        return Conn(self.dir + '/run/' + name)

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        fd = os.pidfd_open(self.pid)
        select.select([fd], [], [], DEADLINE)
        os.close(fd)
        with open(self.dir + '/log') as f:
            log = f.read()
        shutil.rmtree(self.dir)
        assert 'Sanitizer' not in log and 'runtime error' not in log, log


def a_message_may_come_in_pieces(d):
    c = d.conn()
    for byte in struct.pack('<4I', WRITE, 9, 0, 7) + b'/a/b\0xy':
        c.s.sendall(bytes([byte]))
    assert c.answer() == (WRITE, 9, 0, b'OK\0')
    assert c.ask(READ, b'/a/b\0') == b'xy'


def many_requests_may_be_under_way(d):
    c = d.conn()
    block = b''.join(struct.pack('<4I', READ, i, 0, 5) + b'/a/b\0'
                     for i in range(200))
    for _ in range(20):
        c.s.sendall(block)
        for i in range(200):
            assert c.answer() == (READ, i, 0, b'xy')


def a_message_too_long_ends_its_sender_only(d):
    bad, good = d.conn(), d.conn()
    bad.s.sendall(struct.pack('<4I', READ, 1, 0, 4097) + b'x' * 100)
    try:
        bad.message()
        raise AssertionError('it was answered')
    except (EOFError, ConnectionResetError):
        pass
    assert good.ask(READ, b'/a/b\0') == b'xy'


def watchers_hear_of_others_changes(d):
    w, c = d.conn(), d.conn()
    assert w.ask(WATCH, b'/w\0tok\0') == b'OK\0'
    assert w.event() == b'/w\0tok\0'
    c.ask(WRITE, b'/w/x\0001')
    assert w.event() == b'/w/x\0tok\0'
    t = c.ask(START, b'\0')
    tx = int(t[:-1])
    c.ask(WRITE, b'/w/y\0001', tx)
    assert c.ask(END, b'T\0', tx) == b'OK\0'
    assert w.event() == b'/w/y\0tok\0'


def who_does_not_read_stops_nobody(d):
    lazy, c = d.conn(), d.conn()
    lazy.ask(WATCH, b'/lazy\0t\0')
    for i in range(20000):
        c.send(WRITE, b'/lazy/%d\0%s' % (i % 3000, b'v' * 50))
        if i % 50 == 49:
            for _ in range(50):
                assert c.answer()[3] == b'OK\0'
    n = 0
    while True:
        n += 1
        if lazy.event() == b'/lazy/1999\0t\0' and n > 19000:
            break
    assert lazy.ask(READ, b'/a/b\0') == b'xy'
    c.ask(RM, b'/lazy\0')


def who_does_not_read_answers_is_not_read(d):
    lazy, c = d.conn(), d.conn()
    c.ask(WRITE, b'/big\0' + b'z' * 4000)
    lazy.s.setblocking(False)
    block = struct.pack('<4I', READ, 1, 0, 5) + b'/big\0'
    sent = 0
    try:
        while sent < 1 << 24:
            sent += lazy.s.send(block * 100)
    except BlockingIOError:
        pass
    assert sent < 1 << 24
    assert c.ask(READ, b'/a/b\0') == b'xy'
    lazy.s.settimeout(DEADLINE)
    for _ in range(sent // len(block)):
        assert len(lazy.answer()[3]) == 4000


def sudden_ends_leave_nothing(d):
    for i in range(300):
        c = d.conn()
        c.send(WATCH, b'/w\0%d\0' % i)
        c.send(START, b'\0')
        if i % 3:
            c.answer()
        c.s.close()
    c = d.conn()
    assert c.ask(0, b'check\0') == b'OK\0'


def the_read_only_socket_reads(d):
    c = d.conn('socket_ro')
    assert c.ask(READ, b'/a/b\0') == b'xy'
    assert c.ask(WRITE, b'/a/b\0no') == b'EROFS\0'


def a_killed_daemon_comes_back_as_it_was(d):
    for i in range(20):
        c = d.conn()
        c.ask(WRITE, b'/kept/%d\0%d' % (i, i))
        tx = int(c.ask(START, b'\0')[:-1])
        c.ask(WRITE, b'/half\0no', tx)
        c.send(WRITE, b'/maybe\0%d' % i)
        d.kill()
        d.start()
    c = d.conn()
    for i in range(20):
        assert c.ask(READ, b'/kept/%d\0' % i) == b'%d' % i
    assert c.ask(READ, b'/half\0') == b'ENOENT\0'
    assert c.ask(0, b'check\0') == b'OK\0'


def its_parent_may_have_closed_all(d):
    d.kill()
    os.unlink(d.dir + '/log')
    d.start('sh', '-c', 'exec "$0" "$@" <&- >&- 2>&-')
    assert d.conn().ask(READ, b'/kept/1\0') == b'1'
    with open(d.dir + '/log') as f:
        assert 'going on' in f.read()


def a_second_daemon_is_refused(d):
    r = subprocess.run([DAEMON, '-D', '-F', '-R', d.dir + '/run2', '-S',
                        d.dir + '/state'], timeout=DEADLINE,
                       capture_output=True, check=False)
    assert r.returncode == 1 and b'another' in r.stderr, r


TESTS = [a_message_may_come_in_pieces, many_requests_may_be_under_way,
         a_message_too_long_ends_its_sender_only,
         watchers_hear_of_others_changes, who_does_not_read_stops_nobody,
         who_does_not_read_answers_is_not_read, sudden_ends_leave_nothing,
         the_read_only_socket_reads, a_killed_daemon_comes_back_as_it_was,
         its_parent_may_have_closed_all, a_second_daemon_is_refused]


def main():
    bad = 0
    d = Daemon()
    for test in TESTS:
        what = 'store daemon: ' + test.__name__.replace('_', ' ')
        try:
            test(d)
            print('PASS', what, flush=True)
        except Exception as e:
            print('FAIL %s: %r' % (what, e), flush=True)
            bad = 1
    try:
        d.end()
    except Exception as e:
        print('FAIL store daemon: ends cleanly: %r' % e)
        bad = 1
    return bad


if __name__ == '__main__':
    sys.exit(main())
