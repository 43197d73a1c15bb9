/* SPDX-License-Identifier: MIT */
/*
 * platform.h - __HYPERVISOR_platform_op: the machine's firmware, for Dom0.
 * Keeps true: the argument is always a whole xen_platform_op of 136 bytes,
 * whose version must match. Written by the guest; OUT fields by us.
 */
#ifndef ABI_PLATFORM_H
#define ABI_PLATFORM_H

#include <abi/xen.h>

#define XENPF_INTERFACE_VERSION 0x03000001

#define XENPF_settime32           17
#define XENPF_add_memtype         31
#define XENPF_del_memtype         32
#define XENPF_read_memtype        33
#define XENPF_microcode_update    35
#define XENPF_platform_quirk      39
#define XENPF_get_cpu_version     48
#define XENPF_efi_runtime_call    49
#define XENPF_firmware_info       50
#define XENPF_enter_acpi_sleep    51
#define XENPF_change_freq         52
#define XENPF_getidletime         53
#define XENPF_set_processor_pminfo 54
#define XENPF_get_cpuinfo         55
#define XENPF_cpu_online          56
#define XENPF_cpu_offline         57
#define XENPF_cpu_hotadd          58
#define XENPF_mem_hotadd          59
#define XENPF_core_parking        60
#define XENPF_resource_op         61
#define XENPF_settime64           62
#define XENPF_get_symbol          63
#define XENPF_settime             XENPF_settime64

/* The wall clock at a system time; the older form ends in 2106. */
struct xenpf_settime32 {
    uint32_t secs;
    uint32_t nsecs;
    uint64_t system_time; /* ns */
};
typedef struct xenpf_settime32 xenpf_settime32_t;
ABI_LAYOUT(struct xenpf_settime32, system_time, 8, 16);

struct xenpf_settime64 {
    uint64_t secs; /* since 1970, UTC */
    uint32_t nsecs;
    uint32_t mbz;
    uint64_t system_time; /* ns */
};
typedef struct xenpf_settime64 xenpf_settime64_t;
ABI_LAYOUT(struct xenpf_settime64, system_time, 16, 24);

/* Memory type ranges (MTRRs). */
struct xenpf_add_memtype {
    xen_pfn_t mfn;
    uint64_t nr_mfns;
    uint32_t type;
    uint32_t handle; /* OUT */
    uint32_t reg;    /* OUT */
};
typedef struct xenpf_add_memtype xenpf_add_memtype_t;
ABI_LAYOUT(struct xenpf_add_memtype, handle, 20, 32);

struct xenpf_del_memtype {
    uint32_t handle;
    uint32_t reg;
};
typedef struct xenpf_del_memtype xenpf_del_memtype_t;
ABI_LAYOUT(struct xenpf_del_memtype, reg, 4, 8);

struct xenpf_read_memtype {
    uint32_t reg;
    xen_pfn_t mfn;    /* OUT */
    uint64_t nr_mfns; /* OUT */
    uint32_t type;    /* OUT */
};
typedef struct xenpf_read_memtype xenpf_read_memtype_t;
ABI_LAYOUT(struct xenpf_read_memtype, type, 24, 32);

struct xenpf_microcode_update {
    guest_va_t data;
    uint32_t length; /* bytes */
};
typedef struct xenpf_microcode_update xenpf_microcode_update_t;
ABI_LAYOUT(struct xenpf_microcode_update, length, 8, 16);

#define QUIRK_NOIRQBALANCING     1
#define QUIRK_IOAPIC_BAD_REGSEL  2
#define QUIRK_IOAPIC_GOOD_REGSEL 3
struct xenpf_platform_quirk {
    uint32_t quirk_id;
};
typedef struct xenpf_platform_quirk xenpf_platform_quirk_t;
ABI_LAYOUT(struct xenpf_platform_quirk, quirk_id, 0, 4);

