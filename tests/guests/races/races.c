/* SPDX-License-Identifier: GPL-2.0 */
/*
 * races - several vcpus of one guest at once, each call harmless by itself.
 * Facts: whatever two vcpus do to one object, the hypervisor lives, no
 * processor hangs, and neither gets what one alone would be refused.
 */
#include "races.h"

bool pin_to_cpu(unsigned int vcpu, unsigned int cpu)
{
    uint64_t map = 1UL << cpu;
    struct xen_domctl op;

    memset(&op, 0, sizeof(op));
    op.cmd = XEN_DOMCTL_setvcpuaffinity;
    op.interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op.u.vcpuaffinity.vcpu = vcpu;
    op.u.vcpuaffinity.flags = XEN_VCPUAFFINITY_HARD;
    op.u.vcpuaffinity.cpumap_hard.bitmap = guest_va(&map);
    op.u.vcpuaffinity.cpumap_hard.nr_bits = 64;
    return !HC(domctl, &op);
}

void test_main(void)
{
    stale_descriptors();
    pin_to_cpu(2, 1);
    calls();
}
