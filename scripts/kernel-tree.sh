# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# Sourced by uml-conform.sh and kernel-bench.sh: builds a kernel from Debian's
# linux-source with a folder of ours in it.  Everything lies in build-uml/:
# source/ is the unpacked tree, source/kmem-NAME/ what is ours, NAME/ the
# objects.
#
# Environment: JOBS (2).

root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/build-uml
source=$work/source
version=6.1
jobs=${JOBS:-2}

fail() {
	echo "${0##*/}: $*" >&2
	exit 2
}

"$root/scripts/deps.sh" build uml || exit 2
mkdir -p "$work"

if [ ! -e "$source/Kbuild.plain" ]; then
	archive=/usr/src/linux-source-$version.tar.xz
	[ -e "$archive" ] || fail "there is no $archive"
	echo "Unpacking $archive" >&2
	rm -rf "$source" "$work/linux-source-$version"
	nice tar -C "$work" -xf "$archive"
	mv "$work/linux-source-$version" "$source"
	cp "$source/Kbuild" "$source/Kbuild.plain"
fi

# Copies a file, keeping the older time when nothing changed.
lay() {
	cmp -s "$1" "$2" || cp "$1" "$2"
}

# KMEM is the folder that goes into this build; both kinds share the source.
{ cat "$source/Kbuild.plain" && printf 'obj-y += $(KMEM)/\n'; } >"$work/Kbuild"
lay "$work/Kbuild" "$source/Kbuild"

# kernel_build NAME ARCH CONFIG TARGET : $work/NAME has what TARGET is then.
kernel_build() {
	log=$work/$1.log
	mkdir -p "$work/$1"
	echo "Building $1 (the log is $log)" >&2
	if ! cmp -s "$3" "$work/$1/config.ours" ||
		[ ! -e "$work/$1/.config" ]; then
		kernel_make "$@" KCONFIG_ALLCONFIG="$3" allnoconfig
		cp "$3" "$work/$1/config.ours"
	fi
	kernel_make "$@" "$4"
}

kernel_make() {
	name=$1 arch=$2
	shift 4
	nice make -C "$source" O="$work/$name" ARCH="$arch" \
		KMEM="$glue" -j"$jobs" "$@" >"$log" 2>&1 && return
	grep -E -m 20 "error|Error|undefined" "$log" >&2 || tail "$log" >&2
	fail "the kernel does not build; all of it is in $log"
}
