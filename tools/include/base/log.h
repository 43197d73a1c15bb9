/* SPDX-License-Identifier: GPL-2.0 */
/*
 * base/log.h - one line for each thing that happened, with time and level.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/*
 * Write to `file` from now on (appended to, made if missing, directories
 * above it too); NULL means stderr. `program` must stay valid.
 * 0 or -errno; after an error lines go on to where they went before.
 */
int log_open(const char *program, const char *file);

/* Open the same file anew (after rotation). */
void log_reopen(void);

/* Lines above this level are dropped; LOG_INFO at first. */
void log_set_level(enum log_level level);

void log_write(enum log_level level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, __VA_ARGS__)

#endif
