#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# kmem-procfs.sh PID COMMAND [ARGUMENT...]
#
# Runs the system's own tools on a process that is on libkmem:
#
#	kmem-procfs.sh 1234 slabtop
#	kmem-procfs.sh 1234 vmstat -m
#
# The process's table lies over /proc/slabinfo, in a mount namespace that
# COMMAND alone is in, and is written again every second.  KMEM names the kmem
# command; else it is looked for in build/ and in PATH.
#
# Exit status: COMMAND's own; 125 when it could not be run, 77 when this
# machine has no /proc/slabinfo to mount over, or forbids mounts.
set -u

say() {
	echo "kmem-procfs.sh: $*" >&2
}

if [ $# -lt 2 ]; then
	say "usage: kmem-procfs.sh PID COMMAND [ARGUMENT...]"
	exit 125
fi
pid=$1
shift
kmem=${KMEM:-$(dirname "$0")/../build/kmem}
[ -x "$kmem" ] || kmem=$(command -v kmem) || {
	say "there is no kmem; build it with 'make', or set KMEM to its path"
	exit 125
}

# As root of a user namespace of its own, where mounting is not allowed
# otherwise.
unshare="unshare -m"
[ "$(id -u)" -eq 0 ] || unshare="unshare -r -m"
if [ ! -e /proc/slabinfo ]; then
	say "this machine has no /proc/slabinfo to mount over"
	exit 77
fi

folder=$(mktemp -d) || exit 125
updater=
trap 'rm -rf "$folder"; [ -z "$updater" ] || kill "$updater" 2>/dev/null' EXIT
trap 'exit 130' INT TERM HUP
table=$folder/slabinfo
"$kmem" slabinfo --raw "$pid" >"$table" || exit 125
chmod 644 "$table"
if ! $unshare mount --bind "$table" /proc/slabinfo 2>"$folder/why"; then
	say "mounts are forbidden here: $(cat "$folder/why")"
	exit 77
fi

# The same file, because a mount shows the file and not its name: written in
# one piece over what was there, then cut to its length.
update() {
	while sleep 1 && "$kmem" slabinfo --raw "$pid" >"$folder/new" \
		2>/dev/null; do
		cat "$folder/new" 1<>"$table"
		truncate -r "$folder/new" "$table"
	done
}
update &
updater=$!

# shellcheck disable=SC2016 # the inner shell expands them
$unshare sh -c 'mount --bind "$0" /proc/slabinfo && exec "$@"' "$table" "$@"
