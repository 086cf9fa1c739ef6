#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# test_installed.sh BUILD_FOLDER : the package as a stranger finds it.
# Installs into a folder of its own and, from a foreign folder, builds and
# runs programs in C and C++ against kmem.pc, shared and static.
set -u

build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

count=0
failed=0
# point NAME COMMAND... : one TAP line
point() {
	title=$1
	shift
	count=$((count + 1))
	if "$@" >out 2>&1; then
		echo "ok $count - $title"
	else
		sed 's/^/# /' out
		echo "not ok $count - $title"
		failed=1
	fi
}

# What is in the file list, relative to the prefix.
present() {
	for file; do
		[ -e "$prefix/$file" ] || {
			echo "missing: $file"
			return 1
		}
	done
}

# Nothing may lie where the system's or the libc's own headers are looked for.
overlays_nothing() {
	find "$prefix/include" -mindepth 1 -maxdepth 1 | grep -v '/kmem$' && return 1
	find "$prefix/include" -type f ! -name '*.h' | grep . && return 1
	return 0
}

# Functions and data, by name alone; the version node itself is absolute.
exports() {
	nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' |
		sed 's/@.*//'
}

only_kmem() {
	exports "$prefix/lib/libkmem.so.0" >names
	grep -q '^kmem_kmalloc$' names || { echo "no kmem_kmalloc"; return 1; }
	! grep -v -e '^kmem_' -e '^vfork$' -e '^__register_atfork$' names
}

versioned() {
	nm -D --defined-only --with-symbol-versions \
		"$prefix/lib/libkmem.so.0" | awk '$2 != "A" { print $3 }' |
		grep -v '@@KMEM_0$' >without
	# libc's names are asked for in a version of libc's
	[ "$(sort without | paste -sd' ')" = "__register_atfork vfork" ] ||
		{ cat without; return 1; }
	readelf -d "$prefix/lib/libkmem.so.0" |
		grep -q 'SONAME.*\[libkmem\.so\.0\]'
}

front_exports_malloc() {
	exports "$prefix/lib/libkmem-malloc.so" | sort >names
	for name in malloc free calloc realloc reallocarray memalign \
		aligned_alloc posix_memalign valloc pvalloc \
		malloc_usable_size malloc_trim mallinfo2 free_sized \
		free_aligned_sized; do
		grep -qx $name names || { echo "no $name"; return 1; }
	done
	# Nothing of the library itself: it may meet another libkmem in a process.
	! grep -E '^kmem_k|^k[a-z]*alloc|^port_|^slab_' names
}

links_libc_only() {
	readelf -d "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
		grep -vE '^(libc\.so|ld-linux|libpthread|libgcc_s)' && return 1
	return 0
}

# Threads and libc go on pointing into it: what has it inside stays as well.
never_unloaded() {
	for file in libkmem.so.0 libkmem-malloc.so; do
		readelf -dW "$prefix/lib/$file" | grep 'FLAGS_1.*NODELETE' ||
			return 1
	done
	# shellcheck disable=SC2046
	cc -shared -fPIC "$source/called.c" -o inside.so \
		$(flags --static --cflags --libs | sed 's/-lkmem/-l:libkmem.a/') &&
		readelf -dW inside.so | grep 'FLAGS_1.*NODELETE' || return 1
	nm -D --defined-only inside.so | grep ' kmem_' && return 1
	return 0
}

# What the compiler knows of the size of a block, with and without inlining.
sizes_known() {
	for option in "" -DKMEM_INLINE=1; do
		# shellcheck disable=SC2046,SC2086
		$1 -O2 $option $(flags --cflags) "$source/sizes.c" -o sizes \
			$(flags --libs) &&
			LD_LIBRARY_PATH=$prefix/lib ./sizes || return 1
	done
}

flags() {
	PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config "$@" kmem
}

shared() {
	# shellcheck disable=SC2046 # flags are words
	$1 "$source/$2" -o "$3" $(flags --cflags --libs) &&
		readelf -d "$3" | grep -q 'NEEDED.*\[libkmem\.so\.0\]' &&
		LD_LIBRARY_PATH=$prefix/lib ./"$3"
}

static() {
	# shellcheck disable=SC2046
	$1 -static "$source/$2" -o "$3" $(flags --static --cflags --libs) &&
		./"$3"
}

# Code with the kernel's names, by the second package.
driver() {
	# shellcheck disable=SC2046,SC2086
	$1 -O2 -Wall -Wextra -Werror $3 "$source/$2" -o driver \
		$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config $3 --cflags \
			--libs kmem-kernel) &&
		LD_LIBRARY_PATH=$prefix/lib ./driver
}

