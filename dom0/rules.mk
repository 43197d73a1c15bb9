# SPDX-License-Identifier: GPL-2.0
# Dom0's image, the bootable ISO, and a machine to try them on.

XEN_ARGS  ?= console=com1,vga com1=115200,8n1 dom0_mem=1024M,max:1024M
DOM0_ARGS ?= console=hvc0 xt.quiet
MEM       ?= 2048
CPUS      ?= 2

DEBIAN_BASE := $(abspath $(O)/debian/base)
DEBIAN_TEST := $(abspath $(O)/debian/test)
DOM0_KERNEL := $(O)/debian/vmlinuz
XEN_IMAGE   ?= $(O)/xen.gz

# The packages are unpacked anew when the list or the script changes.
$(O)/debian/%.stamp: dom0/fetch-debs dom0/packages | $(DEPS_STAMP)
	@echo "  DEBS    $*"
	$(Q)dom0/fetch-debs $(O) $* >$(O)/fetch-$*.log 2>&1 || \
		{ tail -n 20 $(O)/fetch-$*.log; exit 1; }
	$(Q)touch $@

$(DOM0_KERNEL): $(O)/debian/base.stamp
	$(Q)cp $(DEBIAN_BASE)/boot/vmlinuz-$$(cat $(O)/debian/kernel) $@.new
	$(Q)mv $@.new $@

# Our tools as `make install` puts them (TOOLS=no: a Dom0 without them). The
# stamp moves only when a file changed, so that the image is not packed anew.
ifeq ($(TOOLS)$(wildcard tools/rules.mk),tools/rules.mk)
DOM0_TOOLS := $(O)/dom0-tools
$(O)/dom0-tools.stamp: tools | $(DEPS_STAMP)
	$(Q)rm -rf $(DOM0_TOOLS).new
	$(Q)$(MAKE) --no-print-directory -s tools-install \
		DESTDIR=$(abspath $(DOM0_TOOLS)).new PREFIX=/usr
	$(Q)if diff -r --no-dereference $(DOM0_TOOLS).new $(DOM0_TOOLS) \
		>/dev/null 2>&1 && [ -e $@ ]; then rm -rf $(DOM0_TOOLS).new; \
	else rm -rf $(DOM0_TOOLS) && \
		mv $(DOM0_TOOLS).new $(DOM0_TOOLS) && touch $@; fi
else
DOM0_TOOLS := -
$(O)/dom0-tools.stamp: | $(DEPS_STAMP)
	$(Q)touch $@
endif

.PHONY: dom0 iso run debs
debs: $(O)/debian/base.stamp $(O)/debian/test.stamp

dom0: $(O)/dom0.img $(DOM0_KERNEL) ## Build Dom0's initramfs (build/dom0.img)

DOM0_PARTS := $(addprefix dom0/,lib.sh mkdom0 mkdomu modules) \
	$(wildcard dom0/initramfs/* dom0/domu/* dom0/etc/*)

$(O)/dom0.img: $(O)/debian/base.stamp $(O)/dom0-tools.stamp $(DOM0_PARTS)
	@echo "  DOM0    $@"
	$(Q)dom0/mkdom0 $(O) $(DEBIAN_BASE) $(DOM0_TOOLS) $@

iso: $(O)/xenolith.iso ## Build the bootable image (build/xenolith.iso)

$(O)/xenolith.iso: $(XEN_IMAGE) $(DOM0_KERNEL) $(O)/dom0.img \
		dom0/mkiso dom0/grub/grub.cfg
	@echo "  ISO     $@"
	$(Q)XEN_ARGS='$(XEN_ARGS)' DOM0_ARGS='$(DOM0_ARGS)' GRUB_TIMEOUT=1 \
		dom0/mkiso $@ $(XEN_IMAGE) $(DOM0_KERNEL) $(O)/dom0.img

run: iso ## Boot it in QEMU on this terminal, to Dom0's shell
	$(Q)MEM=$(MEM) CPUS=$(CPUS) dom0/run-qemu $(O)/xenolith.iso

# What tests append to Dom0's image.
$(O)/dom0-test.img: $(O)/debian/base.stamp $(O)/debian/test.stamp \
		dom0/lib.sh dom0/mktest $(wildcard tests/boot/dom0/*)
	@echo "  DOM0    $@"
	$(Q)dom0/mktest $(O) $(DEBIAN_BASE) $(DEBIAN_TEST) tests/boot/dom0 $@ \
		$(SMALL_GUEST)
