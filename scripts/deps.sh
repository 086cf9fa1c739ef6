#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# deps.sh GROUP... : installs the packages of these groups of packages.txt
# that are missing.  When nothing is missing, neither apt nor the network is
# touched.  Services are neither started nor enabled.
set -eu

here=$(dirname "$0")
list=$here/packages.txt

wanted=
for group; do
	found=$(awk -v g="$group" '$1 == g { print $2 }' "$list")
	if [ -z "$found" ]; then
		echo "deps.sh: no group '$group' in $list" >&2
		exit 2
	fi
	wanted="$wanted $found"
done

if ! command -v dpkg-query >/dev/null; then
	echo "deps.sh: this is not Debian; going on in the hope that there is:" \
		"$(echo $wanted)" >&2
	exit 0
fi

missing=
for package in $(printf "%s\n" $wanted | sort -u); do
	status=$(dpkg-query -W -f='${db:Status-Status}' "$package" \
		2>/dev/null || :)
	[ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

install="apt-get install -y --no-install-recommends$missing"

if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }
then
	as_root="sudo"
else
	cat >&2 <<-END
	These Debian packages are needed and not installed:
	   $missing
	Installing them takes root, and there is no sudo here.  Please run, as root:

	    apt-get update && $install

	and then the same make command again.
	END
	exit 1
fi

echo "Installing:$missing"

apt() {
	# No package of the list brings a service.
	$as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -y -q -o Dpkg::Use-Pty=0 "$@"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The package lists of a fresh machine are empty or old: look again only then.
if ! apt install --no-install-recommends $missing >"$log" 2>&1; then
	if ! { apt update && apt install --no-install-recommends $missing; } \
		>"$log" 2>&1; then
		cat "$log" >&2
		echo >&2
		echo "deps.sh: apt could not install them; the command was:" >&2
		echo "    apt-get update && $install" >&2
		exit 1
	fi
fi
