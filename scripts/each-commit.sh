#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# each-commit.sh [RANGE] : builds every commit of a range (main..HEAD) and
# runs its unit tests, oldest first, in a work tree of its own.
set -eu
cd "$(dirname "$0")/.."

range=${1:-main..HEAD}
work=$(mktemp -d)
trap 'git worktree remove --force "$work/tree"; rm -rf "$work"' EXIT
git worktree add -q --detach "$work/tree"

commits=$(git rev-list --reverse "$range")
[ -n "$commits" ] || {
	echo "each-commit: no commit in $range"
	exit 0
}
for commit in $commits; do
	git -C "$work/tree" checkout -q "$commit"
	git log -1 --format='== %h %s' "$commit"
	(cd "$work/tree" && scripts/build.sh build -Dwerror=true &&
		scripts/test.py --builds gcc 'unit-*') >"$work/log" 2>&1 || {
		tail -n 40 "$work/log"
		echo "each-commit: $commit fails"
		exit 1
	}
	tail -n 1 "$work/log"
done
