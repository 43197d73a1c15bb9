/* SPDX-License-Identifier: GPL-2.0 */
/*
 * base/daemon.h - into the background, and not before all is ready.
 */
#ifndef BASE_DAEMON_H
#define BASE_DAEMON_H

/*
 * Go on in a child with a session of its own. The parent stays until the
 * child calls daemon_report(*ready, verdict), and exits with that verdict; or
 * with 1 if the child ends without a word. 0 or -errno.
 */
int daemon_background(int *ready);

/* Standard input and output are /dev/null from here on. 0 or -errno: then
 * nobody waits any more. */
int daemon_report(int ready, char verdict);

/* 0 or -errno. */
int daemon_write_pid(const char *file);

#endif
