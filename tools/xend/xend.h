/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xend.h - what the files of xend share: the daemon's handles, a domain, a
 * device. Everything runs in one loop; no function here waits for anything
 * but the store's answer.
 */
#ifndef XEND_XEND_H
#define XEND_XEND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/loop.h"
#include "base/rpc.h"
#include "base/sxp.h"
#include "hyp/domain.h"
#include "store/client.h"
#include "store/path.h"
#include "vmcfg.h"

/* Fault codes of the XML-RPC interface. */
enum fault { FAULT_INTERNAL = 1, FAULT_GENERIC = 2, FAULT_NO_DOMAIN = 3 };

#define NO_STORE                                                               \
    "xenstored is not running; start it with: /etc/init.d/xend start"
#define ERR_SIZE    512  /* one line for the administrator */
#define MAX_DOMAINS 4096 /* at once; no list is longer */

/* /etc/xen/xend-config.sxp */
struct settings {
    char *logfile, *socket, *vif_script, *network_script, *state_dir;
    const char *scripts; /* the directory of the devices' scripts */
    unsigned dom0_min_mib;
    bool balloon_dom0;
    bool dump_crashed;
    unsigned console_limit_kib;
    unsigned create_timeout_s, destroy_timeout_s;
};

struct domain;
struct device;

struct xend {
    struct loop *loop;
    struct hyp *hyp;
    struct store *store; /* NULL while xenstored is away */
    struct settings set;
    struct domain *domains; /* all we know of, Domain-0 not among them */
};
extern struct xend xend;

/* ---- domains: domain.c ------------------------------------------------- */

enum dom_stage {
    STAGE_MEMORY,  /* waiting for Dom0 to give memory back */
    STAGE_BUILD,   /* the builder's child runs */
    STAGE_DEVICES, /* devices are being connected */
    STAGE_LIVE,    /* complete; the hypervisor knows whether it runs */
    STAGE_DESTROY, /* being taken apart */
};

/* A client that waits for something to happen with a domain. */
struct waiter {
    struct waiter *next;
    struct rpc_request *req;
};

struct domain {
    struct domain *next;
    enum dom_stage stage;
    int domid;         /* -1: not made yet */
    struct vmcfg *cfg; /* what was asked for; name and uuid always valid */
    bool foreign;      /* made by another toolstack: no configuration */
    struct device *devices;
    double start_time;
    double restarted_at; /* up_time() of the last restart by policy; 0: never */
    unsigned restarts;
    bool end_handled;   /* its shutdown was seen and acted on */
    unsigned end_looks; /* how often its console was waited for then */
    bool restart_after; /* make it again once it is gone */
    bool keep_store;    /* renamed and kept: its name is free */
    bool on_introduced;

    /* creation */
    struct rpc_request *create_req; /* NULL: nobody waits */
    bool restarting;                /* made by policy: unpause it at last */
    struct job *job;                /* the child that works for it */
    struct loop_timer timer;        /* deadline of the stage */
    uint64_t wait_until_ns;         /* for memory */
    char error[ERR_SIZE];           /* why it is being destroyed; "" none */

    /* destruction */
    bool killed; /* the hypervisor has let go of it, or never had it */
    struct waiter *gone_waiters; /* destroy */
    struct waiter *end_waiters;  /* waitForShutdown */
    void (*dump_done)(struct domain *d);
};

struct domain *domain_new(struct vmcfg *cfg); /* takes cfg over, listed */
void domain_free(struct domain *d);           /* unlists */
unsigned domain_count(void);
struct domain *domain_by_id(int domid);
struct domain *domain_by_name(const char *name);
struct domain *domain_by_uuid(const uint8_t uuid[16]);
/* Look at the hypervisor's list: who came, who went, who shut down. */
void domains_refresh(void);
void domain_rename(struct domain *d, const char *name);
/* Answer and drop all of a list. */
void waiters_answer(struct waiter **list);
void waiters_fault(struct waiter **list, const char *text);
int waiter_add(struct waiter **list, struct rpc_request *req);
double wall_time(void);
double up_time(void); /* of this machine: nobody sets it */

/* ---- creation and destruction: create.c, destroy.c, policy.c ----------- */

