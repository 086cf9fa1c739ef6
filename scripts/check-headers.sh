#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-headers.sh [--all] : what the public headers promise before a line of
# the library runs.
#
#   alone     each header by itself, twice, in every dialect and compiler
#   beside    all of them before and after the system's headers, one by one
#             and all at once; --all takes every header of the system that
#             compiles by itself, and needs some minutes
#   macros    no macro of ours redefines one of the system's
#   forms     both dialects of the tests in every dialect of the language,
#             and what must be refused is refused for the right reason
#   own       a client's headers in front of ours, one by one and together
#   kernel    each header of include/kernel by itself, and all of them
#   layout    as installed: PREFIX/include/kmem before the system's path
#
# shellcheck disable=SC2086,SC2012 # lists of words are meant to split
set -eu
cd "$(dirname "$0")/.."

all=false
[ "${1-}" = --all ] && all=true

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

warn="-Wall -Wextra -Werror -Wundef -Wshadow"
bad=0
runs=0

have() {
	command -v "$1" >/dev/null
}

# dialects: compiler, standard, suffix
dialects() {
	for cc in gcc clang; do
		have $cc || continue
		for std in gnu11 gnu17 gnu2x; do
			echo "$cc $std c"
		done
	done
	for cxx in g++ clang++; do
		have $cxx || continue
		for std in c++17 gnu++17 gnu++20; do
			echo "$cxx $std cpp"
		done
	done
}

# compile WHAT COMMAND... : says what failed and the first error
compile() {
	what=$1
	shift
	runs=$((runs + 1))
	if ! "$@" -c -o /dev/null >"$tmp/log" 2>&1; then
		echo "check-headers: $what:" "$@"
		grep -m3 -E 'error|warning' "$tmp/log" | sed 's/^/    /'
		bad=$((bad + 1))
	fi
}

headers=$(cd include && find kmem linux -name '*.h' | LC_ALL=C sort)
kernel=$(cd include/kernel && find . -name '*.h' | sed 's,^\./,,' | LC_ALL=C sort)
for h in $headers; do
	echo "#include <$h>"
done >"$tmp/ours"

# The system's: those a program that also uses ours is likely to meet, and
# those whose words ours might take.
system_c="assert.h ctype.h dirent.h errno.h fcntl.h float.h grp.h inttypes.h
	iso646.h limits.h locale.h malloc.h math.h netdb.h poll.h pthread.h
	pwd.h sched.h semaphore.h setjmp.h signal.h stdalign.h stdarg.h
	stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h
	termios.h threads.h time.h unistd.h wchar.h
	sys/auxv.h sys/epoll.h sys/eventfd.h sys/file.h sys/ioctl.h sys/kd.h sys/mman.h
	sys/param.h sys/poll.h sys/prctl.h sys/random.h sys/resource.h
	sys/rseq.h sys/select.h sys/shm.h sys/signalfd.h sys/socket.h
	sys/stat.h sys/statfs.h sys/syscall.h sys/sysinfo.h sys/time.h
	sys/times.h sys/types.h sys/uio.h sys/un.h sys/user.h sys/utsname.h
	sys/wait.h
	linux/aio_abi.h linux/bpf.h linux/btrfs.h linux/capability.h
	linux/const.h linux/errno.h linux/falloc.h linux/fiemap.h linux/filter.h
	linux/fs.h linux/futex.h linux/input.h linux/io_uring.h linux/ioctl.h
	linux/kernel.h linux/kernel-page-flags.h linux/limits.h linux/loop.h
	linux/magic.h linux/membarrier.h linux/memfd.h linux/mempolicy.h
	linux/mman.h linux/module.h linux/netlink.h linux/oom.h
	linux/perf_event.h linux/posix_types.h linux/prctl.h linux/random.h
	linux/reboot.h linux/resource.h linux/rseq.h linux/rtnetlink.h
	linux/seccomp.h linux/signal.h linux/socket.h linux/stat.h
	linux/stddef.h linux/string.h linux/sysctl.h linux/sysinfo.h
	linux/time.h linux/types.h linux/unistd.h linux/userfaultfd.h
	linux/vfio.h linux/virtio_ring.h linux/wait.h
	asm/types.h asm/unistd.h urcu.h urcu/call-rcu.h numa.h"
