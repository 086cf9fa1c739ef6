#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# test_examples.sh BUILDDIR : each example compiles without a warning, as C
# of three years, against the shared and the static library, and does what it
# says.
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

compile() { # STANDARD NAME LIBRARY...
	std=$1
	name=$2
	shift 2
	gcc -std="$std" -Wall -Wextra -Werror -Wno-alloc-size-larger-than -O2 \
		-Iinclude "examples/$name.c" "$@" -lpthread -o "$tmp/$name"
}

tour() {
	"$tmp/tour" >"$tmp/tour.out" && [ "$(grep -c '\[ok\]' "$tmp/tour.out")" = 20 ] &&
		! grep -F '[NO]' "$tmp/tour.out" &&
		grep -q '^   packet  *[0-9]' "$tmp/tour.out"
}

first_cache() {
	"$tmp/first-cache" | grep -q '^order  *[0-9]'
}

# All is kept where there is room, and under a limit enough is dropped.
shrinker() {
	"$tmp/shrinker" | grep -q '^40000 pictures kept, 0 dropped$' &&
		KMEM_OPTIONS=mem=64M "$tmp/shrinker" >"$tmp/shrinker.out" &&
		grep -q '^pictures  *[0-9]' "$tmp/shrinker.out" &&
		grep -q ' pictures kept, [1-9][0-9]* dropped$' \
			"$tmp/shrinker.out"
}

# The callback gets all it asks for and takes no fault, with memory to spare
# and when others have used up all of it.
audio() {
	"$tmp/audio" >"$tmp/audio.out" &&
		grep -q '^2200 samples loaded$' "$tmp/audio.out" &&
		grep -q ' notes, 20 echoes, 0 missed, 0 page faults$' \
			"$tmp/audio.out" &&
		grep -q '^reserve used: 0 of 8388608 bytes$' \
			"$tmp/audio.out" || { cat "$tmp/audio.out"; return 1; }
}
audio_in_need() {
	KMEM_OPTIONS=mem=80M "$tmp/audio" >"$tmp/audio.out" &&
		! grep -q '^2200 samples loaded$' "$tmp/audio.out" &&
		grep -q ' notes, 20 echoes, 0 missed, 0 page faults$' \
			"$tmp/audio.out" &&
		grep -q '^reserve used: [1-9][0-9]* of 8388608 bytes$' \
			"$tmp/audio.out" || { cat "$tmp/audio.out"; return 1; }
}

for std in gnu11 gnu17 gnu2x; do
	ok compile $std tour "$build/libkmem.a"
	ok compile $std first-cache "$build/libkmem.a"
	ok compile $std shrinker "$build/libkmem.a"
	ok compile $std audio "$build/libkmem.a"
done
ok tour
ok first_cache
ok shrinker
ok audio
ok audio_in_need
ok compile gnu17 tour "$build/libkmem.so" -Wl,-rpath,"$(realpath "$build")"
ok tour
echo "1..$n"
exit $bad
