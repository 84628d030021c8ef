#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# attached.sh: what attaches on the running kernel, as the rows of tests/system/attached.table.
#
# It only measures. That these rows are right is for a person to judge, against docs and DESIGN.
set -u
: "${HARNESS:=$(cd "${0%/*}/.." && pwd)/harness}"

# shellcheck source=tests/kernel.bash
. "${0%/*}/kernel.bash"
kernel=$(kernel_name)
document=$(mktemp)
trap 'rm -f "$document"' EXIT

for method in fentry kprobe tracepoint auto; do
	status=0
	"$HARNESS" --attach $method --warm-up 0 --trace copies,sched --transport zero_copy --messages 20 --json \
		> "$document" 2> /dev/null || status=$?
	if [ $status -eq 77 ]; then
		echo "$kernel $method refused"
	else
		jq -r --arg row "$kernel $method" '
			"\($row) \([.probes[] | select(.status == "attached").program] | unique | join(" "))"' "$document"
	fi
done
