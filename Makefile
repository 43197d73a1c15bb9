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

# What building and testing needs beside git, gcc and make. The hypervisor
# alone needs none of it.
DEPS := libxml2-dev zlib1g-dev liblzma-dev libzstd-dev liblz4-dev libxen-dev \
	qemu-system-x86 bochs bochs-term bochsbios vgabios ovmf grub-pc-bin \
	grub-efi-amd64-bin grub-common xorriso mtools fdisk busybox-static \
	cpio lz4 xz-utils zstd python3 shellcheck cppcheck

.DELETE_ON_ERROR:
.PHONY: all build xen tools install deps clean distclean help lint format tags

all: build tools
build: xen ## Build the hypervisor (build/xen.gz, build/xen-syms)

# The stamp is named after the list: a new word in it is a new stamp.
DEPS_STAMP := $(O)/deps-$(shell echo $(DEPS) | cksum | cut -d ' ' -f 1).stamp

# tools/rules.mk brings tests/tools/rules.mk along.
include $(wildcard xen/rules.mk tools/rules.mk dom0/rules.mk) \
	tests/rules.mk $(filter-out tests/tools/%,$(wildcard tests/*/rules.mk))
include tests/fuzz/run.mk

deps: $(DEPS_STAMP) ## Install the Debian packages that are missing

$(DEPS_STAMP):
	$(Q)dom0/install-deps $(DEPS)
	$(Q)mkdir -p $(O) && touch $@

install: build ## Install hypervisor, tools and config files (DESTDIR=...)
	$(Q)install -D -m 644 $(O)/xen.gz $(DESTDIR)/boot/xen-$(VERSION).gz

C_FILES = $(shell find xen tools tests guest-abi -name '*.[ch]')

# Not told of: bounds of sections, which the linker makes; paths that a
# function only writes.
lint: $(DEPS_STAMP) ## Static analysis: cppcheck and shellcheck
	$(Q)tests/check/shell
	$(Q)cppcheck -q --std=c11 --error-exitcode=1 --inline-suppr \
		--suppress=unknownMacro --suppress=returnDanglingLifetime \
		--suppress=ctuuninitvar:tools/store/path.c \
		--suppress=comparePointers \
		-I guest-abi -I xen/include \
		-I tools/include xen tools

format: ## Lay the C files out by .clang-format
	$(Q)clang-format -i $(C_FILES)

tags: ## Index of names for editors
	$(Q)ctags -R --languages=C,Asm xen tools guest-abi tests

clean: ## Remove what was built (fetched packages stay)
	$(Q)find $(O) -mindepth 1 -maxdepth 1 ! -name debs ! -name 'deps-*' \
		-exec rm -rf {} + 2>/dev/null || true

distclean: ## Remove the build directory
	$(Q)rm -rf $(O) tags

help: ## Show this list
	$(Q)sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort -u | \
		awk -F'\t' '{ printf "  %-14s %s\n", $$1, $$2 }'
