/* SPDX-License-Identifier: GPL-2.0 */
/*
 * table.c - every subcommand of xm: one row each.
 * Keeps true: what the help shows is what runs; a command is listed only
 * if it works.
 */
#include "xm.h"

const struct command xm_commands[] = {
    {"console", "[-q|--quiet] [-n NUM] <Domain>",
     "Attach to <Domain>'s console.",
     "-n NUM, --num=NUM     Number of the console (0)\n"
     "-q, --quiet           Say nothing if the console goes away\n",
     1, 1, true, cmd_console},
    {"create", "<ConfigFile> [options] [vars]",
     "Create a domain based on <ConfigFile>.",
     "-c, --console_autoconnect  Connect to the console when it is up\n"
     "-p, --paused               Leave the domain paused\n"
     "-n, --dryrun               Print the configuration, create nothing\n"
     "-q, --quiet                Print only errors\n"
     "-f FILE, --defconfig=FILE  The configuration file\n"
     "-F FILE, --config=FILE     The same as S-expressions\n"
     "--path=DIRS                Where to look (.:/etc/xen)\n"
     "--help_config              Describe every configuration key\n",
     0, -1, true, cmd_create},
    {"destroy", "<Domain>", "Terminate a domain immediately.", 0, 1, 1, true,
     cmd_destroy},
    {"domid", "<DomainName>", "Convert a domain name to domain id.", 0, 1, 1,
     false, cmd_domid},
    {"domname", "<DomId>", "Convert a domain id to domain name.", 0, 1, 1,
     false, cmd_domname},
    {"domstate", "<Domain>", "Get the state of a domain.", 0, 1, 1, false,
     cmd_domstate},
    {"help", "[--long] [Command]", "Display this message.",
     "-l, --long            Every command, not only the common ones\n", 0, 1,
     true, cmd_help},
    {"list", "[options] [Domain, ...]",
     "List information about all/some domains.",
     "-l, --long            All that is known, as S-expressions\n"
     "--state=STATE         Only domains in this state: running, paused,\n"
     "                      shutdown, crashed\n",
     0, -1, true, cmd_list},
    {"mem-max", "<Domain> <Mem>",
     "Set the maximum amount reservation for a domain.", 0, 2, 2, false,
     cmd_mem_max},
    {"mem-set", "<Domain> <Mem>", "Set the current memory usage for a domain.",
     0, 2, 2, true, cmd_mem_set},
    {"pause", "<Domain>", "Pause execution of a domain.", 0, 1, 1, true,
     cmd_pause},
    {"reboot", "<Domain> [-wa]", "Reboot a domain.",
     "-a, --all             Reboot all domains\n"
     "-w, --wait            Wait until it has shut down\n",
     0, 1, true, cmd_reboot},
    {"rename", "<Domain> <NewDomainName>", "Rename a domain.", 0, 2, 2, false,
     cmd_rename},
    {"shutdown", "<Domain> [-waRH]", "Shutdown a domain.",
     "-a, --all             Shut down all domains\n"
     "-w, --wait            Wait until it has shut down\n"
     "-R, --reboot          Shut down and reboot\n"
     "-H, --halt            Shut down without reboot\n",
     0, 1, true, cmd_shutdown},
    {"sysrq", "<Domain> <letter>", "Send a sysrq to a domain.", 0, 2, 2, false,
     cmd_sysrq},
    {"unpause", "<Domain>", "Unpause a paused domain.", 0, 1, 1, true,
     cmd_unpause},
    {"uptime", "[-s] [Domain, ...]", "Print uptime for all/some domains.",
     "-s, --short           Short form\n", 0, -1, true, cmd_uptime},
    {"vcpu-list", "[Domain, ...]", "List the VCPUs for all/some domains.", 0, 0,
     -1, false, cmd_vcpu_list},
    {"vcpu-pin", "<Domain> <VCPU|all> <CPUs|all>",
     "Set which CPUs a VCPU can use.", 0, 3, 3, false, cmd_vcpu_pin},
    {"vcpu-set", "<Domain> <vCPUs>",
     "Set the number of active VCPUs for a domain.", 0, 2, 2, true,
     cmd_vcpu_set},
    {"debug-keys", "<Keys>", "Send debug keys to Xen.", 0, 1, 1, false,
     cmd_debug_keys},
    {"dmesg", "[-c|--clear]", "Read and/or clear Xen daemon's message buffer.",
     "-c, --clear           Clear the buffer after reading it\n", 0, 0, false,
     cmd_dmesg},
    {"info", "[-c|--config] [-n|--numa]", "Get information about Xen host.",
     "-c, --config          Only what concerns xend's configuration\n"
     "-n, --numa            Topology also\n",
     0, 0, false, cmd_info},
    {"log", "", "Print Xend log", 0, 0, 0, false, cmd_log},
    {"sched-credit", "[-d <Domain> [-w[=WEIGHT]|-c[=CAP]]]",
     "Get/set credit scheduler parameters.",
     "-d DOMAIN, --domain=DOMAIN  Domain to look at or change\n"
     "-w WEIGHT, --weight=WEIGHT  Its weight (256 is ordinary)\n"
     "-c CAP, --cap=CAP           Its limit in percent of one CPU (0: none)\n",
     0, 0, false, cmd_sched_credit},
    {"sched-credit2", "[-d <Domain> [-w[=WEIGHT]]",
     "Get/set credit2 scheduler parameters.",
     "-d DOMAIN, --domain=DOMAIN  Domain to look at or change\n"
     "-w WEIGHT, --weight=WEIGHT  Its weight (256 is ordinary)\n",
     0, 0, false, cmd_sched_credit2},
    {"block-attach", "<Domain> <BackDev> <FrontDev> <Mode> [BackDomain]",
     "Create a new virtual block device.", 0, 4, 5, false, cmd_block_attach},
    {"block-detach", "<Domain> <DevId> [-f|--force]",
     "Destroy a domain's virtual block device.",
     "-f, --force           Do not wait for the domain\n", 2, 2, false,
     cmd_block_detach},
    {"block-list", "<Domain> [--long]",
     "List virtual block devices for a domain.",
     "-l, --long            As S-expressions\n", 1, -1, false, cmd_block_list},
    {"network-attach",
     "<Domain> [type=<type>] [mac=<mac>] [bridge=<bridge>] [ip=<ip>] "
     "[script=<script>] [backend=<BackDomain>] [vifname=<name>] "
     "[rate=<rate>]",
     "Create a new virtual network device.", 0, 1, -1, false,
     cmd_network_attach},
    {"network-detach", "<Domain> <DevId|mac> [-f|--force]",
     "Destroy a domain's virtual network device.",
     "-f, --force           Do not wait for the domain\n", 2, 2, false,
     cmd_network_detach},
    {"network-list", "<Domain> [--long]",
     "List virtual network interfaces for a domain.",
     "-l, --long            As S-expressions\n", 1, -1, false,
     cmd_network_list},
};

const unsigned int xm_nr_commands =
    sizeof(xm_commands) / sizeof(xm_commands[0]);
