/* SPDX-License-Identifier: GPL-2.0 */
/* traps - exceptions, iret and callbacks reach the guest as promised. */
#include "guest.h"

void test_main(void)
{
    check_eq("int3 arrives", TRAP_OF(__asm__ volatile("int3")), 3);
    check_eq("ud2 arrives", TRAP_OF(__asm__ volatile("ud2")), 6);
}
