#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-qemu.sh BUILD [ARCH...] : the kernel of examples/kernel/ on these machines,
# built with gcc (CC= for another compiler) and run under QEMU without hardware
# support.  Each machine boots by itself, and with tests/bare/ three times: the
# conformance tests, those of them that want little memory, and all CPUs with
# interrupts; and once more for BUILD/kmem, if it is there, to read its memory.
# One machine boots with the core of a small kernel, too.  The logs are
# BUILD/qemu/ARCH/*.log.  Status 0: all passed; 77: no QEMU or no compiler.
#
# BREAKS=1: breaks the core or the port in one way after the other, and wants
# each to be noticed by what docs/porting.md names.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$PWD/${1#"$PWD/"}
out=$build/qemu${BREAKS:+-breaks}${CC:+-$CC}
kmem=$build/kmem
shift
[ $# != 0 ] || set -- x86_64 aarch64 riscv64
seconds=${QEMU_SECONDS:-150}

machine() {
	case $1 in
	x86_64) echo "qemu-system-x86_64 -M pc -cpu max
		-device isa-debug-exit,iobase=0xf4,iosize=4" ;;
	aarch64) echo "qemu-system-aarch64 -M virt -cpu max
		-semihosting-config enable=on,target=native" ;;
	riscv64) echo "qemu-system-riscv64 -M virt" ;;
	*) return 1 ;;
	esac
}

# qemu ARCH KERNEL WHAT LOG [OPTION...]
qemu() {
	arch=$1 kernel=$2 what=$3 log=$4
	shift 4
	# shellcheck disable=SC2046 # words
	timeout "$seconds" $(machine "$arch") -accel tcg -smp 4 \
		-nodefaults -display none -no-reboot -serial "file:$log" \
		-kernel "$kernel" -append "$what" "$@"
}

# boot ARCH KERNEL WHAT LOG: 0 when the kernel says that all passed
boot() {
	qemu "$@" -m 256M -monitor none </dev/null
	status=$?
	# isa-debug-exit says 2 * 16 + 1 for 0
	[ "$1" = x86_64 ] && [ $status = 33 ] && status=0
	[ $status = 0 ] && grep -q '^PASSED' "$4"
}

# What is told to the monitor of a machine that stands still.
dump_commands() {
	until grep -q '^STANDS STILL' "$2" || [ -e "$2.ended" ]; do
		sleep 0.2
	done
	case $1 in
	x86_64) start=0 ;;
	aarch64) start=0x40000000 ;;
	riscv64) start=0x80000000 ;;
	esac
	echo "pmemsave $start 0x8000000 \"$3.raw\""
	echo "dump-guest-memory \"$3.core\""
	echo quit
}

# table FILE LOG: what the machine printed is what kmem reads in the file
table() {
	"$kmem" slabinfo --all --raw "$1" >"$1.slabinfo" &&
		sed -n '/^slabinfo/,/^Node/p' "$2" | grep -v ^Node |
		cmp - "$1.slabinfo" &&
		"$kmem" buddyinfo "$1" >"$1.buddyinfo" &&
		grep ^Node "$2" | tr -s ' ' >"$1.nodes" &&
		tr -s ' ' <"$1.buddyinfo" | sed 's/ $//' | cmp - "$1.nodes" &&
		"$kmem" meminfo "$1" | grep -q 'objects in CPUs' &&
		"$kmem" vmallocinfo "$1" | grep -q . &&
		"$kmem" flow "$1" | grep -q page/buddy
}

# says FILE WANTED COMMAND...: kmem COMMAND FILE... prints a line of that kind
says() {
	of=$1 wanted=$2 word=$3
	shift 3
	"$kmem" "$word" "$of" "$@" >"$of.$word" 2>&1
	grep -q "$wanted" "$of.$word" && return 0
	echo "kmem $word $of $*: no '$wanted' in"
	cat "$of.$word"
	return 1
}

# objects FILE LOG: what kmem says of the objects that the machine named
objects() {
	in_use=$(sed -n 's/^allocated //p' "$2")
	freed=$(sed -n 's/^freed //p' "$2")
	says "$1" 'object [0-9]*, allocated, offset 0' whatis "$in_use" &&
		says "$1" 'cache *dumped, [0-9]* errors' whatis "$in_use" &&
		says "$1" '^Allocated in 0x.* cpu=0 pid=1' whatis "$in_use" &&
		says "$1" 'object [0-9]*, free' whatis "$freed" &&
		says "$1" '^Freed in 0x' whatis "$freed" &&
		says "$1" '^dumped *FU *[1-9] ' debug &&
		says "$1" 'BUG dumped .*: Object already free' debug &&
		says "$1" 'only a running process' allocinfo
}

# dump ARCH KERNEL LOG: kmem reads in its memory what the machine printed
dump() {
	file=$3.memory
	rm -f "$3" "$3.ended" "$file".*
	: >"$3"
	{ dump_commands "$1" "$3" "$file"; } | {
		qemu "$1" "$2" 'dump kmem=decay_ms=-1,slab_debug=FU,dumped' \
			"$3" -m 128M -monitor stdio >"$3.monitor"
		: >"$3.ended"
	}
	good=0
	for kind in raw core; do
		if [ ! -s "$file.$kind" ]; then
			echo "$1 dump: QEMU wrote no $kind"
			continue
		fi
		table "$file.$kind" "$3" && objects "$file.$kind" "$3" &&
			echo "$1 dump: kmem read $kind" || good=1
		rm -f "$file.$kind"
	done
	return $good
}

