/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmd_create.c - xm create: find the file, read it, hand it to xend, unpause.
 * Keeps true: xend answers only when all devices are connected, and leaves
 * nothing behind when they are not, so there is nothing to clean up here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "args.h"
#include "client.h"
#include "console.h"
#include "domcfg.h"
#include "keys.h"
#include "print.h"
#include "xm.h"

struct options {
    bool console, paused, dry, quiet, keys, ignored;
    const char *file, *sxp_file, *path, *text;
};

static bool is_file(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* The file as given if it names a place, else the first found in `dirs`. */
static char *find_file(const char *name, const char *dirs)
{
    char *copy, *rest, *dir, *found = NULL;

    if (strchr(name, '/'))
        return strdup(name);
    copy = rest = strdup(dirs);
    while (!found && rest && (dir = strsep(&rest, ":"))) {
        if (asprintf(&found, "%s/%s", dir, name) < 0)
            found = NULL;
        if (found && !is_file(found)) {
            free(found);
            found = NULL;
        }
    }
    free(copy);
    return found;
}

static struct sxp *from_sxp_file(const char *path)
{
    char err[256];
    struct sxp *all = sxp_read(path, err, sizeof(err));
    struct sxp *vm = all ? all->first : NULL;

    if (!vm) {
        xm_error("%s", all ? "no configuration in the file" : err);
        sxp_free(all);
        return NULL;
    }
    all->first = vm->next;
    vm->next = NULL;
    sxp_free(all);
    return vm;
}

/* Read the file, let the command line's assignments win, describe. */
static struct sxp *from_config(const char *path, char **assignments)
{
    struct config_error err = {.line = 0};
    struct config *given = config_empty(path);
    const char *base = strrchr(path, '/');
    struct config *c = NULL;
    struct sxp *vm = NULL;
    int rc = given ? 0 : -1;

    for (; *assignments && !rc; assignments++)
        rc = config_override(given, *assignments, &err);
    if (!rc)
        c = config_read(path, given, &err);
    if (c)
        vm = domcfg_to_sxp(c, base ? base + 1 : path, &err);
    if (!vm)
        xm_error("%s", err.text);
    config_free(given);
    config_free(c);
    return vm;
}

static struct sxp *read_description(const struct options *o, char **words)
{
    const char *name = o->file;
    char *path;
    struct sxp *vm;

    if (o->sxp_file)
        return from_sxp_file(o->sxp_file);
    if (!name) {
        if (!*words || strchr(*words, '=')) {
            xm_misuse("'xm create' requires a configuration file.");
            return NULL;
        }
        name = *words++;
    }
    path = find_file(name, o->path);
    if (!path || !is_file(path)) {
        xm_error("Unable to open config file: %s", name);
        free(path);
        return NULL;
    }
    if (!o->quiet) {
        printf("Using config file \"%s\".\n", path);
        fflush(stdout);
    }
    vm = from_config(path, words);
    free(path);
    return vm;
}

/* The console is attached before the first instruction runs. */
static int unpause_with_console(const char *id)
{
    pid_t pid = fork();
    int status = 0;
    int rc;

    if (pid < 0)
        return xm_error("cannot start the console: %s", strerror(errno));
    if (pid == 0)
        _exit(console_run(id, NULL));
    rc = xend_callv(NULL, "xend.domain.unpause", id, NULL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return rc ? rc : WIFEXITED(status) ? WEXITSTATUS(status) : XM_FAILED;
}

static int start(struct sxp *vm, const struct options *o)
{
    struct sxp *domain = NULL;
    const char *id;
    int rc =
        xend_call("xend.domain.create", sxp_add(sxp_list(NULL), vm), &domain);

    if (rc)
        return rc;
    id = field(domain, "domid", "");
    for (const struct sxp *s = domain->first; s; s = s->next) {
        if (s->first && s->first->atom && !strcmp(s->first->atom, "warning"))
            fprintf(stderr, "Warning: %s\n", s->first->next->atom);
    }
    if (!o->quiet) {
        printf("Started domain %s\n", field(domain, "name", ""));
        fflush(stdout);
    }
    if (o->console && !o->paused)
        rc = unpause_with_console(id);
    else if (!o->paused)
        rc = xend_callv(NULL, "xend.domain.unpause", id, NULL);
    else if (o->console)
        rc = console_run(id, NULL);
    sxp_free(domain);
    return rc;
}

int cmd_create(int argc, char **argv)
{
    struct options o = {.path = ".:/etc/xen"};
    const struct option_spec specs[] = {
        {'c', "console_autoconnect", &o.console, NULL},
        {'p', "paused", &o.paused, NULL},
        {'n', "dryrun", &o.dry, NULL},
        {0, "dry-run", &o.dry, NULL},
        {'q', "quiet", &o.quiet, NULL},
        {'f', "defconfig", NULL, &o.file},
        {'F', "config", NULL, &o.sxp_file},
        {0, "path", NULL, &o.path},
        {0, "help_config", &o.keys, NULL},
        {0, "vncviewer", &o.ignored, NULL},
        {0, "vncviewer-autopass", &o.ignored, NULL},
    };
    struct sxp *vm;

    if (args_take(argc, argv, specs, sizeof(specs) / sizeof(specs[0])) < 0)
        return XM_FAILED;
    if (o.keys) {
        keys_help();
        return XM_OK;
    }
    if (o.ignored)
        fprintf(stderr, "Warning: no VNC viewer is installed\n");
    vm = read_description(&o, argv + 1);
    if (!vm)
        return XM_FAILED;
    if (o.dry) {
        print_sxp(vm);
        sxp_free(vm);
        return XM_OK;
    }
    return start(vm, &o);
}
