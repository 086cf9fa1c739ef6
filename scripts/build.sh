#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# build.sh FOLDER [MESON_OPTION...] [-- NINJA_ARGUMENT...]
#
# Sets a build folder up when it is new, again when a source file came or
# went or an option differs, then runs ninja in it.  One at a time in a
# folder: ninja has no lock of its own.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
folder=$1
shift
options=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	options="$options $1"
	shift
done
[ $# -eq 0 ] || shift

meson=/usr/bin/meson
[ -x $meson ] || meson=meson

mkdir -p "$folder"
exec 9>"$folder/.lock"
if ! flock -n 9; then
	echo "Waiting for another build in $folder ..." >&2
	flock 9
fi

/usr/bin/python3 "$root/scripts/sources.py" all >"$folder/.files.new"
if [ ! -f "$folder/build.ninja" ]; then
	# shellcheck disable=SC2086 # options are words
	$meson setup "$folder" "$root" $options >"$folder/.setup" || {
		cat "$folder/.setup" >&2
		exit 1
	}
	echo "$options" >"$folder/.options"
elif [ -n "$options" ] && [ "$options" != "$(cat "$folder/.options")" ] ||
	! cmp -s "$folder/.files" "$folder/.files.new"; then
	[ -n "$options" ] || options=$(cat "$folder/.options")
	# shellcheck disable=SC2086
	$meson setup --reconfigure "$folder" "$root" $options \
		>"$folder/.setup" || {
		cat "$folder/.setup" >&2
		exit 1
	}
	echo "$options" >"$folder/.options"
fi
mv "$folder/.files.new" "$folder/.files"

tty=0
[ ! -t 1 ] || tty=1

# ninja's own output, without the command of a compile that failed (it is in
# compile_commands.json) and with the list of what failed at the end.
{ ninja -C "$folder" "$@" 9>&- || echo "build.sh status $?"; } |
	awk -v tty=$tty '
	/^build.sh status/	{ status = $3; next }
	skip			{ skip = 0; next }
	/^FAILED: /		{ failed[++n] = $2; skip = 1
				  print (tty ? "\r\033[K" : "") $0; next }
	/^ninja: (Entering|no work|build stopped)/ { next }
	tty && /^\[[0-9]/	{ printf "\r\033[K%.78s", $0; fflush(); open = 1
				  next }
				{ print (open ? "\r\033[K" : "") $0; open = 0
				  fflush() }
	END			{ if (open) printf "\r\033[K"
				  for (i = 1; i <= n; i++)
					print "failed: " failed[i]
				  exit status }'