# complete FOLDER FILE : the file includes and uses each header of the folder,
# but those that are parts of <kmem/inline.h>, which inline.c uses, and of
# <kmem/percpu.h>.
complete() {
	(cd "$prefix/include/kmem/$1" && find . -name '*.h' | sed 's,^\./,,' |
		grep -v -e '^kernel/' -e '^kmem/inline' -e '^kmem/sequence_' \
		-e '^kmem/percpu_') |
		while read -r header; do
			grep -qxF "#include <$header>" "$source/$2" ||
				echo "$2 does not include <$header>"
			use=$(echo "$header" | tr '/.-' '___')
			grep -q "^USE($use)" "$source/$2" ||
				echo "$2 does not use <$header>"
		done >missing
	cat missing
	[ ! -s missing ]
}

# every PACKAGE FILE COMPILER... : in a language, shared and static
every() {
	package=$1
	file=$2
	shift 2
	sed -n 's/^USE(\([^)]*\)).*/CALL(\1)/p' "$source/$file" >uses.h
	rcu=
	[ "$package" = kmem ] || rcu=$(pkg-config --libs liburcu-bp) || return 1
	for link in "" -static; do
		# shellcheck disable=SC2046,SC2086
		"$@" -O1 -Wall -Wextra -Werror -I. $link \
			-o every "$source/$file" \
			$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config \
				$link --cflags --libs $package |
				sed 's/ -l/ -x none&/') $rcu &&
			LD_LIBRARY_PATH=$prefix/lib ./every || return 1
	done
}

# Frees that are mixed, bridged by the linker's --wrap.
mixed() {
	# shellcheck disable=SC2046,SC2086
	cc -O2 $1 "$source/mixed.c" -o mixed $(flags $2 --cflags --libs) \
		-Wl,--wrap=free,--wrap=realloc \
		-Wl,--wrap=kmem_kfree,--wrap=kmem_kvfree \
		-Wl,--wrap=kmem_ksize,--wrap=kmem_krealloc \
		-Wl,--wrap=kmem_vfree,--wrap=kmem_kfree_sensitive &&
		LD_LIBRARY_PATH=$prefix/lib ./mixed &&
		cc -O2 -DKMEM_MIXED_FREES=1 $1 "$source/mixed.c" -o mixed \
			$(flags $2 --cflags --libs) \
			-Wl,--wrap=free,--wrap=realloc \
			-Wl,--wrap=kmem_kfree,--wrap=kmem_kvfree &&
		LD_LIBRARY_PATH=$prefix/lib ./mixed
}

# inlined OPTION COMPILER SOURCE... : a program with the fast paths in it.
inlined() {
	link=--libs
	option="$1 -DKMEM_INLINE=${KMEM_INLINE-1}"
	[ "$1" = -static ] && link='--static --libs'
	compiler=$2
	shift 2
	for file; do
		set -- "$@" "$source/$file"
		shift
	done
	for level in -O0 -O2; do
		# shellcheck disable=SC2046,SC2086
		$compiler $level $option $(flags --cflags) "$@" -o inlined \
			$(flags $link) -pthread || return 1
		readelf -SW inlined | grep -q __rseq_cs || {
			echo "there is no sequence in it"
			return 1
		}
		LD_LIBRARY_PATH=$prefix/lib ./inlined || return 1
	done
}

