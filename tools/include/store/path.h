/* SPDX-License-Identifier: GPL-2.0 */
/*
 * store/path.h - where things stand in the store, in one place.
 * Each function fills `out` and returns it; paths too long come out empty.
 */
#ifndef STORE_PATH_H
#define STORE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_PATH_MAX 512

typedef struct {
    char text[STORE_PATH_MAX];
} store_path_t;

/* /local/domain/ID[/rest] (printf-like) */
const char *path_domain(store_path_t *out, uint32_t domid, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* /vm/UUID[/rest] */
const char *path_vm(store_path_t *out, const uint8_t uuid[16], const char *fmt,
                    ...) __attribute__((format(printf, 3, 4)));
/* /local/domain/ID/device/KIND/DEVID[/rest] */
const char *path_frontend(store_path_t *out, uint32_t domid, const char *kind,
                          uint32_t devid, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* /local/domain/BACK/backend/KIND/ID/DEVID[/rest] */
const char *path_backend(store_path_t *out, uint32_t back_domid,
                         const char *kind, uint32_t domid, uint32_t devid,
                         const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
/* Anything else: "%s/%s" and the like. */
const char *path_make(store_path_t *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void uuid_print(char out[37], const uint8_t uuid[16]);
bool uuid_parse(const char *text, uint8_t uuid[16]);
int uuid_make(uint8_t uuid[16]); /* random, version 4; 0 or -errno */

/* "/local/domain/7/..." gives 7, else -1. */
int path_domid(const char *path);

#endif
