# SPDX-License-Identifier: GPL-2.0
"""The commands of xm on a domain by name and by number, Dom0's memory, xend's
settings, and the guests that start and stop with the machine."""

import re

from guests import small

DUMPED = '/var/xen/dump/dumped'


def check_commands(report, m, tools):
    """Every command for one domain, by its name and by its number."""
    r = small(m, tools, 'cmd', '', 'maxmem = 32', create='create -q')
    report.check('create -q says nothing', r.status == 0 and not r.text, r)
    domid = tools.ids().get('cmd', '?')
    for dom in ('cmd', domid):
        for words, wanted in (
                ('list %s', r'^Name +ID Mem\(MiB\) VCPUs State +Time\(s\)\n'
                 r'cmd +%s +16 +1 -b---- ' % domid),
                ('list -l %s', r'^\(domain\n +\(domid %s\)\n +\(name cmd\)\n'
                 % domid),
                ('domid %s', '^%s$' % domid), ('domname %s', '^cmd$'),
                ('domstate %s', '^idle$'),
                ('uptime %s', r'^Name +ID Uptime *\ncmd +%s +\d:\d\d:\d\d$'
                 % domid),
                ('uptime -s %s', r'^ \d\d:\d\d:\d\d up .*, cmd \(%s\)$'
                 % domid),
                ('vcpu-list %s', r'^Name +ID +VCPU +CPU State +Time\(s\) CPU '
                 r'Affinity\ncmd +%s +0 +\d +-b- +\d+\.\d any cpu$' % domid),
                ('vcpu-pin %s 0 1', '^$'), ('vcpu-list %s', ' 1$'),
                ('vcpu-pin %s all all', '^$'), ('vcpu-set %s 1', '^$'),
                ('mem-set %s 12', '^$'), ('mem-max %s 40', '^$'),
                ('sched-credit2 -d %s -w 512', '^$'),
                ('sched-credit2 -d %s', r'cmd +%s +512$' % domid),
                ('sysrq %s s', '^$'), ('block-list %s', '^Vdev'),
                ('network-list %s', '^Idx'), ('pause %s', '^$'),
                ('domstate %s', '^paused$'), ('unpause %s', '^$')):
            r = tools.run(words % dom)
            report.check('xm ' + words % ('NAME' if dom == 'cmd' else 'ID'),
                         r.status == 0 and
                         re.search(wanted, r.text.rstrip()), r)
    r = tools.run('sched-credit')
    report.check('a command for another scheduler', r.status == 1 and
                 r.text.strip() ==
                 'Error: Xen is running with the credit2 scheduler', r)
    check_many(report, m, tools)
    r = m.run('cd /etc/xen && xm create small-none; xm create -n cmd '
              "memory=24 name='other'; cd /tmp; xm create -q -p cmd name=p "
              'memory=20; xm list p')
    report.check('create: errors, -n, -p, KEY=VALUE, found in /etc/xen',
                 'Error: Unable to open config file: small-none' in r.text and
                 '(name other)' in r.text and '(memory 24)' in r.text and
                 re.search(r'^p +\d+ +20 +1 --p---', r.text, re.M), r)
    r = tools.run('rename p renamed')
    report.check('rename', r.status == 0 and 'renamed' in tools.ids(), r)
    for name in ('cmd', 'renamed'):
        tools.run('destroy ' + name)
    for words in ('domid', 'destroy', 'console', 'list', 'pause', 'uptime'):
        r = tools.run(words + ' nobody')
        report.check('%s of nobody: status 3' % words, r.status == 3 and
                     "Error: Domain 'nobody' does not exist." in r.text, r)


