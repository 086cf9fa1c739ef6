#!/bin/sh
# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# check-spdx.sh : every file says in its first lines whose it is and under
# which licence; the tree holds neither binaries nor generated files, and its
# files have plain names.
# Files whose format has no comment have both lines in NAME.license, or in
# .license of their folder.
set -eu
cd "$(dirname "$0")/.."

bad=0
count=0
# Others would be quoted here, or cut in two.
if scripts/tree.sh | grep -v '^[A-Za-z0-9._/-]*$'; then
	echo "a file's name has other characters than A-Z a-z 0-9 . _ / -"
	bad=1
fi
for file in $(scripts/tree.sh); do
	case $file in
	LICENSE) continue ;;
	*.o | *.a | *.so | *.so.* | *.pyc | *.gch | *.orig | *.rej)
		echo "$file: a generated file"
		bad=1
		continue
		;;
	esac
	[ -s "$file" ] || continue
	if ! grep -Iq . "$file"; then
		echo "$file: a binary file"
		bad=1
		continue
	fi
	if [ "$(wc -c <"$file")" -gt 1048576 ]; then
		echo "$file: over 1 MiB"
		bad=1
	fi
	count=$((count + 1))
	for where in "$file" "$file.license" "$(dirname "$file")/.license"; do
		[ -f "$where" ] || continue
		head=$(head -n 6 "$where")
		case $head in
		*SPDX-License-Identifier:\ MIT*SPDX-FileCopyrightText:*)
			continue 2 ;;
		esac
	done
	echo "$file: the two SPDX lines are missing"
	bad=1
done
[ $bad -ne 0 ] || echo "check-spdx: $count files"
exit $bad
