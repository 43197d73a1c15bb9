/* SPDX-License-Identifier: GPL-2.0 */
/* print.h - rows and columns as administrators know them. */
#ifndef XM_PRINT_H
#define XM_PRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/sxp.h"

/* A field of a description, or a default where it is missing. */
const char *field(const struct sxp *s, const char *name, const char *otherwise);
long long field_int(const struct sxp *s, const char *name, long long otherwise);
double field_float(const struct sxp *s, const char *name);

/* Value n of a table's row, "" where it is missing. */
const char *cell(const struct sxp *row, unsigned n);

void print_sxp(const struct sxp *s); /* indented, on stdout */

/* Columns of the tables, as xend knows them; a row has them in this order. */
extern const char *const list_columns[], *const uptime_columns[];

void print_list_head(void);
void print_list_row(const struct sxp *row);
void print_vcpu_head(void);
void print_vcpu_rows(const struct sxp *vcpu_info);
void print_uptime_head(void);
void print_uptime_row(const struct sxp *row, bool brief);

/* "0-2,4" from (cpumap 0 1 2 4); "any cpu" if all `nr` are there. */
const char *cpus_to_text(const struct sxp *list, long long nr, char *out,
                         size_t size);

#endif
