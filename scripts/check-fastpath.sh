#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-fastpath.sh [BUILD] : the fast paths cost what src/slab/sheaf.c says.
#
# The table there has a line for each call: instructions, loads, stores, and
# the lines of 64 bytes that its code lies on.  None
# may be exceeded, and none may have an atomic instruction.  Read off the
# libraries of the build folder; only gcc's code is what the table is about.
set -eu
cd "$(dirname "$0")/.."

build=${1:-build}
[ "$(uname -m)" = x86_64 ] || { echo "only x86-64 is counted"; exit 77; }
command -v objdump >/dev/null || { echo "no objdump"; exit 77; }
table=$(sed -n 's/^ \*\tCOST \(.*\)/\1/p' src/slab/sheaf.c)
[ -n "$table" ] || { echo "check-fastpath: src/slab/sheaf.c has no table"; exit 1; }

status=0
while read -r name instructions loads stores lines; do
	case $name in
	malloc | free) file=$build/libkmem-malloc.so symbol=$name ;;
	*) file=$build/libkmem.so.0 symbol=kmem_$name ;;
	esac
	scripts/count-fastpath.py "$file" "$symbol" |
		awk -v n="$name" -v i="$instructions" -v l="$loads" -v s="$stores" \
		-v c="$lines" '
		$1 == "instructions" { gi = $2 }
		$1 == "loads" { gl = $2 }
		$1 == "stores" { gs = $2 }
		$1 == "locked" { ga = $2 }
		$1 == "code" { gc = $3 }
		$1 == "end" { end = $2 }
		END {
			printf "check-fastpath: %s: %d instructions, %d loads, %d stores, %d atomic, %d lines\n",
				n, gi, gl, gs, ga, gc
			if (end != "return" || gi > i || gl > l || gs > s || ga > 0 || gc > c) {
				printf "check-fastpath: %s: at most %d, %d, %d, 0, %d are allowed\n",
					n, i, l, s, c
				exit 1
			}
		}' || status=1
done <<EOF
$table
EOF
exit $status
