# SPDX-License-Identifier: GPL-2.0
"""A machine whose time is the count of its instructions, and the hypervisor
that ours is set beside."""
import glob
import os

import boot

MACHINE = ['-accel', 'tcg,thread=single', '-icount', 'shift=0,sleep=off',
           '-rtc', 'clock=vm,base=2026-01-01', '-m', '512', '-smp', '1',
           '-cpu', 'max,-rdrand,-rdseed,-smap,-smep,-pku,-la57']
HV_ARGS = ('com1=115200,8n1 console=com1 dom0_mem=64M noreboot xpti=0 '
           'spec-ctrl=no')


def debian():
    found = sorted(glob.glob(os.path.join(
        boot.BUILD, 'debian', '*', 'boot', 'xen-*.gz')))
    return found[-1] if found else None
