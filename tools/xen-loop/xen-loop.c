/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xen-loop.c - a loop device around a guest's disk file, with direct I/O.
 * Keeps true: what `add` prints is bound to the file and to nothing else;
 * on any failure no loop device stays behind.
 * Why not losetup: busybox's has no direct I/O, and asking for a free
 * device and binding it are two steps there, in which another may come.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int complain(const char *what)
{
    fprintf(stderr, "xen-loop: %s: %s\n", what, strerror(errno));
    return 1;
}

/* Bind `file` to loop device number `nr`; -1 with errno set if it can't be. */
static int bind_one(int nr, int file, const char *path, int read_only)
{
    struct loop_config lc = {
        .fd = (unsigned int)file,
        .info.lo_flags = LO_FLAGS_DIRECT_IO,
    };
    char node[32];
    int fd;
    int rc;

    if (read_only)
        lc.info.lo_flags |= LO_FLAGS_READ_ONLY;
    strncpy((char *)lc.info.lo_file_name, path, LO_NAME_SIZE - 1);
    snprintf(node, sizeof(node), "/dev/loop%d", nr);
    fd = open(node, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT &&
        mknod(node, S_IFBLK | 0660, makedev(7, (unsigned int)nr)) == 0)
        fd = open(node, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0)
        return -1;
    rc = ioctl(fd, LOOP_CONFIGURE, &lc);
    if (rc < 0 && errno == EINVAL) { /* the file system has no direct I/O */
        lc.info.lo_flags &= ~(unsigned int)LO_FLAGS_DIRECT_IO;
        rc = ioctl(fd, LOOP_CONFIGURE, &lc);
    }
    if (rc == 0) /* and the numbers, as the back end wants them */
        printf("%s 7:%x\n", node, (unsigned int)nr);
    close(fd);
    return rc;
}

static int add(const char *path, int read_only)
{
    int ctl = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    int file = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    int nr;

    if (file < 0)
        return complain(path);
    if (ctl < 0)
        return complain("/dev/loop-control");
    /* Someone may take the free device before us; then there is another. */
    do {
        nr = ioctl(ctl, LOOP_CTL_GET_FREE);
        if (nr < 0)
            return complain("no free loop device");
        if (bind_one(nr, file, path, read_only) == 0)
            return 0;
    } while (errno == EBUSY);
    return complain(path);
}

static int del(const char *node)
{
    int fd = open(node, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || ioctl(fd, LOOP_CLR_FD) < 0)
        return errno == ENXIO ? 0 : complain(node); /* ENXIO: free already */
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "add") == 0)
        return add(argv[2], 0);
    if (argc == 4 && strcmp(argv[1], "add") == 0 && strcmp(argv[2], "-r") == 0)
        return add(argv[3], 1);
    if (argc == 3 && strcmp(argv[1], "del") == 0)
        return del(argv[2]);
    fprintf(stderr, "usage: xen-loop add [-r] FILE | del /dev/loopN\n");
    return 2;
}