#define XEN_EFI_get_time                      1
#define XEN_EFI_set_time                      2
#define XEN_EFI_get_wakeup_time               3
#define XEN_EFI_set_wakeup_time               4
#define XEN_EFI_get_next_high_monotonic_count 5
#define XEN_EFI_get_variable                  6
#define XEN_EFI_set_variable                  7
#define XEN_EFI_get_next_variable_name        8
#define XEN_EFI_query_variable_info           9
#define XEN_EFI_query_capsule_capabilities    10
#define XEN_EFI_update_capsule                11

/* Meaning of `misc` in some of these calls. */
#define XEN_EFI_GET_TIME_SET_CLEARS_NS      0x00000001
#define XEN_EFI_GET_WAKEUP_TIME_ENABLED     0x00000001
#define XEN_EFI_GET_WAKEUP_TIME_PENDING     0x00000002
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE      0x00000001
#define XEN_EFI_SET_WAKEUP_TIME_ENABLE_ONLY 0x00000002
#define XEN_EFI_VARIABLE_NON_VOLATILE       0x00000001
#define XEN_EFI_VARIABLE_BOOTSERVICE_ACCESS 0x00000002
#define XEN_EFI_VARIABLE_RUNTIME_ACCESS     0x00000004
#define XEN_EFI_VARINFO_BOOT_SNAPSHOT       0x00000001

/* UEFI's time and GUID, as UEFI lays them out. */
struct xenpf_efi_time {
    uint16_t year;
    uint8_t month;
    uint8_t day;
    uint8_t hour;
    uint8_t min;
    uint8_t sec;
    uint32_t ns;
    int16_t tz; /* minutes from UTC */
    uint8_t daylight;
};
ABI_LAYOUT(struct xenpf_efi_time, tz, 12, 16);

struct xenpf_efi_guid {
    uint32_t data1;
    uint16_t data2;
    uint16_t data3;
    uint8_t data4[8];
};
ABI_LAYOUT(struct xenpf_efi_guid, data4, 8, 16);

/* A runtime service of UEFI, which we call in Dom0's name. */
struct xenpf_efi_runtime_call {
    uint32_t function; /* XEN_EFI_ */
    uint32_t misc;     /* both ways, see above */
    xen_ulong_t status; /* OUT: UEFI's own status */
    union {
        struct {
            struct xenpf_efi_time time;
            uint32_t resolution;
            uint32_t accuracy;
        } get_time;
        struct xenpf_efi_time set_time;
        struct xenpf_efi_time get_wakeup_time;
        struct xenpf_efi_time set_wakeup_time;
        struct {
            guest_va_t name; /* UTF-16, ends in 0 */
            xen_ulong_t size; /* bytes of data */
            guest_va_t data;
            struct xenpf_efi_guid vendor_guid;
        } get_variable, set_variable;
        struct {
            xen_ulong_t size;
            guest_va_t name;
            struct xenpf_efi_guid vendor_guid;
        } get_next_variable_name;
        struct {
            uint32_t attr;
            uint64_t max_store_size;
            uint64_t remain_store_size;
            uint64_t max_size;
        } query_variable_info;
        struct {
            guest_va_t capsule_header_array;
            xen_ulong_t capsule_count;
            uint64_t max_capsule_size;
            uint32_t reset_type;
        } query_capsule_capabilities;
        struct {
            guest_va_t capsule_header_array;
            xen_ulong_t capsule_count;
            uint64_t sg_list;
        } update_capsule;
    } u;
};
typedef struct xenpf_efi_runtime_call xenpf_efi_runtime_call_t;
ABI_LAYOUT(struct xenpf_efi_runtime_call, u, 16, 56);

#define XEN_FW_DISK_INFO            1 /* from BIOS call 13h, function 41h */
#define XEN_FW_DISK_MBR_SIGNATURE   2
#define XEN_FW_VBEDDC_INFO          3
#define XEN_FW_EFI_INFO             4
#define XEN_FW_EFI_VERSION          0 /* index, with XEN_FW_EFI_INFO */
#define XEN_FW_EFI_CONFIG_TABLE     1
#define XEN_FW_EFI_VENDOR           2
#define XEN_FW_EFI_MEM_INFO         3
#define XEN_FW_EFI_RT_VERSION       4
#define XEN_FW_EFI_PCI_ROM          5
#define XEN_FW_EFI_APPLE_PROPERTIES 6
#define XEN_FW_KBD_SHIFT_FLAGS      5

