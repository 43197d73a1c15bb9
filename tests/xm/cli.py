#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""xm beside a made-up xend: what it prints, what it calls, how it exits.

usage: cli.py [XM]

The made-up xend is Python's own XML-RPC server on a Unix socket, so this also
shows that xm speaks what everybody calls XML-RPC.
"""
import os
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
from xmlrpc.server import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler
from xmlrpc.client import Fault

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.environ.get('XT_BUILD', os.path.join(TOP, 'build'))
XM = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    BUILD, 'tests/xm/xm-san')

CALLS = []
failed = False


def domain(domid, name, mem, vcpus, state, seconds):
    return ['domain', ['domid', domid], ['name', name], ['memory', mem],
            ['online_vcpus', vcpus], ['state', state],
            ['cpu_time', seconds], ['start_time', '0']]


DOMAINS = [domain(0, 'Domain-0', 334, 1, 'r-----', 114.9),
           domain('1', 'test1', '159', '1', '-b----', '58.0')]


class Xend:
    def _dispatch(self, method, params):
        CALLS.append((method, params))
        if method == 'xend.domains_with_state':
            return DOMAINS
        if method == 'xend.domains_columns':
            return [[dict(d[1:])[c] for c in params[1:]] for d in DOMAINS
                    if params[0] == 'all' or 'r' in d[5][1]]
        if method == 'xend.domain':
            for d in DOMAINS:
                if str(params[0]) in (str(d[1][1]), d[2][1]):
                    return d
            raise Fault(3, params[0])
        if method == 'xend.domain.create':
            if 'bad' in str(params[0]):
                raise Fault(2, 'disk xvda: <none> & nothing')
            return DOMAINS[1]
        if method == 'xend.node.info':
            return [['host', 'h'], ['nr_cpus', 2], ['cpu_topology', 'x'],
                    ['xen_scheduler', 'credit']]
        if method == 'xend.domain.sched_credit_get':
            return [256, 0]
        if method == 'xend.node.dmesg.info':
            return '(XEN) <hello> & "bye"\n'
        return 0


class Handler(SimpleXMLRPCRequestHandler):
    rpc_paths = ()
    disable_nagle_algorithm = False

    def address_string(self):
        return 'xm'

    def log_request(self, code='-', size='-'):
        pass


class Server(socketserver.UnixStreamServer, SimpleXMLRPCDispatcher):
    def __init__(self, path):
        SimpleXMLRPCDispatcher.__init__(self, allow_none=True)
        socketserver.UnixStreamServer.__init__(self, path, Handler)
        self.register_instance(Xend())


def check(sentence, ok, got):
    global failed
    print('%s xm: %s' % ('PASS' if ok else 'FAIL', sentence) +
          ('' if ok else ': got %r' % (got,)))
    failed = failed or not ok


def xm(*args):
    r = subprocess.run([XM, *args], capture_output=True, text=True)
    return r.returncode, r.stdout, r.stderr


def outputs(tmp):
    got = xm('list')
    check('list has the customary columns', got == (0,
          'Name                                      ID Mem(MiB) VCPUs '
          'State   Time(s)\n'
          'Domain-0                                   0      334     1 '
          'r-----    114.9\n'
          'test1                                      1      159     1 '
          '-b----     58.0\n', ''), got)
    check('list asks for no more than it shows', CALLS == [
          ('xend.domains_columns', ('all', 'name', 'domid', 'memory',
                                    'online_vcpus', 'state', 'cpu_time'))],
          CALLS)
    got = xm('list', '--state=running')
    check('list passes the state on', got[0] == 0 and
          CALLS[-1][1][0] == 'running' and
          got[1].split('\n')[1].startswith('Domain-0 ') and
          'test1' not in got[1], got)
    got = xm('list', '-l')
    check('list -l shows descriptions', got[0] == 0 and
          '(name test1)' in got[1], got)
    got = xm('list', 'test1', 'nobody')
    check('list of names shows those that exist', got[0] == 3 and
          got[1].split('\n')[1].startswith('test1 ') and
          got[2] == "Error: Domain 'nobody' does not exist.\n", got)
    got = xm('domid', 'test1')
    check('domid gives the id', got == (0, '1\n', ''), got)
    got = xm('domname', '1')
    check('domname gives the name', got == (0, 'test1\n', ''), got)
    got = xm('domid', 'nobody')
    check('an unknown domain gives status 3', got == (
          3, '', "Error: Domain 'nobody' does not exist.\n"), got)
    got = xm('info')
    check('info shows keys and values', got[1] ==
          'host                   : h\nnr_cpus                : 2\n'
          'xen_scheduler          : credit\n', got)
    got = xm('dmesg')
    check('text comes through XML whole', got[1] ==
          '(XEN) <hello> & "bye"\n', got)
    got = xm('sched-credit', '-d', 'test1')
    check('sched-credit shows weight and cap', got[1].split() ==
          ['Name', 'ID', 'Weight', 'Cap', 'test1', '1', '256', '0'], got)
    got = xm('sched-credit2')
    check('a command for another scheduler fails', got == (
          1, '', 'Error: Xen is running with the credit scheduler\n'), got)


def creation(tmp):
    path = os.path.join(tmp, 'g1')
    with open(path, 'w') as f:
        f.write('kernel="/k"\nmemory=64\n')
    CALLS.clear()
    got = xm('create', path)
    check('create says what it does', got == (
          0, 'Using config file "%s".\nStarted domain test1\n' % path, ''),
          got)
    check('create makes, then unpauses', [c[0] for c in CALLS] ==
          ['xend.domain.create', 'xend.domain.unpause'], CALLS)
    check('the description has name and kernel', CALLS[0][1][0] ==
          ['vm', ['name', 'g1'], ['memory', '64'],
           ['image', ['linux', ['kernel', '/k']]]], CALLS[0])
    CALLS.clear()
    got = xm('create', '-p', '-q', path, 'memory=128')
    check('-p -q leaves it paused, quietly', got == (0, '', '') and
          [c[0] for c in CALLS] == ['xend.domain.create'] and
          ['memory', '128'] in CALLS[0][1][0], (got, CALLS))
    CALLS.clear()
    got = xm('create', '-n', path)
    check('-n asks nobody', got[0] == 0 and '\n    (name g1)\n' in got[1] and
          not CALLS, got)
    got = xm('create', path, 'name=bad')
    check("xend's reason is one line", got[0] == 1 and got[2] ==
          'Error: disk xvda: <none> & nothing\n', got)
    got = xm('create', path, 'memroy=1', '-n')
    check('an unknown key is named with the nearest', got[2] ==
          "Warning: command line: unknown key 'memroy'; did you mean "
          "'memory'?\n", got)
    warnings(path)
    with open(path, 'w') as f:
        f.write('kernel="/k"\nmemory=\n')
    got = xm('create', path)
    check('an error in a file has its place', got[0] == 1 and
          got[2].startswith('Error: %s:2:' % path), got)


def warnings(path):
    """What is said of keys that do nothing, and of kernels named shortly."""
    with open(path, 'w') as f:
        f.write('vg="x"; kernel="k"; disk=["phy:%s/a,xvda,w" % vg]\n'
                'vnc=1; sdl=0; serial="pty"; pci=[]\n'
                'bootloader="/usr/bin/pygrub"\n')
    got = xm('create', '-n', path)
    check('keys for HVM guests are named in one line', got[2] ==
          "Warning: %s:3:1: 'bootloader' has no effect\n"
          'Warning: %s: without effect, being for HVM guests: vnc, serial\n'
          % (path, path), got)
    check("a kernel's name is seen from where xm is called",
          '(kernel %s/k)' % os.getcwd() in got[1], got)
    with open(path, 'w') as f:
        f.write('builder="hvm"\nvnc=1\nnonsense=1\n')
    got = xm('create', '-n', path)
    check('an HVM guest is refused without more words', got[0] == 1 and
          got[2].startswith('Error: %s:1:9: only paravirtual' % path) and
          got[2].count('\n') == 1, got)


def misuse():
    got = xm()
    check('alone it shows the common commands', got[0] == 1 and
          got[1].startswith('Usage: xm <subcommand> [args]\n\nControl, list, '
                            'and manipulate Xen guest instances.\n\nCommon '
                            "'xm' commands:\n") and
          '\n<DomName> can either be the Domain Name or Id.\n' in got[1], got)
    common = [line.split()[0] for line in got[1].splitlines()
              if line.startswith(' ') and line[1] != ' ']
    check('the common commands are those of old', set(common) >= {
        'console', 'create', 'destroy', 'help', 'list', 'mem-set', 'pause',
        'reboot', 'shutdown', 'unpause', 'uptime', 'vcpu-set'}, common)
    got = xm('help')
    check('help lists all', got[0] == 0 and
          'xm full list of subcommands:' in got[1], got)
    names = [l.split()[0] for l in got[1].splitlines()
             if l.startswith(' ') and l[1] != ' ']
    bad = [n for n in names if xm(n, '--help')[0] != 0 or
           not xm(n, '--help')[1].startswith('Usage: xm %s ' % n)]
    check('each command has its own help', names and not bad, bad)
    got = xm('frobnicate')
    check('an unknown command is refused', got[0] == 1 and got[2].startswith(
          'Error: Subcommand frobnicate not found!\n'), got)
    got = xm('destroy')
    check('missing arguments are refused', got[0] == 1 and got[2].startswith(
          "Error: 'xm destroy' requires 1 argument.\nUsage: xm destroy"), got)
    got = xm('list', '--fast')
    check('unknown options are refused', got[0] == 1 and got[2].startswith(
          'Error: unknown option --fast\n'), got)


def complete(tmp, *words):
    """What bash offers for the last of these words."""
    if not os.path.exists(os.path.join(tmp, 'xm')):
        os.symlink(os.path.abspath(XM), os.path.join(tmp, 'xm'))
    script = '. %s/tools/etc/xm-completion.bash; COMP_WORDS=(%s); ' \
        'COMP_CWORD=%d; _xm; echo ${COMPREPLY[*]}' % (
            TOP, ' '.join(w or "''" for w in words), len(words) - 1)
    r = subprocess.run(['bash', '-c', script], capture_output=True, text=True,
                       env=dict(os.environ, PATH=tmp + ':' +
                                os.environ['PATH']))
    return r.stdout.split() + r.stderr.split()


def completion(tmp):
    got = complete(tmp, 'xm', 'vcpu-')
    check('bash completes commands', got ==
          ['vcpu-list', 'vcpu-pin', 'vcpu-set'], got)
    got = complete(tmp, 'xm', 'destroy', '')
    check('bash completes guests, without Domain-0', got == ['test1'], got)
    got = complete(tmp, 'xm', 'create', '-')
    check('bash completes options of create', '-c' in got and '-p' in got,
          got)


def page(name):
    with open(os.path.join(TOP, 'tools/man', name)) as man:
        return man.read().replace('\\-', '-')


def manual():
    names = [line.split()[0] for line in xm('help')[1].splitlines()
             if line.startswith(' ') and line[1] != ' ']
    text = page('xm.1')
    bad = [n for n in names if not re.search(r'\\fB(xm )?%s\\fR' % n, text) and
           not re.search(r'^\.B[RI]? .*\b%s\b' % n, text, re.M)]
    check('each command has its place in xm(1)', names and not bad, bad)
    names = [line.split()[0]
             for line in xm('create', '--help_config')[1].splitlines()[1:]
             if 'without effect' not in line]
    text = page('xmdomain.cfg.5')
    bad = [n for n in names if '\\fB%s\\fR' % n not in text]
    check('each key has its place in xmdomain.cfg(5)', names and not bad, bad)
    with open(os.path.join(TOP, 'tools/etc/xmexample1')) as example:
        text = example.read()
    bad = [n for n in names if not re.search('^#?%s *=' % n, text, re.M)]
    check('each key is explained in xmexample1', names and not bad, bad)
    with open(os.path.join(TOP, 'tools/xend/settings.c')) as source:
        names = re.findall(r'_of\(all, "([a-z0-9-]+)"', source.read())
    text = page('xend-config.sxp.5')
    bad = [n for n in names if '\\fB%s\\fR' % n not in text]
    check('each setting has its place in xend-config.sxp(5)',
          names and not bad, bad)


def alone(tmp):
    os.environ['XM_SERVER'] = os.path.join(tmp, 'nobody')
    got = xm('list')
    check('without xend it says so', got[0] == 1 and (
          'Is xend running?' in got[2] or 'root access' in got[2]), got)


with tempfile.TemporaryDirectory() as directory:
    socket = os.path.join(directory, 'sock')
    os.environ['XM_SERVER'] = socket
    server = Server(socket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    outputs(directory)
    creation(directory)
    misuse()
    completion(directory)
    manual()
    alone(directory)
sys.exit(1 if failed else 0)