system_cpp="algorithm atomic chrono cstdio cstdlib cstring exception fstream
	functional iostream iterator limits map memory memory_resource mutex
	new numeric optional set shared_mutex sstream stdexcept string
	string_view thread tuple type_traits unordered_map utility variant
	vector ext/mt_allocator.h ext/pool_allocator.h"
if $all; then
	system_c="$system_c $(cd /usr/include && ls linux/*.h sys/*.h \
		x86_64-linux-gnu/sys/*.h 2>/dev/null |
		sed 's,^x86_64-linux-gnu/,,')"
fi

# --- alone

dialects >"$tmp/dialects"
while read -r cc std suffix; do
	for h in $headers; do
		printf '#include <%s>\n#include <%s>\n' "$h" "$h" \
			>"$tmp/alone.$suffix"
		compile "$h alone" "$cc" -std="$std" $warn -Iinclude \
			"$tmp/alone.$suffix"
		[ "$std" = gnu17 ] || continue
		compile "$h freestanding" "$cc" -std="$std" $warn -Iinclude \
			-ffreestanding -nostdinc \
			-isystem "$("$cc" -print-file-name=include)" \
			"$tmp/alone.c"
	done
done <"$tmp/dialects"
echo "check-headers: alone: $runs compilations, $bad bad"

# --- beside the system's

# usable SUFFIX COMPILER HEADER... : those that compile by themselves
usable() {
	suffix=$1
	shift
	cc=$1
	shift
	for h; do
		echo "#include <$h>" >"$tmp/one.$suffix"
		if "$cc" -D_GNU_SOURCE -w -fsyntax-only "$tmp/one.$suffix" \
			2>/dev/null; then
			echo "$h"
		fi
	done | awk '!seen[$0]++'
}

beside() {
	cc=$1
	std=$2
	suffix=$3
	shift 3
	for h; do
		{
			cat "$tmp/ours"
			echo "#include <$h>"
		} >"$tmp/before.$suffix"
		compile "ours before <$h>" "$cc" -std="$std" -D_GNU_SOURCE \
			$warn -Wno-cpp -Iinclude "$tmp/before.$suffix"
		{
			echo "#include <$h>"
			cat "$tmp/ours"
		} >"$tmp/after.$suffix"
		compile "ours after <$h>" "$cc" -std="$std" -D_GNU_SOURCE \
			$warn -Wno-cpp -Iinclude "$tmp/after.$suffix"
	done
}

# bears COMPILER SUFFIX HEADER... : adds them to the file of all, if it may
bears() {
	cc=$1
	suffix=$2
	shift 2
	cp "$tmp/system.$suffix" "$tmp/try.$suffix"
	printf '#include <%s>\n' "$@" >>"$tmp/try.$suffix"
	"$cc" -D_GNU_SOURCE -w -fsyntax-only "$tmp/try.$suffix" \
		2>/dev/null && mv "$tmp/try.$suffix" "$tmp/system.$suffix"
}

# together COMPILER SUFFIX HEADER... : as many in one file as bear each other
together() {
	one_cc=$1
	one_suffix=$2
	shift 2
	: >"$tmp/system.$one_suffix"
	while [ $# -gt 0 ]; do
		some=
		for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
			[ $# -gt 0 ] || break
			some="$some $1"
			shift
		done
		bears "$one_cc" "$one_suffix" $some && continue
		for h in $some; do
			bears "$one_cc" "$one_suffix" "$h" || :
		done
	done
}

# liburcu's struct rcu_head must come first; include/README.md.
one_way="urcu.h urcu/call-rcu.h"

both_ways=
if have gcc; then
	good=$(usable c gcc $system_c)
	for h in $good; do
		case " $one_way " in
		*" $h "*)
			{
				echo "#include <$h>"
				cat "$tmp/ours"
			} >"$tmp/after.c"
			compile "ours after <$h>" gcc -std=gnu17 \
				-D_GNU_SOURCE $warn -Iinclude "$tmp/after.c"
			;;
		*) beside gcc gnu17 c "$h" ;;
		esac
	done
	for h in $good; do
		case " $one_way " in
		*" $h "*) ;;
		*) both_ways="$both_ways $h" ;;
		esac
	done
	$all || together gcc c $both_ways
