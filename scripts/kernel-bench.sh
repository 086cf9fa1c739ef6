#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# kernel-bench.sh [OPTION...] : builds the loops of bench/typed.h into a kernel
# of Debian's linux-source and measures them beside the library: the kernel as
# User Mode Linux and, where there is QEMU, on x86-64 to count its instructions.
# Options are those of bench/kernel.py.
#
# Everything lies in build-uml/, some two gigabytes; the first run takes some
# ten minutes.  Environment: JOBS (2), BUILD (build).
set -eu

. "$(dirname "$0")/kernel-tree.sh"

glue=kmem-bench
bench=$root/bench
mkdir -p "$source/$glue"
for f in "$bench/loops.h" "$bench/typed.h" "$bench/kernel/bench.c" \
	"$bench/kernel/Kbuild"; do
	lay "$f" "$source/$glue/${f##*/}"
done

kernel_build bench-um um "$bench/kernel/config-um" linux
set -- "--uml=$work/bench-um/linux" "$@"
if command -v qemu-system-x86_64 >/dev/null; then
	kernel_build bench-x86 x86 "$bench/kernel/config-x86" bzImage
	set -- "--x86=$work/bench-x86/arch/x86/boot/bzImage" "$@"
fi
"$root/scripts/build.sh" "${BUILD:-build}" -- \
	bench-load-cache bench-load-cache-inline >&2
exec "$bench/kernel.py" "--build=${BUILD:-build}" "$@"
