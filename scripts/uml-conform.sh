#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# uml-conform.sh [CASE...] : builds tests/conform into User Mode Linux from
# Debian's linux-source, boots that kernel once for each case (or for those
# named), and says of each: same as the library, or different and why.
#
# Everything lies in build-uml/, a gigabyte and a half; the first run takes some
# ten minutes.  The status is 0 when each case is the same or named in
# tests/conform/kernel/differences.txt, 1 when one is not, 2 when there is no
# kernel to ask.
#
# Environment: JOBS (2), MEM (768M), UML_TIMEOUT (20 s a boot), VERBOSE=1 (the
# checks that were not met, of known differences too).
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/build-uml
tree=$work/linux
glue=$tree/kmem-conform
conform=$root/tests/conform
known=$conform/kernel/differences.txt
version=6.1
jobs=${JOBS:-2}
mem=${MEM:-768M}
log=$work/build.log

fail() {
	echo "uml-conform.sh: $*" >&2
	exit 2
}

"$root/scripts/deps.sh" build uml || exit 2
mkdir -p "$work"

if [ ! -e "$tree/Kbuild.plain" ]; then
	archive=/usr/src/linux-source-$version.tar.xz
	[ -e "$archive" ] || fail "there is no $archive"
	echo "Unpacking $archive" >&2
	rm -rf "$tree" "$work/linux-source-$version"
	nice tar -C "$work" -xf "$archive"
	mv "$work/linux-source-$version" "$tree"
	cp "$tree/Kbuild" "$tree/Kbuild.plain"
fi

# Copies a file, keeping the older time when nothing changed.
lay() {
	cmp -s "$1" "$2" || cp "$1" "$2"
}

mkdir -p "$glue/conform" "$glue/kunit" "$glue/hosted"
for f in "$conform"/test_*.c "$conform"/kernel/*.c "$conform/kernel/compat.h" \
	"$conform/kernel/Kbuild"; do
	lay "$f" "$glue/${f##*/}"
done
for f in "$glue"/test_*.c; do
	[ -e "$conform/${f##*/}" ] || rm "$f"
done
lay "$conform/oracle.h" "$glue/conform/oracle.h"
lay "$conform/compare.h" "$glue/conform/compare.h"
lay "$conform/kernel/test.h" "$glue/kunit/test.h"
lay "$root/tests/kunit/test.h" "$glue/kunit/words.h"
lay "$conform/oracle/linux-6.1-slub.txt" "$glue/answers.txt"
# The kernel has the types of these headers in one of its own.
for f in stdbool stddef stdint; do
	echo "#include <linux/types.h>" >"$work/header"
	lay "$work/header" "$glue/hosted/$f.h"
done
{ cat "$tree/Kbuild.plain" && echo "obj-y += kmem-conform/"; } >"$work/Kbuild"
lay "$work/Kbuild" "$tree/Kbuild"

kmake() {
	nice make -C "$tree" ARCH=um -j"$jobs" "$@" >"$log" 2>&1 && return
	grep -E -m 20 "error|Error|undefined" "$log" >&2 || tail "$log" >&2
	fail "the kernel does not build; all of it is in $log"
}

echo "Building (the log is $log)" >&2
if ! cmp -s "$conform/kernel/config" "$work/config" ||
	[ ! -e "$tree/.config" ]; then
	kmake KCONFIG_ALLCONFIG="$conform/kernel/config" allnoconfig
	cp "$conform/kernel/config" "$work/config"
fi
kmake linux

# boot MEM WORD : what the console says.
boot() {
	TMPDIR=$work timeout -k 5 "${UML_TIMEOUT:-20}" nice "$tree/linux" \
		"mem=$1" slab_nomerge "kmem_conform=$2" \
		</dev/null >"$work/console" 2>&1 || :
	tr -d '\r' <"$work/console"
}

boot "$mem" list | sed -n 's/.*conform: has //p' >"$work/cases"
[ -s "$work/cases" ] ||
	fail "the kernel does not boot; see $work/console"

# why NAME : what differences.txt says of a case.
why() {
	awk -F ' *[|] *' -v name="$1" '$1 == name { print $2 }' "$known"
}

same=0 named=0 new=0
while read -r name options; do
	if [ $# -gt 0 ]; then
		case " $* " in
		*" $name "*) ;;
		*) continue ;;
		esac
	fi
	size=$mem
	case $options in
	mem=*) size=${options#mem=} ;;
	esac
	boot "$size" "$name" >"$work/said"
	reason=$(why "$name")
	end=$(sed -n 's/.*conform: end //p' "$work/said")
	if [ "$end" = "$name 0 0" ]; then
		same=$((same + 1))
		echo "$name | same |"
		[ -z "$reason" ] ||
			echo "uml-conform.sh: $name is the same now;" \
				"take it out of $known" >&2
		continue
	fi
	if [ -n "$reason" ]; then
		named=$((named + 1))
		echo "$name | different | $reason"
	else
		new=$((new + 1))
		echo "$name | DIFFERENT | not in differences.txt:"
	fi
	[ -n "$reason" ] && [ -z "${VERBOSE:-}" ] && continue
	sed -n 's/.*conform: # /    /p; s/.*\(Kernel panic\)/    \1/p' \
		"$work/said" | sort | uniq -c | sed 's/^ *1 //' | head -40
	[ -n "$end" ] || echo "    the kernel did not come to the end of it"
done <"$work/cases"

echo "$same the same, $named different for a known reason, $new otherwise"
[ "$new" -eq 0 ]
