/* SPDX-License-Identifier: GPL-2.0 */
/*
 * small.c - a guest of a few KiB for tests of the tools: it is up at once,
 * and does what its parameters say:
 *   say=N    print N numbered lines first
 *   end=WHY  then poweroff, reboot, crash or trap (an instruction that is
 *            none); without it: stay, and do what control/shutdown asks
 *   deaf     stay, whatever control/shutdown asks
 *   lie      about its memory: a long list that names one frame only
 *   storm=WHOM  console or store: ring, talk and ask without an end
 * Keeps true: it waits for events only and never runs in circles, but in a
 * storm.
 */
#include <guest.h>

#include <abi/elfnote.h>
#include <abi/io/console.h>
#include <abi/io/xs_wire.h>

/* The notes that a builder reads, and the first instruction. */
#define NOTE(type, value)                                                      \
    ".pushsection .note.Xen, \"a\", @note\n.balign 4\n"                        \
    ".long 4, 2f - 1f, " #type "\n.asciz \"Xen\"\n"                            \
    "1: " value "\n2: .balign 4\n.popsection\n"
#define NOTE_OF(type, value) NOTE(type, value)

__asm__(
    NOTE_OF(XEN_ELFNOTE_ENTRY, ".quad _start")                 /**/
    NOTE_OF(XEN_ELFNOTE_VIRT_BASE, ".quad 0xffffffff80000000") /**/
    NOTE_OF(XEN_ELFNOTE_PADDR_OFFSET, ".quad 0")               /**/
    NOTE_OF(XEN_ELFNOTE_XEN_VERSION, ".asciz \"xen-3.0\"")     /**/
    NOTE_OF(XEN_ELFNOTE_GUEST_OS, ".asciz \"small\"")          /**/
    NOTE_OF(XEN_ELFNOTE_LOADER, ".asciz \"generic\"")          /**/
    NOTE_OF(XEN_ELFNOTE_PAE_MODE, ".asciz \"yes\"")            /**/
    NOTE_OF(XEN_ELFNOTE_FEATURES,
            ".asciz \"!writable_page_tables|pae_pgdir_above_4gb\"") /**/
    NOTE_OF(XEN_ELFNOTE_HYPERCALL_PAGE,
            ".quad hypercall_page") ".section .text.head, \"ax\", @progbits\n"
                                    ".globl _start\n"
                                    "_start: lea stack + 8192(%rip), %rsp\n"
                                    "   xor %ebp, %ebp\n"
                                    "   mov %rsi, %rdi\n"
                                    "   call begin\n"
                                    "   ud2\n"
                                    "   .balign 4096\n"
                                    "hypercall_page: .skip 4096\n"
                                    ".text\n");

#define PAGE_BITS 12
#define PRESENT   1
#define WRITABLE  2

static const struct start_info *info;
static struct xencons_interface *console;
static struct xenstore_domain_interface *store;
static struct shared_info *page;
char stack[8192] __attribute__((used, aligned(16)));
static char shared_at[PAGE] __attribute__((aligned(PAGE)));
static uint64_t lists[2][PAGE / 8] __attribute__((aligned(PAGE)));

void begin(const struct start_info *given) __attribute__((noreturn));

void *memset(void *to, int byte, size_t n)
{
    for (char *p = to; n--;)
        *p++ = (char)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
    const char *f = from;

    for (char *p = to; n--;)
        *p++ = *f++;
    return to;
}

