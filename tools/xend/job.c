/* SPDX-License-Identifier: GPL-2.0 */
/*
 * job.c - work that takes long, done in a child of xend: building a domain,
 * giving back its memory, dumping it.
 * Keeps true: a domain has one job at a time, and hears of its end exactly
 * once. Nobody waits for a child, however long it takes to die (in the middle
 * of a hypercall, or of reading from a disk that does not answer). The child
 * uses nothing of ours but the domain's description: it opens its own way to
 * the hypervisor; and when memory runs out, it goes before all others: how
 * much it takes is a matter of the kernel file it reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xend.h"

struct job {
    struct domain *d; /* NULL: nobody wants to hear of it */
    job_done_fn *done;
    bool stopped;
    pid_t pid;
    int fd; /* its report comes here; closed when it ends */
    struct loop_fd *watch;
};

static void forget(struct job *j)
{
    loop_fd_remove(j->watch);
    close(j->fd);
    waitpid(j->pid, NULL, 0); /* it has said all, or is gone */
    if (j->d)
        j->d->job = NULL;
    free(j);
}

static void ended(void *arg, int fd, uint32_t events)
{
    static char report[JOB_REPORT_MAX];
    struct job *j = arg;
    struct domain *d = j->d;
    job_done_fn *done = j->done;
    ssize_t n = read(fd, report, sizeof(report));

    (void)events;
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n > 0 && j->stopped)
        return; /* its end counts, not its words */
    forget(j);
    if (d)
        done(d, report, n > 0 ? (size_t)n : 0);
}

static void go_first_without_memory(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return;
    if (write(fd, "1000", 4) < 0)
        (void)0; /* then it is killed like others */
    close(fd);
}

static void child(const struct domain *d, job_fn *fn, int out, pid_t parent,
                  bool dies_with_us)
{
    struct hyp *h;
    sigset_t none;

    if (dies_with_us) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(1);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (out != 3)
        dup2(out, 3);
    close_range(4, ~0u, 0);
    go_first_without_memory();
    h = hyp_open();
    fn(d, h, 3);
    _exit(0);
}

int job_start(struct domain *d, job_fn *fn, job_done_fn *done,
              bool dies_with_us)
{
    struct job *j = calloc(1, sizeof(*j));
    pid_t parent = getpid();
    int ends[2];

    if (!j || pipe2(ends, O_CLOEXEC)) {
        free(j);
        return -ENOMEM;
    }
    j->d = d;
    j->done = done;
    j->fd = ends[0];
    j->pid = fork();
    if (j->pid == 0)
        child(d, fn, ends[1], parent, dies_with_us);
    close(ends[1]);
    if (j->pid > 0)
        j->watch = loop_fd_add(xend.loop, j->fd, EPOLLIN, ended, j);
    if (!j->watch) {
        if (j->pid > 0)
            kill(j->pid, SIGKILL);
        d->job = j;
        forget(j);
        return -EAGAIN;
    }
    d->job = j;
    return 0;
}

bool job_stop(struct domain *d, job_done_fn *then)
{
    struct job *j = d->job;

    if (!j)
        return false;
    j->stopped = true;
    j->done = then;
    kill(j->pid, SIGKILL);
    return true;
}

void job_leave(struct domain *d)
{
    if (!job_stop(d, NULL))
        return;
    d->job->d = NULL;
    d->job = NULL;
}
