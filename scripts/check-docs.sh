#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-docs.sh : what the texts name is there.
#
#	`path/to/file.c`, `folder/`	exists, from the root, from the text's
#					own folder, or from src/ or include/
#	`name()`			a word of the sources
#	[text](file)			exists, from the text's own folder
#	`make target`			a target of the Makefile
#	| word | .. | `file` |	of docs/words.md: the word is in the file
#
# docs/compat.md is about names that are absent, so only its paths count.
# Then the comments of the sources: scripts/comments.py.
set -eu
cd "$(dirname "$0")/.."

bad=0
count=0
words=$(mktemp)
trap 'rm -f "$words"' EXIT
scripts/tree.sh '*.c' '*.h' '*.cpp' '*.S' '*.py' '*.map' |
	xargs grep -ohE '[A-Za-z_][A-Za-z0-9_]+' | sort -u >"$words"

complain() {
	echo "$1"
	bad=1
}

exists() {
	for from in . "$2" src include tests; do
		[ -e "$from/$1" ] && return 0
	done
	return 1
}

for text in $(scripts/tree.sh '*.md' 'docs/*.txt'); do
	count=$((count + 1))
	folder=$(dirname "$text")
	# Blocks of code are examples, not claims.
	prose=$(awk '/^```/ { inside = !inside; next } !inside' "$text")

	for path in $(echo "$prose" | grep -oE '`[A-Za-z0-9_.][A-Za-z0-9_./-]*`' |
		tr -d '`' | grep / | grep -vE '^(build|build-[a-z]+|[A-Z]+)?(/|$)' |
		sort -u); do
		exists "$path" "$folder" ||
			complain "$text: there is no $path"
	done
	for path in $(echo "$prose" | grep -oE '\]\([^)# ]+' | sed 's/^](//' |
		grep -vE '^[a-z]+:' | sort -u); do
		[ -e "$folder/$path" ] ||
			complain "$text: link to $path, which is not there"
	done
	for target in $(echo "$prose" | grep -oE '`make [a-z][a-z-]*' |
		sed 's/.* //' | sort -u); do
		grep -qE "^([a-z -]* )?$target( [a-z -]*)?:" Makefile ||
			complain "$text: the Makefile has no target $target"
	done
	[ "$text" != docs/compat.md ] || continue
	for name in $(echo "$prose" | grep -oE '`[A-Za-z_][A-Za-z0-9_]+\(\)`' |
		tr -d '`()' | sort -u); do
		grep -qx "$name" "$words" ||
			complain "$text: no source knows $name()"
	done
done
# A table that is not found would pass, so its rows are counted.
rows=$(sed -n 's/^| \([a-z]*\) |.*| `\(.*\)` |$/\1 \2/p' docs/words.md)
[ "$(echo "$rows" | wc -l)" -ge 20 ] || complain "docs/words.md: few rows"
while read -r word file; do
	grep -qiw "$word" "$file" || complain "docs/words.md: $file has no '$word'"
done <<END
$rows
END
scripts/comments.py || bad=1
[ $bad -ne 0 ] || echo "check-docs: $count texts"
exit $bad
