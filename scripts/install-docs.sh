#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# install-docs.sh MAN3 HTML : run by meson install; copies the API reference
# into these two folders if `make docs` has built it.
set -eu

docs=$MESON_BUILD_ROOT/docs
[ -d "$docs/man" ] || exit 0
mkdir -p "${DESTDIR:-}$1" "${DESTDIR:-}$2"
cp "$docs"/man/*.3 "${DESTDIR:-}$1"
cp -R "$docs"/html/. "${DESTDIR:-}$2"