def check_many(report, m, tools):
    """shutdown and reboot with each option."""
    old = tools.ids()['cmd']
    r = tools.run('reboot -w cmd')
    m.run("/xt/wait-for 60 'xm domid cmd'")
    report.check('reboot -w: a new id', r.status == 0 and
                 tools.ids().get('cmd', old) != old, r)
    tools.run('destroy cmd')  # a second reboot would come too soon
    small(m, tools, 'cmd', '', 'maxmem = 32')
    r = tools.run('shutdown -R -w cmd')
    m.run("/xt/wait-for 60 'xm domid cmd'")
    report.check('shutdown -R reboots', r.status == 0 and 'cmd' in tools.ids(),
                 r)
    small(m, tools, 'cmd2')
    r = tools.run('shutdown -H -w cmd2')
    report.check('shutdown -H -w halts it', r.status == 0 and
                 'Domain cmd2 terminated' in r.text and
                 'cmd2' not in tools.ids(), r)
    small(m, tools, 'cmd2')
    r = tools.run('shutdown -a -w')
    report.check('shutdown -a -w: all of them', r.status == 0 and
                 'All domains terminated' in r.text and
                 list(tools.ids()) == ['Domain-0'], r)
    small(m, tools, 'cmd', '', 'maxmem = 32')


def memory(m, domain):
    text = m.must('xm list ' + domain)
    return int(re.search(r'^%s +\d+ +(\d+) ' % domain, text, re.M).group(1))


def check_balloon(report, m, tools):
    free, dom0 = tools.free_memory(), memory(m, 'Domain-0')
    most = free + dom0 - 196
    r = small(m, tools, 'greedy', '', 'memory = %d' % (most + 64))
    report.check('more than Dom0 can give: refused, nothing is taken',
                 r.status == 1 and 'not enough memory' in r.text and
                 '%d MiB asked for' % (most + 64) in r.text and
                 memory(m, 'Domain-0') == dom0, r)
    r = small(m, tools, 'big', '', 'memory = %d' % (free + 64))
    now = memory(m, 'Domain-0')
    report.check('Dom0 gives what a guest lacks', r.status == 0 and
                 memory(m, 'big') == free + 64 and dom0 - 128 < now < dom0 - 63,
                 '%s Dom0 had %d, has %d' % (r, dom0, now))
    tools.run('destroy big')
    r = tools.run('mem-set Domain-0 %d' % dom0)
    m.run("/xt/wait-for 60 '[ $(xm list Domain-0 | "
          "sed -n \"s/^Domain-0 *0 *\\([0-9]*\\) .*/\\1/p\") = %d ]'" % dom0)
    report.check('mem-set gives Dom0 its memory back', r.status == 0 and
                 memory(m, 'Domain-0') == dom0, r)
    r = tools.run('mem-set Domain-0 100')
    report.check('dom0-min-mem holds for mem-set', r.status == 1 and
                 '196' in r.text, r)


def check_settings(report, m, tools):
    """xend-config.sxp: what it says holds from xend's next start."""
    m.must('cp /etc/xen/xend-config.sxp /tmp/; '
           'echo "(enable-dom0-ballooning no) (enable-dump yes) '
           '(loglevel DEBUG) (device-create-timeout 3) '
           "(network-script 'network-bridge bridge=br6')\" "
           '>>/etc/xen/xend-config.sxp; /etc/init.d/xend restart')
    r = m.run("/xt/wait-for 90 '[ -d /sys/class/net/br6/bridge ]'")
    report.check('network-script makes a bridge when xend starts',
                 r.status == 0, r)
    free = tools.free_memory()
    r = small(m, tools, 'big', '', 'memory = %d' % (free + 64))
    report.check('enable-dom0-ballooning no: Dom0 gives nothing',
                 r.status == 1 and 'not enough memory' in r.text, r)
    small(m, tools, 'dumped', 'end=crash', "on_crash = 'destroy'")
    r = m.run("/xt/wait-for 60 'ls %s/*.core && ! xm list dumped'" % DUMPED)
    report.check('enable-dump yes: each crash leaves a core', r.status == 0, r)
    m.must("printf '#!/bin/sh\\nexec tail -f /dev/null\\n' "
           '>/etc/xen/scripts/vif-slow; chmod 755 /etc/xen/scripts/vif-slow')
    r = small(m, tools, 'slow', '', "vif = ['script=vif-slow']")
    report.check('a script that hangs is ended in time', r.status == 1 and
                 'Hotplug scripts not working' in r.text and
                 m.run('pgrep -f "vif-slo[w]"').status, r)
    r = m.run('grep -c DEBUG /var/log/xen/xend.log')
    report.check('loglevel DEBUG', int(r.text or 0) > 0, r)
    m.must('rm -r /var/xen/dump; cp /tmp/xend-config.sxp /etc/xen/; '
           '/etc/init.d/xend restart; ifconfig br6 down; brctl delbr br6')


