/* SPDX-License-Identifier: GPL-2.0 */
/*
 * events - ports of every kind, in the two-level form and in the queue form.
 */
#include "guest.h"

static long evtchn(int op, void *arg)
{
    return HC(event_channel_op, op, arg);
}

static long bind_ipi(uint32_t vcpu, uint32_t *port)
{
    struct evtchn_bind_ipi op = {.vcpu = vcpu};
    long rc = evtchn(EVTCHNOP_bind_ipi, &op);

    *port = op.port;
    return rc;
}

static long send(uint32_t port)
{
    struct evtchn_send op = {.port = port};

    return evtchn(EVTCHNOP_send, &op);
}

static long close_port(uint32_t port)
{
    struct evtchn_close op = {.port = port};

    return evtchn(EVTCHNOP_close, &op);
}

static uint32_t status_of(uint32_t port)
{
    struct evtchn_status op = {.dom = DOMID_SELF, .port = port};

    return evtchn(EVTCHNOP_status, &op) ? 99 : op.status;
}

static bool pending(uint32_t port)
{
    return *(volatile uint64_t *)&shared->evtchn_pending[port / 64] >>
               (port % 64) & 1;
}

static void ipis(void)
{
    uint32_t port, high;

    check_eq("bind an IPI", bind_ipi(0, &port), 0);
    port_count[port] = 0;
    check_eq("status: IPI", status_of(port), EVTCHNSTAT_ipi);
    port_mask(port);
    events_mask();
    check_eq("send", send(port), 0);
    check("it is pending", pending(port));
    check("masked, so nothing is told",
          !*(volatile uint8_t *)&vcpu_info(0)->evtchn_upcall_pending);
    check_eq("unmask", port_unmask(port), 0);
    check("now it is told",
          *(volatile uint8_t *)&vcpu_info(0)->evtchn_upcall_pending);
    check_eq("not yet delivered", port_count[port], 0);
    events_unmask();
    check_eq("delivered", port_count[port], 1);
    send(port);
    check_eq("delivered at once", port_count[port], 2);
    send(port);
    send(port);
    check_eq("once more for each", port_count[port], 4);
    events_mask();
    send(port);
    send(port);
    events_unmask();
    check_eq("two become one while masked", port_count[port], 5);
    events_mask();
    check_eq("bind an IPI to no vcpu", bind_ipi(99, &high), -E_NOENT);
    check_eq("close", close_port(port), 0);
    check_eq("close twice", close_port(port), -E_INVAL);
    check_eq("status: closed", status_of(port), EVTCHNSTAT_closed);
    check_eq("send to a closed port", send(port), -E_INVAL);
}

static void virqs(void)
{
    struct evtchn_bind_virq op = {.virq = VIRQ_TIMER, .vcpu = 0};
    struct evtchn_bind_virq bad = {.virq = NR_VIRQS, .vcpu = 0};

    check_eq("bind the timer", evtchn(EVTCHNOP_bind_virq, &op), 0);
    check_eq("status: virtual interrupt", status_of(op.port),
             EVTCHNSTAT_virq);
    check_eq("bind it twice", evtchn(EVTCHNOP_bind_virq, &op), -E_EXIST);
    check_eq("bind one of no number", evtchn(EVTCHNOP_bind_virq, &bad),
             -E_INVAL);
    bad = (struct evtchn_bind_virq){.virq = VIRQ_DEBUG, .vcpu = 99};
    check_eq("bind one to no vcpu", evtchn(EVTCHNOP_bind_virq, &bad),
             -E_NOENT);
    bad = (struct evtchn_bind_virq){.virq = VIRQ_DOM_EXC, .vcpu = 1};
    check("bind a global one to another vcpu",
          evtchn(EVTCHNOP_bind_virq, &bad) < 0);
    port_unmask(op.port);
    events_unmask();
    HC(set_timer_op, now() + SECOND / 100);
    check("the timer's event comes", WAIT_FOR(port_count[op.port], SECOND));
    events_mask();
    close_port(op.port);
    check_eq("after closing it may be bound again",
             evtchn(EVTCHNOP_bind_virq, &op), 0);
    close_port(op.port);
}

