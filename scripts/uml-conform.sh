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

. "$(dirname "$0")/kernel-tree.sh"

glue=kmem-conform
laid=$source/$glue
conform=$root/tests/conform
known=$conform/kernel/differences.txt
mem=${MEM:-768M}

mkdir -p "$laid/conform" "$laid/kunit" "$laid/hosted"
# These want calls that came after this kernel: this_cpu_try_cmpxchg(),
# percpu_counter_limited_add(), scoped_guard(memalloc_noio), or look into ours.
newer=' test_percpu.c test_percpu_counter.c test_scope.c test_vmalloc.c '
for f in "$conform"/test_*.c "$conform"/kernel/*.c "$conform/kernel/compat.h" \
	"$conform/kernel/Kbuild"; do
	case $newer in
	*" ${f##*/} "*) rm -f "$laid/${f##*/}" ;;
	*) lay "$f" "$laid/${f##*/}" ;;
	esac
done
for f in "$laid"/test_*.c; do
	[ -e "$conform/${f##*/}" ] || rm "$f"
done
lay "$conform/oracle.h" "$laid/conform/oracle.h"
lay "$conform/compare.h" "$laid/conform/compare.h"
lay "$conform/embedded.h" "$laid/conform/embedded.h"
lay "$conform/kernel/test.h" "$laid/kunit/test.h"
lay "$root/tests/kunit/test.h" "$laid/kunit/words.h"
lay "$root/tests/kunit/failures.h" "$laid/kunit/failures.h"
lay "$conform/oracle/linux-6.1-slub.txt" "$laid/answers.txt"
# The kernel has the types of these headers in one of its own.
for f in stdbool stddef stdint; do
	echo "#include <linux/types.h>" >"$work/header"
	lay "$work/header" "$laid/hosted/$f.h"
done
kernel_build conform um "$conform/kernel/config" linux

# boot WORD OPTION... : what the console says.  A later option holds.
boot() {
	word=$1
	shift
	TMPDIR=$work timeout -k 5 "${UML_TIMEOUT:-20}" nice \
		"$work/conform/linux" "mem=$mem" slab_nomerge "$@" \
		"kmem_conform=$word" </dev/null >"$work/console" 2>&1 || :
	tr -d '\r' <"$work/console"
}

boot list | sed -n 's/.*conform: has //p' >"$work/cases"
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
	# 6.1 knows it by its older name.
	case $options in
	-) boot "$name" ;;
	slab_debug=*) boot "$name" "slub_debug=${options#*=}" ;;
	*) boot "$name" "$options" ;;
	esac >"$work/said"
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
