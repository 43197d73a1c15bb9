# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# common.sh - what every hotplug script shares; it is sourced, never run.
# Keeps true: however a script ends, the store says how: hotplug-status is
# "connected", or "error" with the reason in hotplug-error.
# Needs nothing but a POSIX shell and the xenstore-* clients.
#
# In the environment: XENBUS_PATH (backend/TYPE/DOMID/DEVID), XENBUS_TYPE,
# script, and for a network interface vif.

PATH=/usr/lib/xen/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export PATH

XEN_LOG=${XEN_HOTPLUG_LOG:-/var/log/xen/xen-hotplug.log}

log()
{
    echo "$(date '+%Y-%m-%d %H:%M:%S') ${0##*/}: ${XENBUS_PATH:-}: $*" \
        >>"$XEN_LOG" 2>/dev/null || true
}

# store_read PATH [DEFAULT]: the value, or DEFAULT where there is none.
store_read()
{
    xenstore-read "$1" 2>/dev/null || printf '%s\n' "${2:-}"
}

store_write()
{
    xenstore-write "$@" >/dev/null
}

# fail TEXT: say why in the store, where xend waits for it, and in the log.
fail()
{
    log "failed: $*"
    echo "${0##*/}: $*" >&2
    if [ -n "${XENBUS_PATH:-}" ]; then
        store_write "$XENBUS_PATH/hotplug-error" "$*" \
            "$XENBUS_PATH/hotplug-status" error || true
    fi
    exit 1
}

success()
{
    store_write "$XENBUS_PATH/hotplug-status" connected ||
        fail "cannot write hotplug-status"
    log "connected"
}

need_path()
{
    [ -n "${XENBUS_PATH:-}" ] || {
        echo "${0##*/}: XENBUS_PATH is not set" >&2
        exit 1
    }
}