static size_t length(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

/* Does `text` begin with `word`? What follows it, or NULL. */
static const char *after(const char *text, const char *word)
{
    while (*word && *text == *word) {
        text++;
        word++;
    }
    return *word ? NULL : text;
}

/* The value of parameter `word`, or NULL. */
static const char *parameter(const char *word)
{
    const char *at = info->cmd_line;

    while (*at) {
        const char *value = after(at, word);

        if (value)
            return value;
        while (*at && *at != ' ')
            at++;
        while (*at == ' ')
            at++;
    }
    return NULL;
}

static uint64_t frame_of(const void *at)
{
    return (
        (const uint64_t *)info->mfn_list)[((uint64_t)at - VIRT) >> PAGE_BITS];
}

static void *page_at(uint64_t mfn)
{
    const uint64_t *list = (const uint64_t *)info->mfn_list;

    for (uint64_t pfn = 0; pfn < info->nr_pages; pfn++) {
        if (list[pfn] == mfn)
            return (void *)(VIRT + (pfn << PAGE_BITS));
    }
    return NULL;
}

/* ---- events: polled, so that no entry point is needed ------------------- */

static void notify(uint32_t port)
{
    struct evtchn_send send = {.port = port};

    HC(event_channel_op, EVTCHNOP_send, &send);
}

static void await(uint32_t port)
{
    struct sched_poll poll = {{(uint64_t)&port}, 1, 0};

    HC(sched_op, SCHEDOP_poll, &poll);
    __atomic_and_fetch(&page->evtchn_pending[port / 64], ~(1UL << (port % 64)),
                       __ATOMIC_SEQ_CST);
}

static void shut_down(unsigned int reason) __attribute__((noreturn));

static void shut_down(unsigned int reason)
{
    struct sched_shutdown how = {.reason = reason};

    for (;;)
        HC(sched_op, SCHEDOP_shutdown, &how);
}

/* ---- the console ---------------------------------------------------------- */

static void put(const char *text, size_t n)
{
    uint32_t port = info->console.domU.evtchn;

    for (size_t i = 0; i < n; i++) {
        uint32_t prod = console->out_prod;

        while (prod - __atomic_load_n(&console->out_cons, __ATOMIC_ACQUIRE) >=
               sizeof(console->out)) {
            notify(port);
            await(port);
        }
        console->out[MASK_XENCONS_IDX(prod, console->out)] = text[i];
        __atomic_store_n(&console->out_prod, prod + 1, __ATOMIC_RELEASE);
    }
    notify(port);
}

static void say(const char *text)
{
    put(text, length(text));
}

static void say_lines(unsigned long count)
{
    char line[] = "line 00000000 of a guest that talks much\n";

    for (unsigned long i = 1; i <= count; i++) {
        unsigned long v = i;

        for (int digit = 12; digit > 4; digit--, v /= 10)
            line[digit] = (char)('0' + v % 10);
        put(line, sizeof(line) - 1);
    }
}

/* ---- the store ------------------------------------------------------------ */

static void store_send(const char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t prod = store->req_prod;

        while (prod - __atomic_load_n(&store->req_cons, __ATOMIC_ACQUIRE) >=
               XENSTORE_RING_SIZE)
            await(info->store_evtchn);
        store->req[MASK_XENSTORE_IDX(prod)] = data[i];
        __atomic_store_n(&store->req_prod, prod + 1, __ATOMIC_RELEASE);
    }
    notify(info->store_evtchn);
}

static void store_receive(char *data, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t cons = store->rsp_cons;

        while (__atomic_load_n(&store->rsp_prod, __ATOMIC_ACQUIRE) == cons)
            await(info->store_evtchn);
        data[i] = store->rsp[MASK_XENSTORE_IDX(cons)];
        __atomic_store_n(&store->rsp_cons, cons + 1, __ATOMIC_RELEASE);
    }
    notify(info->store_evtchn);
}

static void ask(uint32_t type, const char *text, size_t n)
{
    struct xsd_sockmsg head = {.type = type, .len = (uint32_t)n};

    store_send((const char *)&head, sizeof(head));
    store_send(text, n);
}

#define NODE "control/shutdown"

static void obey(const char *word)
{
    if (!*word)
        return; /* our own answer: writing it again would call us again */
    ask(XS_WRITE, NODE "\0", sizeof(NODE));
    if (after(word, "poweroff") || after(word, "halt"))
        shut_down(SHUTDOWN_poweroff);
    if (after(word, "reboot"))
        shut_down(SHUTDOWN_reboot);
    if (after(word, "crash"))
        shut_down(SHUTDOWN_crash);
}

