/* SPDX-License-Identifier: GPL-2.0 */
/* test_mce.c - cpu/mce_judge.c: how bad is a machine check? */
#include "unit.h"

#include "cpu/mce.h"

#define LOST (MCI_VALID | MCI_UC | MCI_ENABLED)

static const struct {
    const char *name;
    uint64_t status;
    bool recovery;
    enum mce_severity wanted;
} banks[] = {
    {"an empty bank", 0, true, MCE_NONE},
    {"bits without the one that makes them valid", LOST & ~MCI_VALID, true,
     MCE_NONE},
    {"a corrected error", MCI_VALID | MCI_ENABLED, true, MCE_QUIET},
    {"corrected ones, too many to keep", MCI_VALID | MCI_OVERFLOW, false,
     MCE_QUIET},
    {"lost data, without recovery", LOST, false, MCE_FATAL},
    {"lost data, only marked", LOST, true, MCE_QUIET},
    {"lost data that was not to be reported", LOST & ~MCI_ENABLED, false,
     MCE_QUIET},
    {"lost data that was found", LOST | MCI_SIGNALED, true, MCE_OPTIONAL},
    {"lost data that was used", LOST | MCI_SIGNALED | MCI_ACTION, true,
     MCE_REQUIRED},
    {"the same with others unseen",
     LOST | MCI_SIGNALED | MCI_ACTION | MCI_OVERFLOW, true, MCE_FATAL},
    {"found ones, others unseen", LOST | MCI_SIGNALED | MCI_OVERFLOW, true,
     MCE_OPTIONAL},
    {"a kind that there is not", LOST | MCI_ACTION, true, MCE_FATAL},
    {"a CPU that has lost itself", LOST | MCI_PCC | MCI_SIGNALED, true,
     MCE_FATAL},
    {"the same, corrected it says", MCI_VALID | MCI_PCC, true, MCE_FATAL},
};

static const struct {
    const char *name;
    enum mce_severity worst;
    uint64_t gstatus;
    bool in_guest;
    enum mce_severity wanted;
} whole[] = {
    {"nothing here, and the way back is good", MCE_NONE, MCG_RIPV, false,
     MCE_NONE},
    {"nothing here, and no way back", MCE_NONE, 0, true, MCE_FATAL},
    {"found, and the way back is good", MCE_OPTIONAL, MCG_RIPV, false,
     MCE_OPTIONAL},
    {"found, and no way back", MCE_OPTIONAL, MCG_EIPV, true, MCE_FATAL},
    {"used by a guest", MCE_REQUIRED, MCG_RIPV | MCG_EIPV, true, MCE_REQUIRED},
    {"used by a guest that cannot go on", MCE_REQUIRED, MCG_EIPV, true,
     MCE_REQUIRED},
    {"used by the hypervisor", MCE_REQUIRED, MCG_RIPV | MCG_EIPV, false,
     MCE_FATAL},
    {"used by another CPU", MCE_REQUIRED, MCG_RIPV, false, MCE_OPTIONAL},
    {"fatal", MCE_FATAL, MCG_RIPV | MCG_EIPV, true, MCE_FATAL},
};

static void each_bank(void)
{
    for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
        unit_set_row(banks[i].name);
        CHECK_EQ(mce_judge(banks[i].status, banks[i].recovery),
                 banks[i].wanted);
    }
}

static void the_whole(void)
{
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        unit_set_row(whole[i].name);
        CHECK_EQ(
            mce_verdict(whole[i].worst, whole[i].gstatus, whole[i].in_guest),
            whole[i].wanted);
    }
}

static const struct unit_test tests[] = {
    {"what a bank says is judged by its bits", each_bank},
    {"an exception is as bad as its worst bank, and whom it met", the_whole},
};

UNIT_MAIN("mce", tests)