fi
if have g++; then
	good=$(usable cpp g++ $system_cpp)
	beside g++ gnu++20 cpp $good
	$all || together g++ cpp $good $both_ways
fi
if ! $all; then
	while read -r cc std suffix; do
		[ -s "$tmp/system.$suffix" ] || continue
		cat "$tmp/ours" "$tmp/system.$suffix" >"$tmp/before.$suffix"
		cat "$tmp/system.$suffix" "$tmp/ours" >"$tmp/after.$suffix"
		# The newest C++ heads are not for the older language.
		for order in before after; do
			"$cc" -std="$std" -D_GNU_SOURCE -w -fsyntax-only \
				"$tmp/system.$suffix" 2>/dev/null || continue
			compile "$order the whole system" "$cc" -std="$std" \
				-D_GNU_SOURCE $warn -Iinclude \
				"$tmp/$order.$suffix"
		done
	done <"$tmp/dialects"
fi
echo "check-headers: beside the system: $runs compilations, $bad bad"

# --- macros

# A redefinition in a system header is silent, so the lists are compared.
macros() {
	gcc -D_GNU_SOURCE "$@" -dM -E -x c - | LC_ALL=C sort
}
if have gcc && ! $all; then
	macros <"$tmp/system.c" >"$tmp/macros.system"
	macros -Iinclude <"$tmp/ours" >"$tmp/macros.ours"
	LC_ALL=C comm -23 "$tmp/macros.ours" "$tmp/macros.system" |
		awk '{ sub(/\(.*/, "", $2); print $2 }' |
		LC_ALL=C sort -u >"$tmp/names.ours"
	LC_ALL=C comm -23 "$tmp/macros.system" "$tmp/macros.ours" |
		awk '{ sub(/\(.*/, "", $2); print $2 }' |
		LC_ALL=C sort -u >"$tmp/names.system"
	for name in $(LC_ALL=C comm -12 "$tmp/names.ours" "$tmp/names.system")
	do
		echo "check-headers: macro $name is also the system's:"
		grep -hw "$name" "$tmp/macros.ours" "$tmp/macros.system" |
			grep "define $name" | sed 's/^/    /'
		bad=$((bad + 1))
	done
fi

# --- forms

while read -r cc std suffix; do
	for f in tests/headers/test_*."$suffix"; do
		[ -e "$f" ] || continue
		compile "$f" "$cc" -std="$std" -O1 $warn -Wcast-qual -Iinclude \
			-Isrc -Itests "$f"
	done
	[ "$suffix" = c ] || continue
	for f in tests/headers/compile/*.c; do
		compile "$f" "$cc" -std="$std" $warn -Iinclude \
			-ffreestanding -nostdinc \
			-isystem "$("$cc" -print-file-name=include)" "$f"
	done
	for f in tests/headers/reject/*.c; do
		runs=$((runs + 1))
		expect=$(sed -n 's,^/\* expect: \(.*\) \*/$,\1,p' "$f")
		if "$cc" -std="$std" $warn -Iinclude -c -o /dev/null "$f" \
			>"$tmp/log" 2>&1; then
			echo "check-headers: $f: $cc -std=$std accepts it"
			bad=$((bad + 1))
		elif ! grep -qE "error.*($expect)" "$tmp/log"; then
			echo "check-headers: $f: $cc -std=$std refuses it," \
				"but not for: $expect"
			grep -m1 error "$tmp/log" | sed 's/^/    /'
			bad=$((bad + 1))
		fi
	done
