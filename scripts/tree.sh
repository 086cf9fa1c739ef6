#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# tree.sh [PATTERN...] : the files of the project, tracked or new, without
# what .gitignore names; from an unpacked archive, all but build folders.
set -eu
cd "$(dirname "$0")/.."

{
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -co --exclude-standard
	else
		find . -type d \( -name 'build*' -o -name .git \) -prune -o \
			-type f -print | sed 's,^\./,,'
	fi
} | sort -u | while read -r file; do
	[ -f "$file" ] || continue
	[ $# -gt 0 ] || {
		echo "$file"
		continue
	}
	for pattern; do
		# shellcheck disable=SC2254 # patterns are meant to match
		case $file in $pattern) echo "$file" ;; esac
	done
done