union xenpf_efi_info {
    uint32_t version;
    struct {
        uint64_t addr; /* machine address */
        uint32_t nent;
    } cfg;
    struct {
        uint32_t revision;
        uint32_t bufsz; /* bytes in name */
        guest_va_t name;
    } vendor;
    struct {
        uint64_t addr; /* in: any address of the range */
        uint64_t size;
        uint64_t attr;
        uint32_t type;
    } mem;
    struct {
        uint16_t segment;
        uint8_t bus;
        uint8_t devfn;
        uint16_t vendor;
        uint16_t devid;
        uint64_t address;
        xen_ulong_t size;
    } pci_rom;
    struct {
        uint64_t address;
        xen_ulong_t size;
    } apple_properties;
};

/* What the firmware told us at boot. OUT all but type and index. */
struct xenpf_firmware_info {
    uint32_t type;  /* XEN_FW_ */
    uint32_t index; /* which of them */
    union {
        struct {
            uint8_t device;
            uint8_t version;
            uint16_t interface_support;
            uint16_t legacy_max_cylinder;
            uint8_t legacy_max_head;
            uint8_t legacy_sectors_per_track;
            guest_va_t edd_params;
        } disk_info;
        struct {
            uint8_t device;
            uint32_t mbr_signature;
        } disk_mbr_signature;
        struct {
            uint8_t capabilities;
            uint8_t edid_transfer_time;
            guest_va_t edid;
        } vbeddc_info;
        union xenpf_efi_info efi_info;
        uint8_t kbd_shift_flags;
    } u;
};
typedef struct xenpf_firmware_info xenpf_firmware_info_t;
ABI_LAYOUT(struct xenpf_firmware_info, u, 8, 40);

/* The last writes before the machine sleeps or ends. */
#define XENPF_ACPI_SLEEP_EXTENDED 0x00000001 /* ACPI 5 sleep registers */
struct xenpf_enter_acpi_sleep {
    uint16_t val_a; /* for PM1a control */
    uint16_t val_b; /* for PM1b control */
    uint32_t sleep_state; /* 1 to 5 */
    uint32_t flags;
};
typedef struct xenpf_enter_acpi_sleep xenpf_enter_acpi_sleep_t;
ABI_LAYOUT(struct xenpf_enter_acpi_sleep, sleep_state, 4, 12);

struct xenpf_change_freq {
    uint32_t flags;
    uint32_t cpu;
    uint64_t freq; /* Hz */
};
typedef struct xenpf_change_freq xenpf_change_freq_t;
ABI_LAYOUT(struct xenpf_change_freq, freq, 8, 16);

struct xenpf_getidletime {
    guest_va_t cpumap_bitmap; /* which; OUT: of them, those online */
    uint32_t cpumap_nr_cpus;
    guest_va_t idletime; /* OUT: ns each */
    uint64_t now;        /* OUT: system time */
};
typedef struct xenpf_getidletime xenpf_getidletime_t;
ABI_LAYOUT(struct xenpf_getidletime, now, 24, 32);

/* Processor power states, as Dom0's ACPI found them. */
#define XEN_PROCESSOR_PM_CX 1
#define XEN_PROCESSOR_PM_PX 2
#define XEN_PROCESSOR_PM_TX 4
#define XEN_PM_CX           0
#define XEN_PM_PX           1
#define XEN_PM_TX           2
#define XEN_PM_PDC          3
#define XEN_PX_PCT          1
#define XEN_PX_PSS          2
#define XEN_PX_PPC          4
#define XEN_PX_PSD          8

struct xen_power_register {
    uint32_t space_id;
    uint32_t bit_width;
    uint32_t bit_offset;
    uint32_t access_size;
    uint64_t address;
};
ABI_LAYOUT(struct xen_power_register, address, 16, 24);

struct xen_processor_csd {
    uint32_t domain;
    uint32_t coord_type;
    uint32_t num;
};
typedef struct xen_processor_csd xen_processor_csd_t;
ABI_LAYOUT(struct xen_processor_csd, num, 8, 12);

