#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-model.sh [BUILD] : spin finds no fault in tests/model/mempool.pml, in
# any scene, and finds one in each scene with a line left out or turned round.
set -eu
cd "$(dirname "$0")/.."

command -v spin >/dev/null || { echo "no spin"; exit 77; }
command -v gcc >/dev/null || { echo "no gcc"; exit 77; }

model=$PWD/tests/model/mempool.pml
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# SCENE [MUTATION]: its verdict is the number of errors, in a file of its own.
cat >"$tmp/one" <<'END'
set -eu
model=$1 dir=$2/$3 flags=-DSCENE=${3%:*}
mkdir "$dir"
cd "$dir"
optimise=-O1
[ "${3#*:}" = "" ] || flags="$flags -D${3#*:}" optimise=-O0
spin -a $flags "$model" >log 2>&1
gcc $optimise -w -DSAFETY -DNOFAIR -o pan pan.c >>log 2>&1
./pan -m100000 -n >>log 2>&1
sed -n 's/.*depth reached .*, errors: \([0-9]*\).*/\1/p' log >errors
grep -q 'search was not completed\|too small\|out of memory' log &&
	! grep -q 'errors: [1-9]' log && echo unfinished >errors
:
END

scenes=$(sed -n 's/^#\(el\)\{0,1\}if SCENE == \([0-9]*\).*/\2:/p' "$model")
# Each line of the protocol, and a scene that needs it.
mutations='
1:FREE_LOOKS_FIRST
2:WAIT_LOOKS_FIRST
2:WAIT_DOES_NOT_LOOK
2:NEXT_SLEEPS_ON
2:THIEF_DOES_NOT_LOOK
3:PLACE_BACK_FIRST
5:PLACE_IN_TWO_STEPS
5:SLOT_FIRST
7:NO_TRIM_AFTER
7:TRIM_DOES_NOT_LOOK
9:LAST_DOES_NOT_TRIM
'
for name in $(grep -o 'defined([A-Z_]*)' "$model" | tr -d '()' |
	sed 's/^defined//' | sort -u); do
	[ "$name" = HANDLERS ] || echo "$mutations" | grep -q ":$name\$" || {
		echo "check-model: no scene is tried with $name"
		exit 1
	}
done

printf '%s\n' $scenes $mutations |
	xargs -P "$(nproc)" -n 1 sh "$tmp/one" "$model" "$tmp"

status=0
for job in $scenes $mutations; do
	errors=$(cat "$tmp/$job/errors")
	states=$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1/p' "$tmp/$job/log")
	echo "check-model: $job $states states, errors: ${errors:-?}"
	case $job:$errors in
	*::0 | *:*[A-Z]:[1-9]*) ;;
	*)
		sed 's/^/	/' "$tmp/$job/log"
		status=1
		;;
	esac
done
exit $status
