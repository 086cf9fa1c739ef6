#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# run.sh [LIBFUZZER_OPTION...] : the fuzzer in build-fuzz, on the corpus.
#
# New inputs go to build-fuzz/corpus; corpus.txt is left as it is unless KEEP=1,
# which makes it again from the inputs that together reach what all of them
# reach.  A finding is left in build-fuzz/found-*.  Without clang's libFuzzer
# the exit status is 77.
set -eu
cd "$(dirname "$0")/../.."

probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
echo 'int LLVMFuzzerTestOneInput(const char *p, long n) { return p && n < 0; }' \
	>"$probe/probe.c"
if ! clang -fsanitize=fuzzer,address -o "$probe/probe" "$probe/probe.c" \
	2>/dev/null; then
	echo "fuzz: clang's libFuzzer is not here: apt-get install clang libclang-rt-14-dev" >&2
	exit 77
fi

CC=clang scripts/build.sh build-fuzz -Dfuzz=true -Db_sanitize=address \
	-Db_lundef=false -- fuzz-ops >&2
mkdir -p build-fuzz/corpus
rm -rf build-fuzz/seeds
mkdir build-fuzz/seeds
tests/fuzz/corpus.py unpack build-fuzz/seeds

export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:detect_stack_use_after_return=0:allow_user_poisoning=0
run() {
	build-fuzz/fuzz-ops -artifact_prefix=build-fuzz/found- -timeout=60 \
		-rss_limit_mb=4096 "$@"
}

if [ "${KEEP-}" = 1 ]; then
	rm -rf build-fuzz/kept
	mkdir build-fuzz/kept
	run -max_len=512 -set_cover_merge=1 build-fuzz/kept build-fuzz/seeds \
		build-fuzz/corpus
	tests/fuzz/corpus.py pack build-fuzz/kept
	ls -l tests/fuzz/corpus.txt
else
	run -max_len=2048 "$@" build-fuzz/corpus build-fuzz/seeds
fi
