#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Debian's own xl, in Dom0, talks to the hypervisor."""

import re
import sys

import harness

INFO = ('host', 'release', 'machine', 'nr_cpus', 'max_cpu_id', 'nr_nodes',
        'cores_per_socket', 'threads_per_core', 'cpu_mhz', 'hw_caps',
        'total_memory', 'free_memory', 'xen_major', 'xen_minor', 'xen_version',
        'xen_caps', 'xen_scheduler', 'xen_pagesize', 'platform_params',
        'xen_commandline', 'cc_compiler')


def fields(text):
    return dict(re.findall(r'^(\w+) *: (.*)$', text, re.M))


def check_info(report, m):
    r = m.run('xl info')
    info = fields(r.text)
    report.check('xl info succeeds', r.status == 0, r)
    missing = [k for k in INFO if k not in info]
    report.check('xl info names all it should', not missing, missing)
    report.check('xl info: version 4.17', info.get('xen_version', '')
                 .startswith('4.17'), info)
    report.check('xl info: two processors', info.get('nr_cpus') == '2', info)
    report.check('xl info: PV guests', 'xen-3.0-x86_64' in
                 info.get('xen_caps', '').split(), info)
    total = int(info.get('total_memory', 0))
    free = int(info.get('free_memory', 0))
    report.check('xl info: memory adds up',
                 1900 <= total <= 2048 and 900 <= free <= total - 760, info)
    report.check('xl info: command line', 'dom0_mem=768M' in
                 info.get('xen_commandline', ''), info)
    report.check('xl info: clock rate',
                 float(info.get('cpu_mhz', 0)) > 100, info)


def check_lists(report, m):
    r = m.run('xl list')
    report.check('xl list shows Domain-0', r.status == 0 and re.search(
        r'^Domain-0 +0 +7[0-9]{2} +2 +r----- +[0-9.]+', r.text, re.M), r)
    r = m.run('xl list -l')
    report.check('xl list -l succeeds', r.status == 0 and '"domid": 0'
                 in r.text, r)
    r = m.run('xl vcpu-list')
    rows = re.findall(r'^Domain-0 +0 +(\d) +(\d|-) +(...) +([\d.]+) +(.*)$',
                      r.text, re.M)
    report.check('xl vcpu-list shows two VCPUs', [x[0] for x in rows] ==
                 ['0', '1'], r)
    report.check('xl vcpu-list: one of them runs',
                 any(x[2].startswith('r') for x in rows), r)


def check_console(report, m):
    r = m.run('xl dmesg')
    report.check('xl dmesg shows the boot', r.status == 0 and
                 'Xen version' in r.text or 'Xenolith' in r.text, r)
    mark = m.mark()
    r = m.run('xl debug-keys h')
    report.check('xl debug-keys h succeeds', r.status == 0, r)
    try:
        m.wait(r'(?i)key|help', 20, mark)
        report.check('its answer is on the console', True)
    except harness.Failed as e:
        report.check('its answer is on the console', False, e)
    r = m.run('xl dmesg | tail -n 60')
    report.check('and in xl dmesg', re.search(r"(?i)\bkey '?h|'h'", r.text),
                 r)


def check_scheduler(report, m):
    name = fields(m.run('xl info').text).get('xen_scheduler', '')
    tool = 'sched-credit' if name == 'credit' else 'sched-credit2'
    r = m.run('xl %s -d 0' % tool)
    report.check('xl %s shows Domain-0' % tool, r.status == 0 and re.search(
        r'^Domain-0 +0 +256\b', r.text, re.M), r)
    r = m.run('xl %s -d 0 -w 512 && xl %s -d 0' % (tool, tool))
    report.check('xl %s sets a weight' % tool, re.search(
        r'^Domain-0 +0 +512\b', r.text, re.M), r)
    m.run('xl %s -d 0 -w 256' % tool)


def check_vcpus(report, m):
    r = m.run('xl vcpu-pin 0 1 0 && xl vcpu-list 0')
    report.check('xl vcpu-pin binds a VCPU', r.status == 0 and re.search(
        r'^Domain-0 +0 +1 +\S+ +\S+ +[\d.]+ +0 /', r.text, re.M), r)
    r = m.run('xl vcpu-pin 0 1 all && xl vcpu-list 0')
    report.check('and lets it go', r.status == 0 and re.search(
        r'^Domain-0 +0 +1 +\S+ +\S+ +[\d.]+ +all /', r.text, re.M), r)
    until = 'n=0; until [ $(nproc) = %d ] || [ $n = 100 ]; do n=$((n+1)); ' \
            'usleep 100000; done; nproc'
    r = m.run('xl vcpu-set 0 1; ' + until % 1)
    report.check('xl vcpu-set takes a VCPU away', r.text.endswith('1'), r)
    r = m.run('xl vcpu-set 0 2; ' + until % 2)
    if not r.text.endswith('2'):
        # the kernel leaves it to udev to take a new processor in use
        r = m.run('echo 1 >/sys/devices/system/cpu/cpu1/online; ' + until % 2)
    report.check('and gives it back', r.text.endswith('2'), r)


def check_memory(report, m):
    until = 'n=0; until xl list 0 | grep -q " 0 *%d " || [ $n = 100 ]; ' \
            'do n=$((n+1)); usleep 100000; done; xl list 0'
    r = m.run('xl mem-set 0 600m; ' + until % 600)
    report.check('xl mem-set shrinks Domain-0', re.search(
        r'^Domain-0 +0 +600 ', r.text, re.M), r)
    r = m.run('xl mem-set 0 700m; ' + until % 700)
    report.check('and lets it grow', re.search(
        r'^Domain-0 +0 +700 ', r.text, re.M), r)


def test(report, args):
    with harness.Machine('xl', args, cpus=2, mem=2048,
                         dom0_args='xt.tools=debian') as m:
        m.dom0()
        check_info(report, m)
        check_lists(report, m)
        check_console(report, m)
        check_scheduler(report, m)
        check_vcpus(report, m)
        check_memory(report, m)
        report.check('no complaint on the console', not m.complaints(),
                     '\n'.join(m.complaints()))


sys.exit(harness.main(test, harness.arguments(__doc__).parse_args()))
