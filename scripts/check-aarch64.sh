#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-aarch64.sh : the library builds for aarch64 and runs there.
#
# Built with Debian's cross compiler, run under qemu's user emulation: the
# sequences one by one on a CPU that the test names, then a program on the
# whole library.  qemu has no restartable sequences, so the program runs on the
# lock backend; restarts cannot be shown here, and the self-test decides on a
# real machine.
set -eu
cd "$(dirname "$0")/.."

cc=aarch64-linux-gnu-gcc
run="qemu-aarch64 -L /usr/aarch64-linux-gnu"
for program in $cc qemu-aarch64; do
	command -v "$program" >/dev/null || { echo "no $program"; exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck disable=SC2046 # one word a layer, one a file
scripts/sources.py src $(grep -v '^#' src/layers.txt | grep -v '^front$') |
	grep -v -e /port/fake/ -e /port/bare/ >"$work/library"
flags="-std=gnu17 -O2 -fPIC -fno-strict-aliasing -fno-common
	-fvisibility=hidden -ftls-model=initial-exec -Wall -Werror
	-Wno-sign-compare -DKMEM_DEBUG=0 -DKMEM_VALGRIND=0 -DKMEM_INJECT=0"

compile() {
	more=-Iinclude
	case $1 in
	*/port/linux/rseq.c) more="-Iinclude -D_GNU_SOURCE" ;;
	*/port/linux/* | */port/fake/port.c | */port/fake/memory.c) more=-D_GNU_SOURCE ;;
	*/front/* | tests/*) more="-Iinclude -Itests -D_GNU_SOURCE" ;;
	*) more="-Iinclude -ffreestanding" ;;
	esac
	# shellcheck disable=SC2086 # words
	$cc $flags -Isrc $more -c "$1" -o "$work/$(echo "$1" | tr / _).o"
}

while read -r file; do
	compile "$file"
done <"$work/library"
aarch64-linux-gnu-ar rcs "$work/libkmem.a" "$work"/src_*.o
rm "$work"/src_port_linux_*.o
for file in src/port/fake/*.c src/port/bare/without.c tests/kunit/runner.c \
	tests/unit/sync/test_sequence.c; do
	compile "$file"
done
$cc -o "$work/sequence" "$work"/*.o -lpthread
$run "$work/sequence"
for inline in 0 2; do
	$cc -O2 -Wall -Iinclude -DKMEM_INLINE=$inline -o "$work/tour" \
		-Wno-alloc-size-larger-than examples/tour.c "$work/libkmem.a" -lpthread
	$run "$work/tour" >"$work/said"
	tail -n 1 "$work/said"
done
# An OS with larger pages than the core's.
for bytes in 16384 65536; do
	$run -p $bytes "$work/tour" >"$work/said"
	echo "pages of $bytes: $(tail -n 1 "$work/said")"
done