# Code for another layout of the sequences: the loader refuses it.
other_layout() {
	cp -r "$prefix/include/kmem" other &&
		sed -i s/kmem_rseq_1/kmem_rseq_2/ other/kmem/*.h || return 1
	for headers in "$prefix/include/kmem" other; do
		# shellcheck disable=SC2046
		cc -O2 -DKMEM_INLINE=1 -shared -fPIC "-I$headers" "$source/inline.c" \
			"$source/called.c" -o loaded.so $(flags --libs) ||
			return 1
		LD_LIBRARY_PATH=$prefix/lib LD_PRELOAD=$PWD/loaded.so \
			/bin/true 2>refused
		echo $? >>refused
		cat refused
		[ "$headers" = other ] || grep -qx 0 refused || return 1
	done
	grep 'undefined symbol: kmem_rseq_2' refused && grep -qx 127 refused
}

manual() {
	MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z \
		"$prefix/share/man/man1/kmem.1" >/dev/null
}

command_runs() {
	"$prefix/bin/kmem" --version &&
		"$prefix/bin/kmem" run --slabinfo slabs -- /bin/ls / &&
		"$prefix/bin/kmem" slabinfo slabs | grep '^malloc-'
}

# The prefix is part of kmem.pc, so the folder is installed as a prefix of
# its own, by a build folder's setup or by relocating what DESTDIR got.
/usr/bin/meson install -C "$build" --no-rebuild --quiet \
	--destdir "$work/dest" >log 2>&1 || {
	sed 's/^/# /' log
	echo "1..1"
	echo "not ok 1 - meson install"
	exit 1
}
prefix=$(dirname "$(dirname "$(find "$work/dest" -name libkmem.so.0)")")
sed -i "s,^prefix=.*,prefix=$prefix," "$prefix"/lib/pkgconfig/*.pc

echo "TAP version 13"
point "every file is there" present lib/libkmem.so.0 lib/libkmem.so \
	lib/libkmem.a lib/libkmem-malloc.so lib/pkgconfig/kmem.pc \
	bin/kmem share/man/man1/kmem.1 include/kmem/linux/slab.h \
	include/kmem/linux/gfp.h include/kmem/linux/mempool.h \
	include/kmem/linux/mm.h include/kmem/kmem/abi.h
point "and the kernel's other names" present lib/libkmem-kernel.a \
	lib/pkgconfig/kmem-kernel.pc include/kmem/kernel/linux/module.h
point "headers overlay nothing" overlays_nothing
point "libkmem.so exports kmem_* and two names of libc" only_kmem
point "kmem_* in version KMEM_0, the two in none" versioned
point "libkmem-malloc.so exports the malloc family" front_exports_malloc
point "libkmem.so needs libc alone" links_libc_only "$prefix/lib/libkmem.so.0"
point "libkmem-malloc.so too" links_libc_only "$prefix/lib/libkmem-malloc.so"
point "none of them is ever unloaded" never_unloaded
for compiler in cc clang c++; do
	command -v $compiler >/dev/null || continue
	point "$compiler knows the sizes of blocks" sizes_known $compiler
done
point "a C program, shared" shared cc prog.c prog-c
point "a C program, static" static cc prog.c prog-c-static
point "a driver and its program, shared" driver cc driver.c ""
point "and static" driver cc driver.c -static
if command -v clang >/dev/null; then
	point "and by clang" driver clang driver.c ""
fi
if command -v c++ >/dev/null; then
	point "and C++" driver c++ driver.cpp ""
fi
point "one thing of every header" complete . every.c
for std in gnu11 gnu17 gnu2x; do
	for compiler in gcc clang; do
		command -v $compiler >/dev/null || continue
		point "by $compiler -std=$std, shared and static" \
			every kmem every.c $compiler -std=$std
	done
done
for compiler in g++ clang++; do
	command -v $compiler >/dev/null || continue
	point "by $compiler -std=c++17, shared and static" \
		every kmem every.c $compiler -std=c++17 -x c++
done
point "and of the second folder" complete kernel every_kernel.c
if pkg-config --exists liburcu-bp; then
	for std in gnu11 gnu2x; do
		for compiler in gcc clang; do
			command -v $compiler >/dev/null || continue
			point "by $compiler -std=$std, with the kernel's names" \
				every kmem-kernel every_kernel.c $compiler \
				-std=$std
		done
	done
	for compiler in g++ clang++; do
		command -v $compiler >/dev/null || continue
		point "by $compiler -std=c++17, with the kernel's names" \
			every kmem-kernel every_kernel.c $compiler \
			-std=c++17 -x c++
	done
fi
point "frees that are mixed" mixed "" ""
point "and static" mixed -static --static
if command -v c++ >/dev/null; then
	point "a C++ program, shared" shared c++ prog.cpp prog-cpp
	point "a C++ program, static" static c++ prog.cpp prog-cpp-static
fi
# Is there something to inline for this machine?
if echo '#include <kmem/sequence.h>
		#if !KMEM_RSEQ
		#error "no sequences"
		#endif' >machine.c &&
	cc -fsyntax-only "-I$prefix/include/kmem" machine.c 2>/dev/null; then
	point "a C program with the fast paths in it" \
		inlined "" cc inline.c called.c
	point "and static" inlined -static cc inline.c called.c
	KMEM_INLINE=2
	point "and that of kmalloc()" inlined "" cc inline.c called.c
	point "and static" inlined -static cc inline.c called.c
	KMEM_INLINE=1
	point "and not position-independent" \
		inlined -no-pie cc inline.c called.c
	point "the same program as C++" inlined "" c++ inline.cpp dropped.cpp
	point "and static" inlined -static c++ inline.cpp dropped.cpp
	if command -v clang >/dev/null; then
		point "by clang, C" inlined "" clang inline.c called.c
		point "by clang, C++" \
			inlined "" clang++ inline.cpp dropped.cpp
	fi
	point "a program for another layout is refused" other_layout
fi
point "the installed kmem finds its library" command_runs
if command -v man >/dev/null; then
	point "the manual page has no errors" manual
fi
echo "1..$count"
exit $failed