SCRIPT = '/etc/init.d/xendomains '


def check_xendomains(report, m, tools):
    m.must('rm -f /etc/xen/auto/*; mv /etc/default/xendomains /tmp/; '
           "printf 'XENDOMAINS_CREATE_USLEEP=1000\\n"
           "XENDOMAINS_STOP_MAXWAIT=%d\\n' 20 >/etc/default/xendomains")
    for name in ('20-last', '10-first'):
        small(m, tools, name, '', create='create -n')
        m.must('ln -s ../%s /etc/xen/auto/%s' % (name, name))
    m.must("echo 'kernel = ' >/etc/xen/auto/15-broken; "
           'cp /etc/xen/10-first /etc/xen/auto/10-first~')
    r = m.run(SCRIPT + 'start')
    ids = tools.ids()
    report.check('xendomains start: in order, and past a broken file',
                 r.status == 1 and re.search(
                     r'^Starting auto Xen domains: 10-first 15-broken\[error: '
                     r'.*\] 20-last\.$', r.text, re.M) and
                 int(ids.get('10-first', 0)) + 1 == int(ids.get('20-last', 0)),
                 str(r) + str(ids))
    m.must('rm /etc/xen/auto/15-broken')
    r = m.run(SCRIPT + 'reload')
    report.check('reload: what runs is left alone', r.status == 0 and
                 '10-first(skip) 20-last(skip).' in r.text, r)
    r = m.run(SCRIPT + 'start; ' + SCRIPT + 'status')
    report.check('a second start does nothing; status names the guests',
                 'already running' in r.text and
                 'Auto Xen domains: 10-first 20-last' in r.text, r)
    small(m, tools, 'other')
    m.must('echo XENDOMAINS_AUTO_ONLY=true >>/etc/default/xendomains')
    r = m.run(SCRIPT + 'stop')
    report.check('stop, AUTO_ONLY: those of /etc/xen/auto and no other',
                 r.status == 0 and list(tools.ids()) == ['Domain-0', 'other']
                 and re.search('^Shutting down Xen domains: 10-first 20-last'
                               r'\.$', r.text, re.M), r)
    r = m.run(SCRIPT + 'status')
    report.check('status when stopped: 3', r.status == 3, r)
    small(m, tools, 'deaf', 'deaf')
    m.must("printf 'XENDOMAINS_AUTO_ONLY=false\\nXENDOMAINS_SYSRQ=su\\n"
           "XENDOMAINS_STOP_MAXWAIT=3\\n' >>/etc/default/xendomains")
    r = m.run(SCRIPT + 'stop', 120)
    report.check('stop: a guest that does not listen is given up in time',
                 r.status == 1 and list(tools.ids()) == ['Domain-0', 'deaf']
                 and 'deaf(failed) all(failed).' in r.text, r)
    tools.run('destroy deaf')
    m.must('mv /tmp/xendomains /etc/default/')


def check_poweroff(report, m, tools):
    """Dom0's end shuts the guests down first."""
    small(m, tools, 'last')
    m.run("/xt/wait-log last 'small guest' 60")
    mark = m.mark()
    m.send(b'end poweroff\n')
    m.wait(r'Shutting down Xen domains: last\.', 120, mark)
    report.check('poweroff: the guests go first', True)
    report.check('and then the machine', m.wait_end(120) == 0)