static void interdomain(void)
{
    struct evtchn_alloc_unbound un = {.dom = DOMID_SELF, .remote_dom = 0};
    struct evtchn_bind_interdomain bind = {.remote_dom = 0};
    struct evtchn_status st = {.dom = DOMID_SELF};
    uint32_t far;

    check_eq("an unbound port", evtchn(EVTCHNOP_alloc_unbound, &un), 0);
    check_eq("status: unbound", status_of(un.port), EVTCHNSTAT_unbound);
    bind.remote_port = un.port;
    check_eq("bind to it", evtchn(EVTCHNOP_bind_interdomain, &bind), 0);
    check("at another port", bind.local_port != un.port);
    far = bind.local_port;
    st.port = far;
    check_eq("status: joined", evtchn(EVTCHNOP_status, &st), 0);
    check("to the other port", st.status == EVTCHNSTAT_interdomain &&
                                   st.u.interdomain.port == un.port);
    port_unmask(un.port);
    port_unmask(far);
    events_unmask();
    port_count[un.port] = port_count[far] = 0;
    send(far);
    check_eq("sending on one tells the other", port_count[un.port], 1);
    send(un.port);
    check_eq("and back", port_count[far], 1);
    events_mask();
    check_eq("bind to a port that is taken",
             evtchn(EVTCHNOP_bind_interdomain, &bind), -E_INVAL);
    check_eq("close one end", close_port(far), 0);
    check_eq("the other is unbound again", status_of(un.port),
             EVTCHNSTAT_unbound);
    close_port(un.port);
    un.dom = 99;
    check_eq("a port of a domain that there is not",
             evtchn(EVTCHNOP_alloc_unbound, &un), -E_SRCH);
    bind.remote_dom = 99;
    check_eq("bind to a domain that there is not",
             evtchn(EVTCHNOP_bind_interdomain, &bind), -E_SRCH);
}

static void limits(void)
{
    struct evtchn_bind_vcpu move = {.port = 0xffffffff, .vcpu = 0};
    static uint32_t ports[5000];
    unsigned int n = 0, i;
    long rc = 0;

    check_eq("a port far beyond", send(0x7fffffff), -E_INVAL);
    check_eq("port 0", send(0), -E_INVAL);
    check_eq("unmask far beyond", port_unmask(0xfffffff0), -E_INVAL);
    check_eq("move a port far beyond", evtchn(EVTCHNOP_bind_vcpu, &move),
             -E_INVAL);
    check_eq("an operation of no number", evtchn(99, &move), -E_NOSYS);
    check_eq("a bad pointer", evtchn(EVTCHNOP_send, (void *)0x1000),
             -E_FAULT);
    while (n < ARRAY_SIZE(ports) && !(rc = bind_ipi(0, &ports[n])))
        n++;
    check("there is an end of ports, and it is told",
          n > 900 && n < 4096 && rc == -E_NOSPC);
    note("%u ports could be had", n);
    for (i = 0; i < n; i++)
        rc |= close_port(ports[i]) * 2;
    check("all can be closed", rc == -E_NOSPC);
    check_eq("then there are ports again", bind_ipi(0, &ports[0]), 0);
    close_port(ports[0]);
}

/* --- the queue form --- */

static struct evtchn_fifo_control_block *block;
static volatile uint32_t *words;
static volatile unsigned int fifo_got[64], fifo_order[64], fifo_n;

static void take_queue(unsigned int priority)
{
    uint32_t port = block->head[priority], word, next;

    while (port) {
        word = words[port];
        next = word & EVTCHN_FIFO_LINK_MASK;
        __atomic_fetch_and(&words[port],
                           ~(1U << EVTCHN_FIFO_LINKED | EVTCHN_FIFO_LINK_MASK),
                           __ATOMIC_SEQ_CST);
        if (word & 1U << EVTCHN_FIFO_PENDING &&
            !(word & 1U << EVTCHN_FIFO_MASKED)) {
            __atomic_fetch_and(&words[port], ~(1U << EVTCHN_FIFO_PENDING),
                               __ATOMIC_SEQ_CST);
            fifo_got[port % 64]++;
            fifo_order[fifo_n++ % 64] = port;
        }
        port = next;
    }
    block->head[priority] = 0;
}

