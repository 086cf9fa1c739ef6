#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# lint.sh BUILD_FOLDER : clang-tidy, sparse, codespell, shellcheck.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
status=0

echo "== clang-tidy"
scripts/tree.sh 'src/*.c' 'tools/*.c' | grep -v -e /port/fake/ -e /port/bare/ |
	xargs -P 2 -n 4 clang-tidy --quiet -p "$build" 2>/dev/null || status=1

echo "== sparse"
layers=$(grep -v '^#' src/layers.txt | grep -v '^front$')
# shellcheck disable=SC2086
scripts/sources.py src $layers | grep -v -e /port/linux/ -e /port/fake/ -e /port/bare/ |
	xargs -n 1 sparse -std=gnu11 -Wsparse-error -Wbitwise -Wno-decl \
		-DKMEM_DEBUG=0 -Isrc -Iinclude || status=1

echo "== codespell"
# shellcheck disable=SC2046
codespell -L 'alloced,statics,ue,nd' \
	$(scripts/tree.sh '*.c' '*.h' '*.md' '*.py' '*.sh') || status=1

echo "== shellcheck"
# shellcheck disable=SC2046
shellcheck -e SC2016,SC2046,SC2086,SC2116,SC2317 .ci/run $(scripts/tree.sh '*.sh') || status=1
exit $status
