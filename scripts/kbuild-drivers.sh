#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# kbuild-drivers.sh [FOLDER] : the sources of examples/drivers as modules of a
# kernel, by Kbuild, unchanged.  FOLDER is that of a kernel's headers; without
# it Debian's linux-headers are installed, and the newest of them is taken.
# What is built lies in build-kbuild/; a warning is an error.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$root/build-kbuild

if [ $# -gt 0 ]; then
	headers=$1
else
	dpkg -s linux-headers-amd64 >/dev/null 2>&1 ||
		apt-get install -y -qq linux-headers-amd64 >/dev/null
	headers=
	for folder in /usr/src/linux-headers-*-amd64; do
		headers=$folder
	done
fi
rm -rf "$work"
mkdir -p "$work"
cp "$root"/examples/drivers/Kbuild "$work"
for file in "$root"/examples/drivers/*.c; do
	case $file in
	*/main-*) ;;
	*) cp "$file" "$work" ;;
	esac
done
make -C "$headers" M="$work" KCFLAGS=-Werror modules >"$work/log" 2>&1 || {
	cat "$work/log"
	exit 1
}
for file in "$work"/*.c; do
	case $file in
	*.mod.c) continue ;;
	esac
	module=${file%.c}.ko
	[ -f "$module" ] || {
		echo "kbuild-drivers.sh: there is no $module"
		exit 1
	}
	echo "$(basename "$module") for $(basename "$headers")"
done
