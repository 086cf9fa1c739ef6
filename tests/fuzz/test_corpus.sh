#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# test_corpus.sh BUILD : every input of the corpus once, with memory enough
# and with little, then a few seconds of fuzzing from there.
set -u
cd "$(dirname "$0")/../.." || exit 1

try() {
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$log" 2>&1; then
		echo "ok $n - $name"
	elif [ $? -eq 77 ]; then
		echo "ok $n - $name # SKIP no clang libFuzzer"
		skipped=$((skipped + 1))
	else
		tail -n 60 "$log" | sed 's/^/# /'
		echo "not ok $n - $name"
		failed=1
	fi
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
n=0
failed=0
skipped=0
try "the corpus" tests/fuzz/run.sh -runs=0
try "the corpus with 12 MiB" env FUZZ_MEM=12M tests/fuzz/run.sh -runs=0
try "five seconds from there" tests/fuzz/run.sh -max_total_time=5
echo "1..$n"
[ $failed -eq 0 ] || exit 1
[ $skipped -lt $n ] || exit 77
