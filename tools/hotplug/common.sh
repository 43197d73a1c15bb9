# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# common.sh - what every hotplug script shares; it is sourced, never run.
# Keeps true: however a script ends, the store says how, if it answers:
# hotplug-status is "connected", or "error" with the reason in hotplug-error.
# For one device one script runs at a time: a `remove` waits for the end of
# its `add`.
# Needs nothing but a POSIX shell, flock and the xenstore-* clients; it
# starts few processes, for every guest waits for it.
#
# In the environment: XENBUS_PATH (backend/TYPE/DOMID/DEVID), XENBUS_TYPE,
# script, and for a network interface vif.

PATH=/usr/lib/xen/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH
export PATH

# fail TEXT: say why in the store, where xend waits for it, and aloud.
fail()
{
    echo "${0##*/}: $*" >&2
    xenstore-write "$XENBUS_PATH/hotplug-error" "$*" \
        "$XENBUS_PATH/hotplug-status" error
    exit 1
}

# store_read KEY [DEFAULT]: a key of the device, or DEFAULT.
store_read()
{
    xenstore-read "$XENBUS_PATH/$1" 2>/dev/null || printf '%s\n' "${2:-}"
}

# store_answers: wait for xenstored, if it is being started anew.
store_answers()
{
    tries=100
    until xenstore-exists /local >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        usleep 100000 2>/dev/null || sleep 0.1
    done
}

# in_store COMMAND...: a store client's; again, if xenstored was away.
in_store()
{
    "$@" 2>/dev/null || { store_answers && "$@"; }
}

# connected [KEY VALUE]...: write these, then that all is well; false if that
# cannot be. If the device was taken away meanwhile, what we wrote must not
# stay.
connected()
{
    set -- "$@" "$XENBUS_PATH/hotplug-status" connected
    in_store xenstore-write "$@" || {
        echo "${0##*/}: cannot write to the store" >&2
        return 1
    }
    in_store xenstore-read "$XENBUS_PATH/frontend" >/dev/null 2>&1 && return 0
    xenstore-rm "$XENBUS_PATH" 2>/dev/null
    echo "${0##*/}: $XENBUS_PATH was removed meanwhile" >&2
    return 1
}

[ -n "${XENBUS_PATH:-}" ] || {
    echo "${0##*/}: XENBUS_PATH is not set" >&2
    exit 1
}

# Not in a folder where everybody may make files: theirs would be ours.
lock_dir=/run/xen-hotplug
[ -d "$lock_dir" ] || mkdir -p -m 0700 "$lock_dir"
lock_file=$lock_dir/xen-hotplug-$(echo "$XENBUS_PATH" | tr / -)
exec 9>"$lock_file" && flock 9
case ${1:-} in
remove | offline) rm -f "$lock_file" ;;
esac
