#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-format.sh [--fix] : is the tree formatted as .clang-format says?
# Versions of clang-format differ in taste; only 14 is asked.
set -eu
cd "$(dirname "$0")/.."

tool=clang-format-14
command -v $tool >/dev/null || tool=clang-format
if ! $tool --version 2>/dev/null | grep -q 'version 14\.'; then
	echo "check-format: needs clang-format 14, has:" \
		"$($tool --version 2>&1 || :)"
	exit 77
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
files=$(scripts/tree.sh '*.c' '*.h' '*.cpp')
if [ "${1-}" = --fix ]; then
	# shellcheck disable=SC2086 # no blanks in our file names
	exec $tool -i $files
fi
# shellcheck disable=SC2086
if ! $tool --dry-run -Werror $files 2>"$log"; then
	sed -n 's/^\([^ :]*\):\([0-9]*\):.*/\1/p' "$log" | sort | uniq -c |
		while read -r n file; do
			echo "$file: $n places, the first in line" \
				"$(grep -m1 -o "^$file:[0-9]*" "$log" |
					cut -d: -f2)"
		done
	echo "check-format: run 'make fmt'"
	exit 1
fi
echo "check-format: $(echo "$files" | wc -l) files"