static void fifo_upcall(struct frame *f)
{
    uint32_t ready;
    unsigned int q;

    (void)f;
    vcpu_info(0)->evtchn_upcall_pending = 0;
    while ((ready = __atomic_exchange_n(&block->ready, 0, __ATOMIC_SEQ_CST)))
        for (q = 0; q < EVTCHN_FIFO_MAX_QUEUES; q++)
            if (ready >> q & 1)
                take_queue(q);
}

static void fifo_ports(void)
{
    struct evtchn_set_priority pri = {.priority = 3};
    uint32_t a, b, c;

    upcall_hook = fifo_upcall;
    check_eq("queues: bind", bind_ipi(0, &a), 0);
    bind_ipi(0, &b);
    bind_ipi(0, &c);
    note("ports %u %u %u words %x", a, b, c, words[a]);
    port_unmask(a);
    port_unmask(b);
    port_unmask(c);
    events_unmask();
    check_eq("queues: send", send(a), 0);
    check_eq("queues: delivered", fifo_got[a % 64], 1);
    pri.port = c;
    check_eq("queues: set a priority", evtchn(EVTCHNOP_set_priority, &pri),
             0);
    pri.priority = 16;
    check_eq("queues: a priority too low", evtchn(EVTCHNOP_set_priority, &pri),
             -E_INVAL);
    events_mask();
    fifo_n = 0;
    send(a);
    send(b);
    send(c);
    events_unmask();
    check("queues: the urgent one first, the others in order",
          fifo_n == 3 && fifo_order[0] == c && fifo_order[1] == a &&
              fifo_order[2] == b);
    events_mask();
    __atomic_fetch_or(&words[a], 1U << EVTCHN_FIFO_MASKED, __ATOMIC_SEQ_CST);
    fifo_got[a % 64] = 0;
    events_unmask();
    send(a);
    check_eq("queues: masked, not delivered", fifo_got[a % 64], 0);
    check("queues: but pending", words[a] >> EVTCHN_FIFO_PENDING & 1);
    check_eq("queues: unmask", port_unmask(a), 0);
    check_eq("queues: delivered after it", fifo_got[a % 64], 1);
    check_eq("queues: close", close_port(a), 0);
    events_mask();
}

static void fifo(void)
{
    struct evtchn_init_control op = {.vcpu = 0};
    struct evtchn_expand_array more;
    char *page = page_new(), *array = page_new();
    struct evtchn_reset reset = {.dom = DOMID_SELF};
    long rc;

    op.control_gfn = mfn_of(page);
    op.offset = 4093;
    rc = evtchn(EVTCHNOP_init_control, &op);
    if (rc == -E_NOSYS) {
        skip("queues", "not offered");
        return;
    }
    check_eq("queues: control block across a page", rc, -E_INVAL);
    op.offset = 0;
    op.control_gfn = 0xffffffffffUL;
    check_eq("queues: control block nowhere",
             evtchn(EVTCHNOP_init_control, &op), -E_INVAL);
    op.control_gfn = mfn_of(page);
    op.vcpu = 77;
    check_eq("queues: no such vcpu", evtchn(EVTCHNOP_init_control, &op),
             -E_NOENT);
    op.vcpu = 0;
    more.array_gfn = mfn_of(array);
    check("queues: words before the control block",
          evtchn(EVTCHNOP_expand_array, &more) < 0);
    check_eq("queues: control block", evtchn(EVTCHNOP_init_control, &op), 0);
    check_eq("queues: link bits", op.link_bits, EVTCHN_FIFO_LINK_BITS);
    check("queues: control block twice",
          evtchn(EVTCHNOP_init_control, &op) < 0);
    more.array_gfn = 0xffffffffffUL;
    check_eq("queues: words nowhere", evtchn(EVTCHNOP_expand_array, &more),
             -E_INVAL);
    more.array_gfn = mfn_of(array);
    check_eq("queues: words", evtchn(EVTCHNOP_expand_array, &more), 0);
    events_unmask(); /* what waits in the other form */
    events_mask();
    block = (struct evtchn_fifo_control_block *)page;
    words = (volatile uint32_t *)array;
    fifo_ports();
    check_eq("reset closes all", evtchn(EVTCHNOP_reset, &reset), 0);
    upcall_hook = NULL;
    virqs();
    ipis();
}

void test_main(void)
{
    ipis();
    virqs();
    interdomain();
    limits();
    fifo();
}
