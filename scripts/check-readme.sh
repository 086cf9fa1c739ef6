#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-readme.sh : the README's program and picture are those of the tree.
set -eu
cd "$(dirname "$0")/.."

# block LANGUAGE : the first block of the README that opens like this
block() {
	awk -v open="\`\`\`$1" '
		inside && /^```/ { exit }
		inside { print }
		$0 == open { inside = 1 }' README.md
}

bad=0
[ "$(block c)" = "$(tail -n +3 examples/first-cache.c)" ] || {
	echo "README.md: its program is not examples/first-cache.c"
	bad=1
}
[ "$(block '')" = "$(cat docs/picture.txt)" ] || {
	echo "README.md: its picture is not docs/picture.txt"
	bad=1
}
[ $bad = 0 ] && echo "README: program and picture agree with the tree"
exit $bad