/* Answers req (may be NULL) when done. Takes cfg over. */
void create_begin(struct vmcfg *cfg, struct rpc_request *req,
                  double restarted_at, unsigned restarts);
void create_devices_changed(struct domain *d);
/* Give up: destroy what there is, then answer with d->error. */
void create_fail(struct domain *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The answer to a client: the domain's description. */
struct rpc_value *create_answer(const struct domain *d);

void destroy_begin(struct domain *d);
void destroy_devices_changed(struct domain *d);

/* A domain has shut down: do what its file says. */
void policy_apply(struct domain *d, unsigned reason);
bool policy_too_soon(const struct domain *d, unsigned reason);

/* ---- long work in a child: job.c ---------------------------------------- */

#define JOB_REPORT_MAX 4096 /* what a pipe takes in one piece */
/* In the child; h is NULL if the hypervisor cannot be reached. */
typedef void job_fn(const struct domain *d, struct hyp *h, int out);
typedef void job_done_fn(struct domain *d, const void *report, size_t len);
int job_start(struct domain *d, job_fn *fn, job_done_fn *done,
              bool dies_with_us);
/* End it; `then` is called instead of done, once it is gone. False: there is
 * no job. */
bool job_stop(struct domain *d, job_done_fn *then);
void job_leave(struct domain *d); /* end it, and hear no more of it */

/* ---- devices: device.c, vbd.c, vif.c, vfb.c ---------------------------- */

enum dev_stage {
    DEV_NEW,       /* known, nothing in the store */
    DEV_WRITTEN,   /* in the store; waiting for the back end */
    DEV_SCRIPT,    /* its hotplug script runs */
    DEV_CONNECTED, /* the script is content */
    DEV_FAILED,    /* it is not: d->error */
    DEV_CLOSING,   /* asked to close; waiting for the back end */
    DEV_REMOVING,  /* the script runs the last time */
    DEV_GONE,      /* nothing is left in the store */
};

struct device_kind {
    const char *name;     /* as in the store: vbd, vif */
    const char *on, *off; /* the script's argument */
    bool wait_backend;    /* the script needs what the back end makes */
    /* Judge dev->cfg, choose devid; 0 or -1 with err. */
    int (*parse)(struct device *dev, char *err);
    /* Write the kind's own keys; front and back are the directories. */
    void (*write)(struct device *dev, store_tx_t tx, const char *front,
                  const char *back);
    const char *(*script)(const struct device *dev);
};
extern const struct device_kind vbd_kind, vif_kind;
const struct device_kind *device_kind_find(const char *class);

struct device {
    struct device *next;
    struct domain *dom;
    const struct device_kind *kind;
    struct sxp *cfg; /* (vbd (uname ..) ..) */
    unsigned devid;
    enum dev_stage stage;
    bool watched;
    pid_t script;
    struct loop_timer timer;
    char error[ERR_SIZE];
    struct rpc_request *req; /* attach or detach by a client */
    bool detach;             /* forget it when gone */
    bool attach;             /* detach again if it fails */
    bool force;              /* close it without the guest */

    /* vbd */
    char *vbd_type, *vbd_params, *vbd_name;
    char vbd_mode[4];
    bool vbd_cdrom, vbd_shared;
    struct disk_id {
        bool known, block;
        uint64_t dev, ino; /* of a block device: its number, and 0 */
    } vbd_id;
    /* vif */
    char mac[18];
    char *bridge, *rate;
};

/* From a (vbd ..) or (vif ..); a copy is kept. NULL with err. */
struct device *device_new(struct domain *d, const struct sxp *cfg, char *err);
/* One that is connected already, as an earlier xend left it. */
struct device *device_recall(struct domain *d, const struct sxp *cfg,
                             unsigned devid);
void device_free(struct device *dev); /* out of its domain's list */
struct device *device_find(struct domain *d, const char *kind, unsigned devid);
/* Put the keys of one device into the store, inside a batch. */
void device_write(struct device *dev, store_tx_t tx);
void device_start(struct device *dev); /* after the commit */
void device_close(struct device *dev, bool force);
void device_store_event(const char *token);
void device_store_back(struct device *dev); /* xenstored was restarted */
const char *device_back_path(const struct device *dev, store_path_t *p);
const char *device_front_path(const struct device *dev, store_path_t *p);
bool devices_connected(const struct domain *d);
bool devices_gone(const struct domain *d);
const char *devices_error(const struct domain *d);
/* Live attach and detach; answer req when done. */
void device_attach(struct domain *d, const struct sxp *cfg,
                   struct rpc_request *req);
void device_detach(struct device *dev, bool force, struct rpc_request *req);
/* What a guest wrote, fit to stand in a table: one word of a number's size. */
void device_plain(char *text);
/* What the store says of it, for block-list and network-list. */
struct sxp *device_describe(const struct device *dev);

/* "xvda1" to its number; -1: no such name. Digits are taken as they are. */
long vbd_number(const char *name);
/* Who else has this disk? 0, or -1 with a line that names them. */
int vbd_check_sharing(const struct device *dev, char *err);
/* "10Mb/s@20ms" to "bytes,usec"; NULL: makes no sense. */
char *vif_rate(const char *text);
bool vif_mac_valid(const char *text);

/* Scripts: hotplug.c. `done` gets "" or why it failed. */
typedef void hotplug_done_fn(struct device *dev, const char *why);
int hotplug_run(struct device *dev, const char *action, hotplug_done_fn *done);

/* ---- the rest ----------------------------------------------------------- */

/* balloon.c: try to have so much free; true if it is there now. */
bool balloon_have(uint64_t kib, uint64_t *free_kib);
bool balloon_possible(uint64_t kib);
void balloon_ask(uint64_t kib); /* lower Dom0's target by what is missing */

/* guest_store.c: the store's tree of a new domain. 0 or -errno. */
struct build_result;
int guest_store_write(struct domain *d, const struct build_result *r);
/* False: xenstored is away, or went away meanwhile. */
bool guest_store_remove(struct domain *d);
void guest_store_move_vm(struct domain *d, const uint8_t old_uuid[16]);

/*
 * keep.c: files that say what was begun. MAKING and ENDING: there may be
 * something to clean away, and then to make anew; RESTARTING: nothing is left
 * of it, and it is to be made anew.
 */
enum kept { KEPT_MAKING, KEPT_LIVE, KEPT_ENDING, KEPT_RESTARTING };
int keep_write(const struct domain *d, enum kept state);
void keep_remove(const struct domain *d);
int keep_init(void);

/* recall.c: know again what an earlier xend knew. */
void recall(void);
/* A domain that is not ours: take what the store says of it. */
struct domain *recall_foreign(const struct dom_info *info);
/* Its devices as the store has them now. */
void recall_foreign_devices(struct domain *d);
void recall_foreign_again(void); /* for all such domains */

/* describe.c */
struct sxp *describe_domain(const struct domain *d, const struct dom_info *info,
                            bool full);
struct sxp *describe_dom0(const struct dom_info *info);
struct sxp *describe_vcpus(int domid, const char *name);
const char *state_text(const struct dom_info *info, char out[7]);
int domain_mib(const struct dom_info *info);
double boot_time(void); /* when this machine was started */
struct rpc_value *rpc_from_sxp(const struct sxp *s);
struct sxp *sxp_from_rpc(const struct rpc_value *v);
struct sxp *sxp_copy(const struct sxp *s);

/* columns.c: single values of a listed domain, for tables */
const char *listed_name(const struct dom_info *info, char room[32]);
typedef void column_fn(struct buf *out, const struct dom_info *info);
column_fn *column_find(const char *name); /* NULL: there is none */

/* node.c */
struct rpc_value *node_info(char *err);
struct rpc_value *node_dmesg(bool clear);
struct rpc_value *node_log(void);
const char *scheduler_name(void);

/* request.c */
void request_arrived(void *arg, struct rpc_request *req, const char *method,
                     const struct rpc_value *params);

/* settings.c */
int settings_read(struct settings *s, char *err);

/* dump.c: write the memory of a crashed domain; done is called at the end. */
typedef void dump_done_fn(struct domain *d);
int dump_begin(struct domain *d, dump_done_fn *done);

/* main.c */
void store_connect(void);

#endif
