# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What mkdom0, mkdomu and mktest share: taking modules and libraries out of
# unpacked Debian packages, and packing a tree as an initramfs.

# The program's own name before each complaint.
die()
{
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# modules_of FILE: the names in a list with # comments.
modules_of()
{
    sed 's/#.*//; /^[[:space:]]*$/d' "$1"
}

# copy_modules DEBIAN VERSION TREE MODULE...: the modules and what they need.
# A module that the kernel has built in needs no file.
copy_modules()
{
    cm_debian=$1 cm_version=$2 cm_tree=$3
    cm_from=$cm_debian/lib/modules/$cm_version
    cm_to=$cm_tree/lib/modules/$cm_version
    shift 3
    [ -e "$cm_from/modules.dep" ] ||
        "$cm_debian/bin/busybox" depmod -b "$cm_debian" "$cm_version"
    mkdir -p "$cm_to"
    for cm_name; do
        cm_pattern="/$(echo "$cm_name" | sed 's/[-_]/[-_]/g')\\.ko"
        cm_files=$(grep -E "$cm_pattern:" "$cm_from/modules.dep" |
            head -n 1 | tr -d :)
        if [ -z "$cm_files" ]; then
            grep -qE "$cm_pattern\$" "$cm_from/modules.builtin" ||
                die "no module $cm_name in $cm_version"
            continue
        fi
        for cm_file in $cm_files; do
            mkdir -p "$cm_to/$(dirname "$cm_file")"
            cp "$cm_from/$cm_file" "$cm_to/$cm_file"
        done
    done
    cp "$cm_from/modules.builtin" "$cm_to/"
    "$cm_debian/bin/busybox" depmod -b "$cm_tree" "$cm_version"
}

is_elf()
{
    [ "$(head -c 4 "$1" | tail -c 3)" = ELF ]
}

# copy_libs TREE DEBIAN...: the shared libraries that the tree's programs need,
# from the unpacked packages alone, never from the machine that builds.
copy_libs()
{
    cl_tree=$1 cl_path=
    shift
    for cl_root; do
        cl_path=$cl_path:$cl_root/lib/x86_64-linux-gnu
        cl_path=$cl_path:$cl_root/usr/lib/x86_64-linux-gnu
        for cl_ld in "$cl_root"/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2; do
            [ -e "$cl_ld" ] && cl_loader=$cl_ld
        done
    done
    cl_path=${cl_path#:}
    mkdir -p "$cl_tree/lib64" "$cl_tree/lib/x86_64-linux-gnu"
    cp -L "$cl_loader" "$cl_tree/lib64/ld-linux-x86-64.so.2"
    find "$cl_tree" -type f -perm -100 | while read -r cl_file; do
        is_elf "$cl_file" || continue
        "$cl_loader" --library-path "$cl_path" --list "$cl_file" \
            2>/dev/null || true
    done | sort -u >"$cl_tree.libs"
    if grep 'not found' "$cl_tree.libs" >&2; then
        die "a library is in none of the packages"
    fi
    sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' "$cl_tree.libs" | sort -u |
        while read -r cl_lib; do
            cp -L "$cl_lib" "$cl_tree/lib/x86_64-linux-gnu/"
        done
    rm -f "$cl_tree.libs"
}

# pack TREE: the tree as a cpio archive on stdout, owned by root, in an order
# and with times that do not depend on the machine.
pack()
{
    find "$1" -exec touch -h -d @0 {} +
    (cd "$1" && find . | LC_ALL=C sort |
        cpio -o -H newc --quiet -R 0:0 --reproducible)
}
