#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-freestanding.sh : the core needs a compiler and src/port/port.h.
#
# Every core file is compiled without the system's headers, all objects are
# joined by ld -r, and what is then undefined must be exactly the functions
# that port.h declares, and memcpy, memmove, memset, memcmp.  Done with each
# compiler there is, with and without the debug checks.  KMEM_RSEQ=0, which is
# for machines without such sequences, needs of port_rseq_*() the disowning
# alone, and port_inject() is for test builds alone.
set -eu
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

layers=$(grep -v '^#' src/layers.txt | grep -v '^front$')
# shellcheck disable=SC2086 # one word a layer
files=$(scripts/sources.py src $layers |
	grep -v -e /port/linux/ -e /port/fake/ -e /port/bare/)

{
	# Comments out, then every name of a declaration.
	sed -e 's,/\*.*\*/,,' -e '/\/\*/,/\*\//d' src/port/port.h |
		grep -v '^#' | tr '\n' ' ' |
		grep -o 'port_[a-z0-9_]*(' | tr -d '(' |
		grep -v '^port_inject$' || :
	printf '%s\n' memcpy memmove memset memcmp
} | sort -u >"$work/allowed"

# The limits.h of a hosted gcc wants a libc's behind it; an empty one will do.
mkdir "$work/behind"
: >"$work/behind/limits.h"

check() {
	cc=$1
	debug=$2
	rseq=$3
	out=$work/$cc-$debug-$rseq
	mkdir "$out"
	own=$($cc -print-file-name=include)
	echo "$files" | xargs -P 2 -I '{}' sh -c '
		'"$cc"' -std=gnu17 -O2 -ffreestanding -nostdinc \
			-isystem '"$own"' -idirafter '"$work/behind"' \
			-Isrc -Iinclude -DKMEM_DEBUG='"$debug"' \
			-DKMEM_RSEQ='"$rseq"' \
			-fno-strict-aliasing -fno-common -fvisibility=hidden \
			-fno-stack-protector -fno-pic -Wall -Wextra -Werror \
			-Wno-sign-compare -Wno-unused-parameter \
			-c "$1" -o "'"$out"'/$(echo "$1" | tr / _).o" ||
		{ echo "check-freestanding: $1 does not compile" >&2; exit 1; }
		' sh '{}' || return 1
	ld -r -o "$out/core" "$out"/*.o
	nm -u "$out/core" | awk '{ print $NF }' |
		grep -v '^_GLOBAL_OFFSET_TABLE_$' | sort -u >"$out/needed"
	if [ "$rseq" = 1 ]; then
		cat "$work/allowed"
	else
		grep -v -e '^port_rseq_start$' -e '^port_rseq_fence$' "$work/allowed"
	fi >"$out/allowed"
	comm -23 "$out/needed" "$out/allowed" >"$out/extra"
	comm -13 "$out/needed" "$out/allowed" |
		grep -v '^mem' >"$out/unused" || :
	if [ -s "$out/extra" ]; then
		echo "check-freestanding: $cc, KMEM_DEBUG=$debug:" \
			"the core needs what is not in port.h:"
		while read -r name; do
			echo "    $name, in:" $(nm -A -u "$out"/*.o |
				awk -v n="$name" '$NF == n {
					sub(".*/", "", $1); print $1 }')
		done <"$out/extra"
		return 1
	fi
	if [ -s "$out/unused" ]; then
		echo "check-freestanding: in port.h and never called:" \
			$(cat "$out/unused")
		return 1
	fi
	echo "check-freestanding: $cc, KMEM_DEBUG=$debug, KMEM_RSEQ=$rseq:" \
		"$(echo "$files" | wc -l) files need" \
		"$(wc -l <"$out/needed") functions"
}

status=0
found=
for cc in gcc clang; do
	command -v $cc >/dev/null || continue
	found=1
	check $cc 0 1 || status=1
	check $cc 1 0 || status=1
done
# refused TEXT FILE CC FLAG... : does not compile, and says so in these words.
refused() {
	text=$1
	file=$2
	shift 2
	command -v "$1" >/dev/null || return 0
	if "$@" -std=gnu17 -ffreestanding -nostdinc -fsyntax-only \
		-isystem "$("$1" -print-file-name=include)" \
		-idirafter "$work/behind" -Isrc -Iinclude -DKMEM_DEBUG=0 \
		-DKMEM_RSEQ=0 "$file" 2>"$work/said" ||
		! grep -q "static.*assert.*$text" "$work/said"; then
		echo "check-freestanding: $* $file: no '$text'"
		return 1
	fi
	echo "check-freestanding: $* is refused"
}

# What it is not made for: docs/porting.md, "32 bits and other pages".
for file in src/lib/text.c include/linux/slab.h; do
	set -- 'libkmem wants addresses of 64 bits' "$file"
	refused "$@" gcc -m32 || status=1
	refused "$@" gcc -mx32 || status=1
	refused "$@" clang --target=i386-none || status=1
	refused "$@" clang --target=arm-none-eabi || status=1
	refused "$@" clang --target=riscv32-none || status=1
	refused "$@" riscv64-linux-gnu-gcc -march=rv32imac -mabi=ilp32 ||
		status=1
	refused "$@" aarch64-linux-gnu-gcc -mabi=ilp32 || status=1
done
for shift in 13 14 16; do
	refused 'another PAGE_SIZE is in the way' include/linux/slab.h \
		gcc -DPAGE_SHIFT=$shift || status=1
done
[ -n "$found" ] || { echo "check-freestanding: no gcc and no clang"; exit 77; }
exit $status
