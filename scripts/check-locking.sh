#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-locking.sh [--print] : the table of docs/locking.md says what the
# sources say.
#
# A row is rank, name and comment of enum lock_rank in src/sync/lock.h, and
# the layers that name the rank.  --print writes the rows as they should be.
set -eu
cd "$(dirname "$0")/.."

rows() {
	sed -n '/^enum lock_rank {/,/^};/p' src/sync/lock.h |
		sed -n 's,^[[:space:]]*\(LOCK_[A-Z]*\),\1,p' |
		sed 's,^\([A-Z_]*\)[^/]*/\* *\(.*[^ ]\) *\*/.*,\1|\2,' |
		grep '|' | {
		rank=0
		while IFS='|' read -r name what; do
			layers=$(grep -lw "$name" src/*/*.c |
				grep -v '^src/sync/lock\.c$' |
				sed 's,^src/\([a-z]*/\).*,\1,' | sort -u |
				paste -sd, | sed 's/,/, /g')
			echo "| $rank | $name | $what | ${layers:-(a word of its own)} |"
			rank=$((rank + 1))
		done
	}
}

if [ "${1-}" = --print ]; then
	rows
	exit 0
fi

want=$(mktemp)
have=$(mktemp)
trap 'rm -f "$want" "$have"' EXIT
rows >"$want"
grep '^| [0-9]* | LOCK_' docs/locking.md >"$have" || :
[ -s "$want" ] || {
	echo "check-locking: found no enum lock_rank in src/sync/lock.h"
	exit 1
}
if ! diff -u --label docs/locking.md --label sources "$have" "$want"; then
	echo "check-locking: put the output of $0 --print into docs/locking.md"
	exit 1
fi
echo "check-locking: $(wc -l <"$want") ranks"