struct xen_processor_cx {
    struct xen_power_register reg;
    uint8_t type;
    uint32_t latency; /* microseconds */
    uint32_t power;   /* milliwatts */
    uint32_t dpcnt;   /* entries at dp */
    guest_va_t dp;
};
typedef struct xen_processor_cx xen_processor_cx_t;
ABI_LAYOUT(struct xen_processor_cx, dp, 40, 48);

struct xen_processor_flags {
    uint32_t bm_control : 1;
    uint32_t bm_check : 1;
    uint32_t has_cst : 1;
    uint32_t power_setup_done : 1;
    uint32_t bm_rld_set : 1;
};
ABI_SIZE(struct xen_processor_flags, 4);

struct xen_processor_power {
    uint32_t count;
    struct xen_processor_flags flags;
    guest_va_t states;
};
ABI_LAYOUT(struct xen_processor_power, states, 8, 16);

struct xen_pct_register {
    uint8_t descriptor;
    uint16_t length;
    uint8_t space_id;
    uint8_t bit_width;
    uint8_t bit_offset;
    uint8_t reserved;
    uint64_t address;
};
ABI_LAYOUT(struct xen_pct_register, address, 8, 16);

struct xen_processor_px {
    uint64_t core_frequency; /* MHz */
    uint64_t power;          /* milliwatts */
    uint64_t transition_latency;
    uint64_t bus_master_latency;
    uint64_t control;
    uint64_t status;
};
typedef struct xen_processor_px xen_processor_px_t;
ABI_LAYOUT(struct xen_processor_px, status, 40, 48);

struct xen_psd_package {
    uint64_t num_entries;
    uint64_t revision;
    uint64_t domain;
    uint64_t coord_type;
    uint64_t num_processors;
};
ABI_LAYOUT(struct xen_psd_package, num_processors, 32, 40);

#define XEN_CPUPERF_SHARED_TYPE_HW  1
#define XEN_CPUPERF_SHARED_TYPE_ALL 2
#define XEN_CPUPERF_SHARED_TYPE_ANY 3

struct xen_processor_performance {
    uint32_t flags; /* XEN_PX_ */
    uint32_t platform_limit;
    struct xen_pct_register control_register;
    struct xen_pct_register status_register;
    uint32_t state_count;
    guest_va_t states;
    struct xen_psd_package domain_info;
    uint32_t shared_type; /* XEN_CPUPERF_SHARED_TYPE_ */
};
typedef struct xen_processor_performance xen_processor_performance_t;
ABI_LAYOUT(struct xen_processor_performance, states, 48, 104);

struct xenpf_set_processor_pminfo {
    uint32_t id;   /* ACPI id */
    uint32_t type; /* XEN_PM_ */
    union {
        struct xen_processor_power power;
        struct xen_processor_performance perf;
        guest_va_t pdc;
    } u;
};
typedef struct xenpf_set_processor_pminfo xenpf_set_processor_pminfo_t;
ABI_LAYOUT(struct xenpf_set_processor_pminfo, u, 8, 112);

/* One processor; Dom0 asks for 0 up to max_present. */
#define XEN_PCPU_FLAGS_ONLINE  1
#define XEN_PCPU_FLAGS_INVALID 2 /* there is none of this number */
struct xenpf_pcpuinfo {
    uint32_t xen_cpuid;
    uint32_t max_present; /* OUT: highest number there is */
    uint32_t flags;       /* OUT */
    uint32_t apic_id;     /* OUT */
    uint32_t acpi_id;     /* OUT */
};
typedef struct xenpf_pcpuinfo xenpf_pcpuinfo_t;
ABI_LAYOUT(struct xenpf_pcpuinfo, acpi_id, 16, 20);

struct xenpf_pcpu_version {
    uint32_t xen_cpuid;
    uint32_t max_present; /* OUT, as all that follows */
    char vendor_id[12];
    uint32_t family;
    uint32_t model;
    uint32_t stepping;
};
typedef struct xenpf_pcpu_version xenpf_pcpu_version_t;
ABI_LAYOUT(struct xenpf_pcpu_version, family, 20, 32);

