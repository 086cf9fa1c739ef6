#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-reference.sh [BUILD] : the API reference builds without a warning, has
# a page of each exported function, and man finds it where it was installed.
set -eu
cd "$(dirname "$0")/.."

build=${1:-build}
command -v doxygen >/dev/null || { echo "no doxygen"; exit 77; }
/usr/bin/python3 -c 'import breathe, sphinx' 2>/dev/null ||
	{ echo "no sphinx with breathe"; exit 77; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$build/libkmem.so.0" "$work"
scripts/docs.py "$work"

# what the installed pages say, and an alias of one
MESON_BUILD_ROOT=$work DESTDIR=$work/root scripts/install-docs.sh \
	/share/man/man3 /share/doc/html
for name in kmem_cache_create kmalloc_noprof; do
	MANPATH=$work/root/share/man MANWIDTH=80 man 3 "$name" >"$work/page"
	grep -q 'linux/slab.h' "$work/page"
	grep -q 'Returns' "$work/page"
done
grep -q kmem_cache_create "$work/root/share/doc/html/searchindex.js"

# a reference to nothing, and a comment with a wrong parameter, are found
mkdir "$work/tree"
cp -R docs include scripts src "$work/tree"
sed -i 's/^ \* @size: bytes wanted; 0 frees @p$/ * @bytes: no such/' \
	"$work/tree/src/alloc/krealloc.c"
if "$work/tree/scripts/docs.py" "$work/again" >"$work/log" 2>&1; then
	echo "check-reference: a wrong parameter went unseen"
	exit 1
fi
grep -q "bytes" "$work/log"
echo "check-reference: pages are whole"
