#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# rooms.sh [DIR]: the includes of DIR (user/) point down only, and never in a circle.
#
# A room may include itself and rooms of a lower level. Two rooms of one level do not see each other.
# Names of files are unique over all rooms. Prints what breaks this; exits 1 if anything does.
set -u
cd "${1:-$(dirname "$0")/../../user}" || exit 2

# FILE HEADER, a line for each include of a file of ours
includes() {
	grep -rE --include='*.[ch]' '^#include "[a-z]+/[a-z_/]+\.h"' . |
		sed -nE '/"bpf\//d; s|^\./([^:]*):#include "(.*)".*|\1 \2|p'
}

broken=0
includes | awk '
	BEGIN {
		split("base:0 host:1 net:2 traffic:3 tracer:3 ledger:4 output:5 run:6 watch:6 doctor:6 main.c:7", rooms)
		for (i in rooms) { split(rooms[i], room, ":"); level[room[1]] = room[2] }
	}
	{
		split($1, file, "/"); split($2, header, "/"); from = file[1]; to = header[1]
		if (from == to || (from in level && to in level && level[from] > level[to]))
			next
		print $1 " includes " $2 ": " from " must not depend on " to
		bad = 1
	}
	END { exit bad }' || broken=1
includes | grep '\.h ' | tsort > /dev/null || broken=1
twice=$(find . -name '*.[ch]' -printf '%f\n' | sort | uniq -d)
if [ -n "$twice" ]; then
	echo "in two rooms: $twice"
	broken=1
fi
exit $broken