struct xenpf_cpu_ol {
    uint32_t cpuid;
};
typedef struct xenpf_cpu_ol xenpf_cpu_ol_t;
ABI_LAYOUT(struct xenpf_cpu_ol, cpuid, 0, 4);

struct xenpf_cpu_hotadd {
    uint32_t apic_id;
    uint32_t acpi_id;
    uint32_t pxm;
};
typedef struct xenpf_cpu_hotadd xenpf_cpu_hotadd_t;
ABI_LAYOUT(struct xenpf_cpu_hotadd, pxm, 8, 12);

struct xenpf_mem_hotadd {
    uint64_t spfn; /* first frame */
    uint64_t epfn; /* first frame after it */
    uint32_t pxm;
    uint32_t flags;
};
typedef struct xenpf_mem_hotadd xenpf_mem_hotadd_t;
ABI_LAYOUT(struct xenpf_mem_hotadd, pxm, 16, 24);

#define XEN_CORE_PARKING_SET 1
#define XEN_CORE_PARKING_GET 2
struct xenpf_core_parking {
    uint32_t type;
    uint32_t idle_nums;
};
typedef struct xenpf_core_parking xenpf_core_parking_t;
ABI_LAYOUT(struct xenpf_core_parking, idle_nums, 4, 8);

/* MSR accesses on a chosen processor. */
#define XEN_RESOURCE_OP_MSR_READ  0
#define XEN_RESOURCE_OP_MSR_WRITE 1
struct xenpf_resource_entry {
    union {
        uint32_t cmd; /* XEN_RESOURCE_OP_ */
        int32_t ret;  /* OUT */
    } u;
    uint32_t rsvd;
    uint64_t idx;
    uint64_t val;
};
typedef struct xenpf_resource_entry xenpf_resource_entry_t;
ABI_LAYOUT(struct xenpf_resource_entry, idx, 8, 24);

struct xenpf_resource_op {
    uint32_t nr_entries;
    uint32_t cpu;
    guest_va_t entries;
};
typedef struct xenpf_resource_op xenpf_resource_op_t;
ABI_LAYOUT(struct xenpf_resource_op, entries, 8, 16);

/* One symbol of ours, for tracing in Dom0. */
struct xenpf_symdata {
    uint32_t namelen; /* room; OUT: needed */
    uint32_t symnum;  /* which; OUT: the next */
    guest_va_t name;
    uint64_t address; /* OUT */
    char type;        /* OUT: letter as nm prints it */
};
typedef struct xenpf_symdata xenpf_symdata_t;
ABI_LAYOUT(struct xenpf_symdata, address, 16, 32);

/* The argument of the call. */
struct xen_platform_op {
    uint32_t cmd; /* XENPF_ */
    uint32_t interface_version;
    union {
        xenpf_settime64_t settime;
        xenpf_settime32_t settime32;
        xenpf_settime64_t settime64;
        xenpf_add_memtype_t add_memtype;
        xenpf_del_memtype_t del_memtype;
        xenpf_read_memtype_t read_memtype;
        xenpf_microcode_update_t microcode;
        xenpf_platform_quirk_t platform_quirk;
        xenpf_efi_runtime_call_t efi_runtime_call;
        xenpf_firmware_info_t firmware_info;
        xenpf_enter_acpi_sleep_t enter_acpi_sleep;
        xenpf_change_freq_t change_freq;
        xenpf_getidletime_t getidletime;
        xenpf_set_processor_pminfo_t set_pminfo;
        xenpf_pcpuinfo_t pcpu_info;
        xenpf_pcpu_version_t pcpu_version;
        xenpf_cpu_ol_t cpu_ol;
        xenpf_cpu_hotadd_t cpu_add;
        xenpf_mem_hotadd_t mem_add;
        xenpf_core_parking_t core_parking;
        xenpf_resource_op_t resource_op;
        xenpf_symdata_t symdata;
        uint8_t pad[128];
    } u;
};
typedef struct xen_platform_op xen_platform_op_t;
ABI_LAYOUT(struct xen_platform_op, u, 8, 136);

#endif
