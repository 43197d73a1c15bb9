/* SPDX-License-Identifier: GPL-2.0 */
/*
 * errno.h - the error numbers of the ABI; functions return them negated.
 * Source: the public errno.h of Xen 4.17; the numbers equal Linux's.
 */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#define EPERM         1   /* not allowed */
#define ENOENT        2   /* no such thing */
#define ESRCH         3   /* no such domain or vcpu */
#define EINTR         4   /* interrupted */
#define EIO           5   /* the device failed */
#define ENXIO         6   /* nothing at that number */
#define E2BIG         7   /* too much at once */
#define ENOEXEC       8   /* not an image we can run */
#define EBADF         9   /* bad handle */
#define ECHILD        10  /* no child */
#define EAGAIN        11  /* not now, try again */
#define ENOMEM        12  /* out of memory */
#define EACCES        13  /* no right to it */
#define EFAULT        14  /* bad guest address */
#define EBUSY         16  /* in use */
#define EEXIST        17  /* already there */
#define EXDEV         18  /* across devices */
#define ENODEV        19  /* no such device */
#define ENOTDIR       20  /* not a directory */
#define EISDIR        21  /* a directory */
#define EINVAL        22  /* bad argument */
#define ENFILE        23  /* table full */
#define EMFILE        24  /* too many open */
#define ENOSPC        28  /* no room left */
#define EROFS         30  /* read-only */
#define EMLINK        31  /* too many links */
#define EDOM          33  /* outside the domain of the operation */
#define ERANGE        34  /* does not fit */
#define EDEADLK       35  /* would lock for ever */
#define ENAMETOOLONG  36  /* name too long */
#define ENOLCK        37  /* no lock left */
#define ENOSYS        38  /* no such call */
#define ENOTEMPTY     39  /* not empty */
#define ENODATA       61  /* no data */
#define ETIME         62  /* time is over */
#define EBADMSG       74  /* bad data */
#define EOVERFLOW     75  /* value too large */
#define EILSEQ        84  /* bad byte sequence */
#define ERESTART      85  /* start the call again (never seen by guests) */
#define ENOTSOCK      88  /* not a socket */
#define EMSGSIZE      90  /* message too large */
#define EOPNOTSUPP    95  /* not supported */
#define EADDRINUSE    98  /* address in use */
#define EADDRNOTAVAIL 99  /* address not to be had */
#define ENOBUFS       105 /* no buffer left */
#define EISCONN       106 /* already connected */
#define ENOTCONN      107 /* not connected */
#define ETIMEDOUT     110 /* took too long */
#define ECONNREFUSED  111 /* refused */

#endif
