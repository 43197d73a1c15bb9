# SPDX-License-Identifier: GPL-2.0
# The hypervisor: every C and assembler file of every room, bottom up.
# Leaves $(O)/xen-syms (ELF with symbols), $(O)/xen.elf32 (what boots, also by
# qemu -kernel) and $(O)/xen.gz (the same, packed, for GRUB).

XEN_ROOMS ?= lib lib/unpack core arch/x86/cpu arch/x86/mm arch/x86/dev \
	domain arch/x86/pv service arch/x86/entry arch/x86/boot

XO := $(O)/xen
# XEN_SKIP: files to leave out of an experiment.
XEN_C := $(filter-out $(XEN_SKIP),$(wildcard $(XEN_ROOMS:%=xen/%/*.c)))
XEN_S := $(wildcard $(XEN_ROOMS:%=xen/%/*.S))
XEN_OFFSETS_C := xen/arch/x86/entry/offsets.c
XEN_OBJS := $(patsubst xen/%.c,$(XO)/%.o,\
		$(filter-out $(XEN_OFFSETS_C),$(XEN_C))) \
	$(patsubst xen/%.S,$(XO)/%.s.o,$(XEN_S))
# Boot code goes first: the loader looks for its headers near the start.
XEN_HEAD := $(XO)/arch/x86/boot/head.s.o

# The commit's date, so that the same source gives the same image.
XEN_BUILD_DATE := $(or $(shell git log -1 --format=%cd --date=iso 2>/dev/null),\
	unknown)
XEN_INC := -Ixen/include -Iguest-abi -I$(XO)/include
XEN_CFLAGS := -std=gnu11 $(WARN) -O2 -g -ffreestanding -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) \
	-include lib/visibility.h -m64 -mno-red-zone -mgeneral-regs-only -fpie -fvisibility=hidden \
	-fno-strict-aliasing -fno-common -fno-omit-frame-pointer \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
	-DXEN_BUILD_DATE='"$(XEN_BUILD_DATE)"' -DXEN_VERSION_STRING='"$(VERSION)"' $(XEN_INC)
ifdef DEBUG
XEN_CFLAGS += -DDEBUG
endif
XEN_AFLAGS := -D__ASSEMBLY__ -m64 -g $(XEN_INC)
XEN_LDFLAGS := -m elf_x86_64 -static -no-pie -z noexecstack \
	-z max-page-size=4096 --build-id=sha1 --no-warn-rwx-segments

$(XEN_OBJS): xen/rules.mk # the flags stand here

xen: $(O)/xen.gz $(O)/xen-syms $(O)/xen.elf32

XEN_OFFSETS_H := $(XO)/include/entry/offsets.h
ifneq ($(wildcard $(XEN_OFFSETS_C)),)
$(XEN_OBJS): | $(XEN_OFFSETS_H)
$(filter %.s.o,$(XEN_OBJS)): $(XEN_OFFSETS_H)
endif

$(XEN_OFFSETS_H): $(XEN_OFFSETS_C)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XEN_CFLAGS) -MMD -MP -MT $@ -MF $(XO)/offsets.d -S \
		-o $(XO)/offsets.s $<
	$(Q)sed -n 's/^->\([A-Za-z0-9_]*\) \$$*\(-*[0-9]*\)$$/#define \1 \2/p' \
		$(XO)/offsets.s > $@

$(XO)/%.o: xen/%.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XEN_CFLAGS) -MMD -MP -c -o $@ $<

$(XO)/%.s.o: xen/%.S
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(XEN_AFLAGS) -MMD -MP -c -o $@ $<

$(XO)/image.lds: xen/image.lds.S
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -E -P $(XEN_AFLAGS) -MMD -MP -MT $@ -MF $(XO)/image.lds.d \
		-x assembler-with-cpp -o $@ $<

# The symbol table stands behind all code, so the second link, which brings
# it in, moves no function.
XEN_LINK = ld $(XEN_LDFLAGS) -T $(XO)/image.lds -o $@ $(XEN_HEAD) \
	$(filter-out $(XEN_HEAD),$(filter %.o,$^))

$(XO)/xen-pass1: $(XEN_OBJS) $(XO)/image.lds
	$(Q)$(XEN_LINK)

$(XO)/symbols.s.o: $(XO)/xen-pass1 xen/symbols.awk
	$(Q)nm -n $< | awk -f xen/symbols.awk > $(XO)/symbols.S
	$(Q)$(CC) $(XEN_AFLAGS) -c -o $@ $(XO)/symbols.S

$(O)/xen-syms: $(XEN_OBJS) $(XO)/symbols.s.o $(XO)/image.lds
	$(Q)$(XEN_LINK)

# What boots is a 32-bit ELF around the flat image: every loader takes that.
$(XO)/xen.bin: $(O)/xen-syms
	$(Q)$(OBJCOPY) -O binary $< $@

$(O)/xen.elf32: $(XO)/xen.bin xen/wrap32.lds
	$(Q)set -- $$(nm $(O)/xen-syms | awk '\
		$$3 == "image_bss_size" { b = $$1 } \
		$$3 == "image_entry_offset" { e = $$1 } END { print b, e }') && \
	printf '.section .image,"awx"\n.incbin "%s"\n' $< | \
		$(CC) -m32 -c -x assembler -o $(XO)/wrap32.o - && \
	ld -m elf_i386 -T xen/wrap32.lds -z max-page-size=4096 \
		--no-warn-rwx-segments \
		--defsym=bss_size=0x$$1 --defsym=entry_offset=0x$$2 \
		-o $@ $(XO)/wrap32.o

$(O)/xen.gz: $(O)/xen.elf32
	$(Q)gzip -9 -n -c $< > $@

-include $(XEN_OBJS:.o=.d) $(XO)/offsets.d $(XO)/image.lds.d
