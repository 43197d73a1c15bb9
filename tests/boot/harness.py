# SPDX-License-Identifier: GPL-2.0
"""Boots a hypervisor with a Dom0 under QEMU and talks to that Dom0.

Keeps true: every wait has a deadline and waits for an event; whatever happens,
the QEMU that was started is ended, by its pid, and by the kernel if this
program is killed; the serial line's log stays in build/logs, and its last
lines are printed when a test fails.

A test is a program that makes a Machine, asks it things, and reports each
outcome by `check(name, condition, detail)`, or ends early with Failed.
"""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get('XT_BUILD', os.path.join(TOP, 'build'))
LOGS = os.path.join(BUILD, 'logs')
OVMF = '/usr/share/OVMF'

# QEMU 7.2 checks an iretq from ring 3 to ring 3 against SMAP, which no
# processor does; every 64-bit PV kernel executes one early.
CPU = 'max,-smap'

XEN_ARGS = 'console=com1 com1=115200,8n1 loglvl=all guest_loglvl=all ' \
           'noreboot=true'
DOM0_ARGS = 'console=hvc0 xt.agent'
DOM0_MEM = 'dom0_mem=768M,max:768M'

# What no test expects unless it says so. Debian's Xen and ours word their
# last messages alike; the kernel's are its own.
FATAL = (r'Panic on CPU|Xen BUG at|Assertion .* failed|'
         r'(Hardware Dom0|Domain 0|\bd0) crashed|Cannot start Dom0|'
         r'Kernel panic - not syncing|\bPANIC\b')

# Complaints of Dom0's kernel or the hypervisor that fail a load test.
COMPLAINTS = (r'BUG:|Oops:|WARNING: CPU|rcu: INFO|soft lockup|'
              r'general protection fault|Bad page state|hung_task|'
              r'\(XEN\).*(WARNING|WARN_ON|lost|contradict)')


# Words for QEMU: Machine.monitor() gives it commands of its own, by a socket
# in the machine's folder.
MONITOR = ['-chardev', 'socket,id=monitor,path=monitor,server=on,wait=off',
           '-mon', 'chardev=monitor,mode=readline']


class Failed(Exception):
    """The test cannot go on; the text says why."""


class Report:
    """Counts outcomes and prints one line for each."""

    def __init__(self):
        self.failures = 0

    def check(self, name, good, detail=''):
        if good:
            print('PASS %s' % name, flush=True)
            return True
        self.failures += 1
        detail = str(detail).strip()
        if len(detail) > 2000:
            detail = '... ' + detail[-2000:]
        print('FAIL %s%s' % (name, ': ' + detail if detail else ''),
              flush=True)
        return False

    def skip(self, name, why):
        print('SKIP %s: %s' % (name, why), flush=True)


def arguments(description):
    """The words every boot test takes."""
    p = argparse.ArgumentParser(description=description)
    p.add_argument('--xen', default=os.path.join(BUILD, 'xen.gz'),
                   help='the hypervisor (default: ours)')
    p.add_argument('--kernel', default=os.path.join(BUILD, 'debian/vmlinuz'))
    p.add_argument('--initrd', default=','.join([
        os.path.join(BUILD, 'dom0.img'),
        os.path.join(BUILD, 'dom0-test.img')]))
    p.add_argument('--xen-args', default='', help='more words for it')
    p.add_argument('--cpu', default=CPU, help='QEMU\'s model (%(default)s)')
    p.add_argument('--show', action='store_true',
                   help='copy the serial line to standard error')
    return p


class Outcome:
    """What a command in Dom0 printed, and its status."""

    def __init__(self, command, status, text, seconds):
        self.command, self.status = command, status
        self.text, self.seconds = text, seconds

    def __str__(self):
        return '`%s` ended with %d:\n%s' % (
            self.command, self.status, self.text)


def make_iso(path, hypervisor, kernel, initrd, xen_args, dom0_args, uefi,
             medium='iso'):
    env = dict(os.environ, XEN_ARGS=xen_args, DOM0_ARGS=dom0_args,
               MEDIUM='disk' if medium == 'disk' else 'iso',
               GRUB_FORMAT='x86_64-efi' if uefi else 'i386-pc')
    r = subprocess.run([os.path.join(TOP, 'dom0/mkiso'), path, hypervisor,
                        kernel, initrd], env=env, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       universal_newlines=True)
    if r.returncode:
        raise Failed('mkiso: ' + r.stdout[-1000:])