done <"$tmp/dialects"

# --- own

# Those that a client has for itself, and tests/headers/own/ has an example of;
# for the others, which are the allocators, an empty one must do no harm.
shared="types.h compiler.h err.h cleanup.h kernel.h cache.h numa.h overflow.h
	sizes.h sched.h preempt.h"
for h in $shared; do
	[ -f "tests/headers/own/linux/$h" ] || {
		echo "check-headers: tests/headers/own/linux/$h is missing"
		bad=$((bad + 1))
	}
done

# own WHAT OPTION... : the client in C and in C++
own() {
	what=$1
	shift
	while read -r cc std suffix; do
		case $std in gnu17 | gnu2x | gnu++17) ;; *) continue ;; esac
		cp tests/headers/own/client.c "$tmp/client.$suffix"
		compile "$what" "$cc" -std="$std" $warn "$@" -Iinclude \
			"$tmp/client.$suffix"
	done <"$tmp/dialects"
}

for h in $(cd include/linux && find . -name '*.h' | sed 's,^\./,,'); do
	rm -rf "$tmp/own"
	mkdir -p "$tmp/own/linux/$(dirname "$h")"
	: >"$tmp/own/linux/$h"
	# the system's headers of these names rest on its own
	[ "$h" != types.h ] ||
		touch "$tmp/own/linux/kernel.h" "$tmp/own/linux/sched.h"
	own "an empty linux/$h before ours" -I"$tmp/own"
	[ -f "tests/headers/own/linux/$h" ] || continue
	cp "tests/headers/own/linux/$h" "$tmp/own/linux/$h"
	own "a client's own linux/$h before ours" -I"$tmp/own"
done
# And one that completes ours, before anything else of ours was included.
rm -rf "$tmp/own"
mkdir -p "$tmp/own/linux"
printf '#include_next <linux/types.h>\ntypedef u64 own_u64;\n' \
	>"$tmp/own/linux/types.h"
own "a client's linux/types.h over ours" -I"$tmp/own"
own "all of a client's own before ours" -Itests/headers/own
own "none of a client's own"
own "KMEM_OWN_TYPES" -DKMEM_OWN_TYPES=1

# --- kernel

for h in $kernel; do
	echo "#include <$h>"
done >"$tmp/kernel"
while read -r cc std suffix; do
	for h in $kernel; do
		case $std in gnu17 | gnu++17) ;; *) continue ;; esac
		printf '#include <%s>\n#include <%s>\n' "$h" "$h" \
			>"$tmp/alone.$suffix"
		compile "kernel/$h alone" "$cc" -std="$std" $warn \
			-Iinclude/kernel -Iinclude "$tmp/alone.$suffix"
	done
	for order in "kernel ours" "ours kernel"; do
		(cd "$tmp" && cat $order) >"$tmp/together.$suffix"
		compile "$order" "$cc" -std="$std" -D_GNU_SOURCE $warn \
			-Iinclude/kernel -Iinclude "$tmp/together.$suffix"
	done
done <"$tmp/dialects"
echo "check-headers: the kernel's other names: $runs compilations, $bad bad"

# --- layout

mkdir -p "$tmp/prefix/include/kmem"
cp -r include/linux include/kmem "$tmp/prefix/include/kmem/"
while read -r cc std suffix; do
	cp "$tmp/ours" "$tmp/installed.$suffix"
	compile "installed" "$cc" -std="$std" $warn \
		-I"$tmp/prefix/include/kmem" "$tmp/installed.$suffix"
	compile "installed, as system headers" "$cc" -std="$std" $warn \
		-isystem "$tmp/prefix/include/kmem" "$tmp/installed.$suffix"
done <"$tmp/dialects"

echo "check-headers: $runs compilations, $bad bad"
[ "$bad" -eq 0 ]