# build ARCH FOLDER [WORD...] : the images kernel and kernel-tests
build() {
	b_arch=$1 folder=$2
	shift 2
	for tests in "" 1; do
		MAKEFLAGS="" make -s -f examples/kernel/Makefile ARCH="$b_arch" \
			CC="$(compiler "$b_arch")" O="$folder" TESTS="$tests" \
			-j"${JOBS:-2}" "$@" || return 1
	done
}

# What CC=clang means for a machine.
compiler() {
	case ${CC:-gcc} in
	clang*) echo "$CC --target=$1-linux-gnu" ;;
	gcc) [ "$1" = x86_64 ] && echo gcc || echo "$1-linux-gnu-gcc" ;;
	*) echo "$CC" ;;
	esac
}

# one ARCH IMAGE NAME WORDS: boots it, and says how that went
one() {
	log=$out/$1/$3.log
	if boot "$1" "$2" "$4" "$log"; then
		echo "$1 $3: $(grep -a -c '^ok' "$log") passed"
		return 0
	fi
	echo "$1 $3: status $status"
	grep -a -e '^not ok' -e '^#  ' -e '^trap' -e '^fault' "$log" | head -20
	tail -n 5 "$log"
	return 1
}

# The options of what was left out are refused.
run_small() {
	build x86_64 "$out/small" SMALL=1 || return 1
	one x86_64 "$out/small/kernel-tests" small \
		'cpus kmem=decay_ms=-1,kfence.sample_interval=1' || return 1
	grep -q 'kfence.sample_interval=1.*KMEM_SMALL=1' "$log" && return 0
	echo "x86_64 small: an option of what was left out is not refused"
	return 1
}

# Pages of the machine that are larger than the core's.
run_pages() {
	for pages in 16 64; do
		rm -rf "$out/pages-$pages"
		cp -rp "$out/aarch64" "$out/pages-$pages"
		rm "$out/pages-$pages/examples/kernel/aarch64/boot.S.o"
		build aarch64 "$out/pages-$pages" GRANULE="$pages" &&
			one aarch64 "$out/pages-$pages/kernel-tests" \
				pages-$pages cpus || return 1
	done
}

run_arch() {
	arch=$1
	# shellcheck disable=SC2046 # words
	set -- $(machine "$arch") || {
		echo "check-qemu.sh: no machine '$arch'" >&2
		return 2
	}
	emulator=$1
	# shellcheck disable=SC2046 # words
	set -- $(compiler "$arch")
	command -v "$emulator" >/dev/null && command -v "$1" >/dev/null || {
		echo "$arch: no $emulator or no $1"
		return 77
	}
	mkdir -p "$out/$arch"
	build "$arch" "$out/$arch" || return 1
	result=0
	one "$arch" "$out/$arch/kernel" kernel "" || result=1
	for what in conform cpus; do
		one "$arch" "$out/$arch/kernel-tests" $what $what || result=1
	done
	one "$arch" "$out/$arch/kernel-tests" short \
		'short kmem=decay_ms=-1,mem=48M' || result=1
	case $arch in
	x86_64) run_small || result=1 ;;
	aarch64) run_pages || result=1 ;;
	esac
	[ -x "$kmem" ] || return $result
	dump "$arch" "$out/$arch/kernel-tests" "$out/$arch/dump.log" || {
		echo "$arch dump: not what $out/$arch/dump.log says"
		result=1
	}
	return $result
}

# broken NAME FILE SED FALLS: in a copy of the tree; 0: the machine noticed by a
# line that begins with FALLS.  Only what is broken is compiled again.
broken() {
	copy=$out/broken
	rm -rf "$copy"
	mkdir -p "$copy"
	cp -rp src include tests tools examples scripts "$copy"
	cp -rp "$out/x86_64" "$copy/build"
	sed -i "$3" "$copy/$2"
	if cmp -s "$2" "$copy/$2"; then
		echo "$1: $2 is as it was" >&2
		return 2
	fi
	(cd "$copy" && build x86_64 build) || return 2
	log=$out/broken-$1.log
	if boot x86_64 "$copy/build/kernel-tests" cpus "$log"; then
		echo "$1: not noticed"
		return 1
	fi
	if fell=$(grep -a -m 1 -e "^$4" "$log"); then
		echo "$1: $fell"
		return 0
	fi
	echo "$1: status $status, and no '$4' in $log"
	return 1
}

# One machine is enough: what is broken is the same code on all of them.
breaks() {
	missed=0
	build x86_64 "$out/x86_64" || return 2
	broken slot-without-lock src/sync/pcs_lock.c \
		's/return lock_word(slot) == LOCK_FREE &&/return true ||/' \
		'not ok - a handler at each instruction\|BUG .*Sheaf' || missed=1
	broken hole-handed-out src/port/bare/memory.c \
		's/reserved\[i\].end, PAGE)/& - PAGE/' \
		'not ok - .*: a page that is no memory' || missed=1
	broken zone-too-long src/page/zone.c \
		's/(physical - window.physical) >> PG_SHIFT/(&) + 1/' \
		'not ok - ZONE_DMA lies where it must: a page beyond the zone' ||
		missed=1
	broken missed-wake examples/kernel/threads.c \
		's/if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == val)/if (true)/' \
		'not ok - threads are woken' || missed=1
	broken records-in-the-window src/port/bare/memory.c \
		's/^	*cut(start, ranges\[i\].end);$//' \
		"not ok - the port's memory is taken" || missed=1
	rm -rf "$out/broken"
	return $missed
}

if [ -n "${BREAKS:-}" ]; then
	for need in qemu-system-x86_64 gcc; do
		command -v $need >/dev/null || { echo "no $need"; exit 77; }
	done
	mkdir -p "$out"
	breaks
	exit
fi
worst=0
for arch; do
	run_arch "$arch" || { s=$?; [ $s = 77 ] && [ $worst != 0 ] || worst=$s; }
done
exit $worst
