/* SPDX-License-Identifier: MIT */
/*
 * xenbus.h - states of a device's two halves, as the store holds them.
 * Keeps true: each half writes its own `state` node and watches the other's.
 */
#ifndef ABI_IO_XENBUS_H
#define ABI_IO_XENBUS_H

enum xenbus_state {
    XenbusStateUnknown = 0,
    XenbusStateInitialising = 1,
    XenbusStateInitWait = 2,    /* backend: waits for the frontend's ring */
    XenbusStateInitialised = 3, /* frontend: the ring is there */
    XenbusStateConnected = 4,
    XenbusStateClosing = 5,
    XenbusStateClosed = 6,
    XenbusStateReconfiguring = 7,
    XenbusStateReconfigured = 8
};
typedef enum xenbus_state XenbusState;

#endif
