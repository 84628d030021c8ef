#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# rooms.sh [DIR]: the includes of DIR (user/) point down only, and never in a circle.
#
# A room may include itself and rooms of a lower level. Two rooms of one level do not see each other.
# Names of files are unique over all rooms. Prints what breaks this; exits 1 if anything does.
set -u
cd "${1:-$(dirname "$0")/../../user}" || exit 2

level() {
	case $1 in
	base) echo 0 ;;
	host) echo 1 ;;
	net) echo 2 ;;
	traffic | tracer) echo 3 ;;
	ledger) echo 4 ;;
	output) echo 5 ;;
	run | watch | doctor) echo 6 ;;
	main.c) echo 7 ;;
	esac
}

# FILE HEADER, a line for each include of a file of ours
includes() {
	find . -name '*.[ch]' -printf '%P\n' | while read -r file; do
		sed -nE 's/^#include "([a-z]+\/[a-z_/]+\.h)"/\1/p' "$file" | grep -v '^bpf/' | sed "s|^|$file |"
	done
}

broken=0
while read -r file header; do
	from=${file%%/*} to=${header%%/*}
	[ "$from" != "$to" ] || continue
	if [ -z "$(level "$from")" ] || [ -z "$(level "$to")" ] || [ "$(level "$from")" -le "$(level "$to")" ]; then
		echo "$file includes $header: $from must not depend on $to"
		broken=1
	fi
done < <(includes)
includes | grep '\.h ' | tsort > /dev/null || broken=1
twice=$(find . -name '*.[ch]' -printf '%f\n' | sort | uniq -d)
if [ -n "$twice" ]; then
	echo "in two rooms: $twice"
	broken=1
fi
exit $broken