class Machine:
    """One QEMU with a serial line. Use it in a `with` statement.

    medium: `cd`, `stick` (the same image, as a disk), or `disk`, whose GRUB
    is where grub-install puts it."""

    accel = 'tcg,thread=multi'

    def __init__(self, name, args, mem=2048, cpus=1, uefi=False,
                 dom0_mem=DOM0_MEM, xen_args='', dom0_args='',
                 kernel=None, initrd=None, qemu=(), reboot=False,
                 machine='pc', medium='stick'):
        os.makedirs(LOGS, exist_ok=True)
        self.name = name
        self.dir = tempfile.mkdtemp(prefix='boot-', dir=BUILD)
        self.log_path = os.path.join(LOGS, name + '.log')
        self.log = open(self.log_path, 'wb')
        self.show = args.show
        self.text = bytearray()
        self.ended = False
        self.news = threading.Condition()
        self.asked = 0
        self.process = None
        try:
            self._start(args, mem, cpus, uefi,
                        ' '.join([XEN_ARGS, dom0_mem, xen_args,
                                  args.xen_args]),
                        ' '.join([DOM0_ARGS, dom0_args]) +
                        ('' if 'xt.auto' in dom0_args else ' xt.noauto'),
                        kernel, initrd, list(qemu), reboot, machine, medium)
        except BaseException:
            self.close()
            raise

    def _start(self, args, mem, cpus, uefi, xen_args, dom0_args, kernel,
               initrd, qemu, reboot, machine, medium):
        iso = os.path.join(self.dir, 'boot.iso')
        make_iso(iso, args.xen, kernel or args.kernel, initrd or args.initrd,
                 xen_args, dom0_args, uefi, medium)
        command = self._machine(args, machine, cpus, mem) + [
            '-drive', 'file=%s,format=raw,if=none,id=iso,snapshot=on' % iso,
            '-device', ('ide-cd' if medium == 'cd' else 'virtio-blk-pci') +
            ',drive=iso,bootindex=0']
        if uefi:
            variables = os.path.join(self.dir, 'vars.fd')
            shutil.copyfile(OVMF + '/OVMF_VARS_4M.fd', variables)
            command += [
                '-drive', 'if=pflash,format=raw,readonly=on,file=%s/'
                'OVMF_CODE_4M.fd' % OVMF,
                '-drive', 'if=pflash,format=raw,file=' + variables]
        if not reboot:
            command.append('-no-reboot')
        self._spawn(command + qemu)

    def _machine(self, args, machine, cpus, mem):
        return ['setpriv', '--pdeathsig', 'KILL', 'qemu-system-x86_64',
                '-accel', self.accel, '-cpu', args.cpu,
                '-machine', machine, '-smp', str(cpus), '-m', str(mem),
                '-display', 'none', '-monitor', 'none', '-nic', 'none',
                '-chardev', 'stdio,id=line,signal=off',
                '-serial', 'chardev:line']

    def _spawn(self, command):
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0, cwd=self.dir)
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None:
            self.print_tail()
        self.close()

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def print_tail(self, lines=40):
        with self.news:
            text = self.text.decode('utf-8', 'replace').replace('\r', '')
        print('--- the last lines of %s' % self.log_path)
        for line in text.split('\n')[-lines:]:
            print('| ' + line)
        sys.stdout.flush()

    def _read(self):
        fd = self.process.stdout.fileno()
        while True:
            data = os.read(fd, 65536)
            with self.news:
                if not data:
                    self.ended = True
                    self.news.notify_all()
                    return
                self.text += data
                self.news.notify_all()
            if not self.log.closed:
                self.log.write(data)
                self.log.flush()
            if self.show:
                sys.stderr.write(data.decode('utf-8', 'replace'))
                sys.stderr.flush()

    def seconds(self):
        return time.monotonic() - self.started

    def mark(self):
        """A place in the serial text: later waits can begin there."""
        with self.news:
            return len(self.text)

    def between(self, mark, end):
        with self.news:
            return self.text[mark:end].decode('utf-8', 'replace') \
                .replace('\r', '')

    def since(self, mark):
        return self.between(mark, None)

    def wait(self, pattern, seconds, since=0, fatal=FATAL):
        """Wait for the pattern on the serial line; its match object."""
        deadline = time.monotonic() + seconds
        wanted = re.compile(pattern.encode(), re.M)
        bad = re.compile(fatal.encode()) if fatal else None
        with self.news:
            while True:
                found = wanted.search(self.text, since)
                if found:
                    return found
                end = bad and bad.search(self.text, since)
                if end:
                    self.news.wait_for(lambda: self.ended, 2)
                    raise Failed('on the console: ' +
                                 end.group().decode('utf-8', 'replace'))
                if self.ended:
                    raise Failed('QEMU ended before /%s/' % pattern)
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Failed('no /%s/ within %d s' % (pattern, seconds))
                self.news.wait(left)

    def wait_end(self, seconds):
        """Wait until QEMU ends by itself; its exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed('QEMU still runs after %d s' % seconds)

    def dom0(self, seconds=300):
        """Wait until Dom0 listens; seconds since the start."""
        self.wait(r'@@agent listens', seconds)
        return self.seconds()

    def send(self, data):
        try:
            self.process.stdin.write(data)
            self.process.stdin.flush()
        except OSError:
            raise Failed('QEMU ended while it was written to')

    def _send_line(self, line):
        # The hypervisor's receive ring may be as small as 128 bytes, so a
        # long line goes in pieces, each after the echo of the one before.
        data = line.encode()
        for i in range(0, len(data), 64):
            piece = data[i:i + 64]
            before = self.mark()
            self.send(piece)
            deadline = time.monotonic() + 5
            with self.news:
                while len(self.text) - before < len(piece):
                    left = deadline - time.monotonic()
                    if left <= 0 or self.ended:
                        break
                    self.news.wait(left)
        self.send(b'\n')

    def run(self, command, seconds=120):
        """Run one shell line in Dom0."""
        assert '\n' not in command
        self.asked += 1
        token = 'q%d' % self.asked
        mark = self.mark()
        start = time.monotonic()
        self._send_line('%s %s' % (token, command))
        end = self.wait(r'^@@%s ends (\d+)' % token, seconds, mark)
        text = self.since(mark)
        text = text[text.index('@@%s begins' % token):]
        text = text[text.index('\n') + 1:text.rindex('@@%s ends' % token)]
        return Outcome(command, int(end.group(1)), text.rstrip('\n'),
                       time.monotonic() - start)

    def monitor(self, command, seconds=60):
        """Give QEMU a command of its monitor; what it answers."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(seconds)
            line.connect(os.path.join(self.dir, 'monitor'))
            said = b''
            for word in (b'', command.encode() + b'\n'):
                line.sendall(word)
                said = b''
                while not said.endswith(b'(qemu) '):
                    data = line.recv(4096)
                    if not data:
                        raise Failed('QEMU closed its monitor')
                    said += data
        return said.decode('utf-8', 'replace')

    def nudge(self, pattern, seconds, since):
        """Press return until the pattern comes: a program that takes over
        the terminal may throw away what was typed before."""
        deadline = time.monotonic() + seconds
        while True:
            self.send(b'\n')
            try:
                return self.wait(pattern, 1, since)
            except Failed:
                if time.monotonic() > deadline:
                    raise

    def converse(self, command, talk, seconds=60):
        """Run a program on Dom0's terminal. talk is a list of (pattern to
        wait for, bytes to send then); the outcome's text is all it showed.
        Return is pressed until the first pattern is there."""
        self.asked += 1
        token = 'q%d' % self.asked
        mark = self.mark()
        start = time.monotonic()
        self._send_line('%s !%s' % (token, command))
        here = self.wait('^@@%s begins' % token, seconds, mark).end()
        for i, (pattern, answer) in enumerate(talk):
            wait = self.wait if i else self.nudge
            here = wait(pattern, seconds, here).end()
            self.send(answer)
        end = self.wait(r'@@%s ends (\d+)' % token, seconds, here)
        text = self.since(mark)
        return Outcome(command, int(end.group(1)),
                       text[:text.rindex('@@%s ends' % token)],
                       time.monotonic() - start)

    def must(self, command, seconds=120):
        """Run a command that has to succeed; its output."""
        r = self.run(command, seconds)
        if r.status:
            raise Failed(str(r))
        return r.text

    def complaints(self, since=0):
        """Lines of kernel or hypervisor that tell of trouble."""
        return [line for line in self.since(since).split('\n')
                if re.search(COMPLAINTS, line)]


def main(test, args):
    """Run test(report, args); the program's exit status."""
    report = Report()
    # so that what was started is ended, and folders are removed
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    try:
        test(report, args)
    except Failed as e:
        report.check(os.path.basename(sys.argv[0]), False, e)
    except KeyboardInterrupt:
        return 130
    return 1 if report.failures else 0
