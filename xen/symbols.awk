# SPDX-License-Identifier: GPL-2.0
# From `nm -n`: a table of our functions, sorted by address, for back-traces.
# Each row is (offset from the image's start, offset of the name).
BEGIN { n = 0; at = 0 }
$3 == "image_start" { start = $1 }
$2 == "T" || $2 == "t" {
    if ($3 ~ /^\./ || $1 == last)
        next
    last = $1
    addr[n] = $1
    name[n++] = $3
}
END {
    print ".section .symbols, \"a\""
    print ".balign 8\n.quad", n
    for (i = 0; i < n; i++) {
        print ".long 0x" addr[i] " - 0x" start ", " at
        at += length(name[i]) + 1
    }
    for (i = 0; i < n; i++)
        print ".asciz \"" name[i] "\""
}
