/* SPDX-License-Identifier: GPL-2.0 */
/*
 * image.lds.S - where the image lies: linked at HYP_IMAGE_START, loaded at
 * any 2 MiB boundary below 4 GiB. Code, constants and data stand on pages of
 * their own, so that directmap.c can give each just the rights it needs.
 */
#define HYP_IMAGE_START 0xffff818000000000

OUTPUT_FORMAT(elf64-x86-64)
ENTRY(image_entry)
SECTIONS
{
    . = HYP_IMAGE_START;
    image_start = .;
    .text : AT(0x200000) {
        *(.boot.head)
        *(.text .text.*)
        . = ALIGN(4096);
        image_text_end = .;
    }
    .init.text : {
        *(.init.text)
        . = ALIGN(4096);
    }
    image_init_text_end = .;
    .rodata : {
        *(.rodata .rodata.* .data.rel.ro .data.rel.ro.*)
        . = ALIGN(8);
        build_id = . + 16; /* behind the note's header and name */
        KEEP(*(.note.gnu.build-id))
        build_id_end = .;
        . = ALIGN(8);
        extable_start = .;
        KEEP(*(.extable))
        extable_end = .;
        . = ALIGN(8);
        boot_opts_start = .;
        KEEP(*(.boot_opts))
        boot_opts_end = .;
        . = ALIGN(8);
        symbols_start = .;
        KEEP(*(.symbols))
        symbols_end = .;
        . = ALIGN(4096);
    }
    image_rodata_end = .;
    .data : {
        *(.data.read_mostly)
        *(.data .data.* .got .got.*)
        *(.init.data)
        . = ALIGN(64);
        percpu_start = .;
        *(.percpu)
        . = ALIGN(64);
        percpu_end = .;
        . = ALIGN(4096);
    }
    image_data_end = .;
    .bss (NOLOAD) : {
        *(.bss.page_aligned)
        *(.bss .bss.* COMMON)
        . = ALIGN(4096);
    }
    image_end = .;
    image_bss_size = image_end - image_data_end;
    image_entry_offset = image_entry - image_start;
    ASSERT(image_end - image_start < 0x2000000, "image above 32 MiB")
    /DISCARD/ : { *(.comment .note.GNU-stack .note.gnu.property .eh_frame* .got.plt) }
}