static void stay(void)
{
    static char text[XENSTORE_PAYLOAD_MAX + 1];
    struct xsd_sockmsg head;

    ask(XS_WATCH, NODE "\0token", sizeof(NODE "\0token"));
    for (;;) {
        store_receive((char *)&head, sizeof(head));
        if (head.len > XENSTORE_PAYLOAD_MAX)
            shut_down(SHUTDOWN_crash);
        store_receive(text, head.len);
        text[head.len] = '\0';
        if (head.type == XS_WATCH_EVENT)
            ask(XS_READ, NODE, sizeof(NODE));
        else if (head.type == XS_READ && !parameter("deaf"))
            obey(text);
    }
}

/* ---- what a hostile guest does --------------------------------------------- */

/* A request as soon as there is room; answers and events are not looked at. */
static void ask_at_once(uint32_t type, const char *text, size_t n)
{
    struct xsd_sockmsg head = {.type = type, .len = (uint32_t)n};

    __atomic_store_n(&store->rsp_cons,
                     __atomic_load_n(&store->rsp_prod, __ATOMIC_ACQUIRE),
                     __ATOMIC_RELEASE);
    if (store->req_prod - __atomic_load_n(&store->req_cons, __ATOMIC_ACQUIRE) <=
        XENSTORE_RING_SIZE - sizeof(head) - n) {
        store_send((const char *)&head, sizeof(head));
        store_send(text, n);
    }
    notify(info->store_evtchn);
}

static void storm(const char *whom) __attribute__((noreturn));

static void storm(const char *whom)
{
    static const char node[] = "data/x\0value", watch[] = "data\0token";

    say("storm begins\n");
    ask(XS_WATCH, watch, sizeof(watch));
    for (;;) {
        if (after(whom, "store")) {
            ask_at_once(XS_WRITE, node, sizeof(node));
        } else {
            console->out_prod += 7;
            notify(info->console.domU.evtchn);
        }
    }
}

/* ---- all ------------------------------------------------------------------ */

/* Tells those who dump a guest where its frames are. */
static void tell_frames(void)
{
    uint64_t pages = (info->nr_pages * 8 + PAGE - 1) / PAGE;

    for (uint64_t i = 0; i < pages && i < PAGE / 8; i++)
        lists[1][i] = frame_of((const void *)(info->mfn_list + i * PAGE));
    lists[0][0] = frame_of(lists[1]);
    page->arch.pfn_to_mfn_frame_list_list = frame_of(lists[0]);
    page->arch.max_pfn = info->nr_pages;
    if (!parameter("lie"))
        return;
    for (size_t i = 0; i < PAGE / 8; i++)
        lists[0][i] = lists[1][i] = page->arch.pfn_to_mfn_frame_list_list;
    page->arch.max_pfn = 1UL << 27;
}

static unsigned long number(const char *text)
{
    unsigned long v = 0;

    while (text && *text >= '0' && *text <= '9')
        v = v * 10 + (unsigned long)(*text++ - '0');
    return v;
}

void begin(const struct start_info *given)
{
    const char *end;

    info = given;
    HC(update_va_mapping, shared_at, info->shared_info | PRESENT | WRITABLE,
       UVMF_INVLPG);
    page = (struct shared_info *)shared_at;
    page->vcpu_info[0].evtchn_upcall_mask = 1;
    console = page_at(info->console.domU.mfn);
    store = page_at(info->store_mfn);
    tell_frames();
    say("small guest: ");
    say(info->cmd_line);
    say("\n");
    say_lines(number(parameter("say=")));
    if (parameter("storm="))
        storm(parameter("storm="));
    end = parameter("end=");
    if (!end)
        stay();
    say("last words\n");
    if (after(end, "trap"))
        __asm__ volatile("ud2");
    shut_down(after(end, "reboot")  ? SHUTDOWN_reboot
              : after(end, "crash") ? SHUTDOWN_crash
                                    : SHUTDOWN_poweroff);
}
