# SPDX-License-Identifier: GPL-2.0
# Xenolith: one make, no recursion. Each room brings its rules.mk.
#
# Switches: V=1 (show commands), DEBUG=1 (asserts, lock ranks, poison),
# SAN=1 (sanitizers for host parts).

VERSION := 0.1
O       := build
Q       := $(if $(V),,@)

CC      := gcc
HOSTCC  := $(CC)
OBJCOPY := objcopy
PYTHON  := python3

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wundef -Wvla -Wpointer-arith -Wimplicit-fallthrough \
	-Wwrite-strings -Werror

.DELETE_ON_ERROR:
.PHONY: all build xen tools install clean distclean help

all: build
build: xen ## Build the hypervisor (build/xen.gz, build/xen-syms)

include $(wildcard xen/rules.mk tools/rules.mk dom0/rules.mk tests/rules.mk)

clean: ## Remove everything that was built
	$(Q)rm -rf $(O)

distclean: clean ## The same, and fetched packages

help: ## Show this list
	$(Q)sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort -u | \
		awk -F'\t' '{ printf "  %-14s %s\n", $$1, $$2 }'
