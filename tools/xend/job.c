/* SPDX-License-Identifier: GPL-2.0 */
/*
 * job.c - work that takes long, done in a child of xend: building a domain,
 * giving back its memory, dumping it.
 * Keeps true: a domain has one job at a time, and hears of its end exactly
 * once, unless it stopped the job itself. The child uses nothing of ours but
 * the domain's description: it opens its own way to the hypervisor.
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
    struct domain *d;
    job_done_fn *done;
    pid_t pid;
    int fd; /* its report comes here; closed when it ends */
    struct loop_fd *watch;
};

static void forget(struct job *j)
{
    loop_fd_remove(j->watch);
    close(j->fd);
    waitpid(j->pid, NULL, 0); /* it is leaving, or was killed */
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
    forget(j);
    done(d, report, n > 0 ? (size_t)n : 0);
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

void job_stop(struct domain *d)
{
    if (!d->job)
        return;
    kill(d->job->pid, SIGKILL);
    forget(d->job);
}
