#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# matrix.sh: the table of docs/matrix.md, from tests/system/attached.table, by which the tests judge.
set -u
table=${0%/*}/system/attached.table

# row KERNEL KIND
row() {
	awk -v kernel="$1" -v kind="$2" '$1 == kernel && $2 == kind { $1 = $2 = ""; sub(/^ +/, ""); print }' "$table"
}

# cell KERNEL METHOD: what the tests want of it
cell() {
	local code why
	if [ "$(row "$1" "$2")" = refused ]; then
		read -r code why <<< "$(row "$1" "$2_refused")"
		echo "refused (\`$code\`): $why"
	elif [ "$2$(row "$1" tap_by_tracepoint)" = tracepointunknown ]; then
		echo "exact; \`tap_copy\` unknown"
	elif [ "$2" = kprobe ] || [ -n "$(row "$1" retries)" ]; then
		echo "exact, with retries"
	else
		echo exact
	fi
}

# chosen KERNEL: the methods that --attach auto mixes, by the names of what attaches with it
chosen() {
	local method programs
	for method in fentry tracepoint kprobe; do
		[ "$(row "$1" auto)" != "$(row "$1" $method)" ] || {
			echo $method
			return
		}
	done
	programs=$(row "$1" auto | tr ' ' '\n' | grep -v '^send_call')
	{
		! grep -qE '_(enter|exit)$' <<< "$programs" || echo fentry
		! grep -qxE 'datagram_iovec|page_alloc' <<< "$programs" || echo tracepoint
		! grep -qE '_(probe|return)$' <<< "$programs" || echo kprobe
	} | paste -sd, | sed 's/,/, /g'
}

echo "| kernel | fentry | kprobe | tracepoint | without \`--attach\` | why retries |"
echo "|---|---|---|---|---|---|"
awk '$2 == "auto" { print $1 }' "$table" | while read -r kernel; do
	echo "| $kernel | $(cell "$kernel" fentry) | $(cell "$kernel" kprobe) | $(cell "$kernel" tracepoint) |" \
		"$(chosen "$kernel") | $(row "$kernel" retries) |"
done
code=not_own_btf
echo "| each, with \`--btf FILE\` | refused (\`$code\`): it needs the kernel's own BTF | as above | as above | tracepoint, kprobe | |"
