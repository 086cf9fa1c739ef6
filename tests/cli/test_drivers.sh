#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# test_drivers.sh BUILDDIR : the drivers of examples/drivers, in the form in
# which Kbuild takes them, as programs of user space: C of three years, both
# compilers, and what they print.
set -u
cd "$(dirname "$0")/../.."
build=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
bad=0

# ok COMMAND... : a test that passes when the command does
ok() {
	n=$((n + 1))
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok $n - $*"
	else
		bad=1
		echo "not ok $n - $*"
		sed 's/^/# /' "$tmp/said"
	fi
}

# The kernel is compiled without these two warnings as well.
compile() { # COMPILER STANDARD NAME
	"$1" -std="$2" -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare \
		-Werror -O2 -Iinclude/kernel -Iinclude \
		-DKBUILD_MODNAME="\"$3\"" "examples/drivers/$3.c" \
		"examples/drivers/main-$3.c" "$build/libkmem-kernel.a" \
		"$build/libkmem.a" -pthread -o "$tmp/$3"
}

# runs NAME OPTIONS : nothing is left, nor reported
runs() {
	KMEM_OPTIONS=atomic_checks=1${2:+,$2} timeout 300 "$tmp/$1" \
		>"$tmp/out" 2>"$tmp/err"
	status=$?
	cat "$tmp/out" "$tmp/err"
	[ $status -eq 0 ] && ! grep -E 'BUG|WARNING|leak' "$tmp/err"
}

scull() {
	runs scull "" || return 1
	for name in k c p v; do
		grep -qx "/dev/scull$name: 598000 bytes, 400 of 400 right" \
			"$tmp/out" || return 1
	done
}

# All is kept where there is room, and under a limit some is dropped.
blkcache() {
	runs blkcache "" && grep -qx 'dropped 0' "$tmp/out" &&
		runs blkcache mem=32M && grep -q '^dropped [1-9]' "$tmp/out" &&
		grep -qx '80000 reads, 0 readers saw wrong blocks' "$tmp/out"
}

ring() {
	runs ring "" && grep -qx 'in 40000' "$tmp/out" &&
		grep -qx 'out 40000' "$tmp/out" &&
		grep -q ' bytes in, .* out, 0 wrong$' "$tmp/out"
}

for driver in scull blkcache ring; do
	if [ $driver = scull ] && ! [ -f include/linux/vmalloc.h ]; then
		n=$((n + 1))
		echo "ok $n - scull # SKIP there is no vmalloc.h"
		continue
	fi
	for std in gnu11 gnu17 gnu2x; do
		ok compile gcc $std $driver
	done
	if command -v clang >/dev/null; then
		ok compile clang gnu11 $driver
	fi
	ok $driver
done
echo "1..$n"
exit $bad
