#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What each tracer adds to a message that one thread sends and receives by turns (turns.c): samples for
# bench.py. Here in nanoseconds; in a machine that counts instructions (scripts/vm.sh --icount), in these.
#
# turns.sh PLACE ROUNDS TRIES MESSAGES     PLACE: host or machine, which is named by its kernel
#
# A host's neighbours slow it down by a third from one second to the next, so both sides of a pair are tried
# so many times by turns, and the fastest batch of each counts. A machine that counts instructions has no
# neighbours, so all messages count, and one try is enough.
set -Eeuo pipefail
place=$1 rounds=$2 tries=$3 messages=$4
here=$(cd "$(dirname "$0")" && pwd)
harness=${HARNESS:-$here/../../harness}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unit=instructions methods='auto fentry kprobe tracepoint'
# where auto is tracepoints
if [ "$place" = host ]; then
	unit=ns methods=tracepoint
else
	place=$(uname -r | sed 's/[-+].*//')
fi
turns=("$(type -P taskset)" -c "$(($(nproc) - 1))" "$here/../../build/tests/bench/turns" "$messages" 64 4096 65536)

# The scripts name tracepoints that TCP has from Linux 6.16 on, and functions that a kernel without kprobes refuses.
scripts() {
	[ ! -e /sys/bus/event_source/devices/kprobe ] || echo kprobes
	[ ! -d /sys/kernel/tracing/events/tcp/tcp_sendmsg_locked ] || echo tracepoints
}

# Bytes that were received, by the tracer's own account: a tracer that does not count costs nothing.
counted() {
	jq '[.runs[].sites.receive_copy.bytes] | add' "$work/account" 2> /dev/null ||
		awk -F ': ' '/^@receive_copy/ { sum += $2 } END { print sum + 0 }' "$work/account"
}

# pair ROUND NAME TRACER...: the turns alone, and the same turns started by a tracer
pair() {
	local round=$1 name=$2 try status
	shift 2
	rm -f "$work/plain" "$work/traced"
	touch "$work/traced"
	for ((try = 0; try < tries; try++)); do
		"${turns[@]}" >> "$work/plain"
		status=0
		"$@" > "$work/try" 2> "$work/errors" || status=$?
		[ $status != 77 ] || return 0
		if [ "$(jq -s 'map(.bytes) | add' "$work/try")" -le "$(counted)" ]; then
			cat "$work/try" >> "$work/traced"
		else
			echo 'it did not count every byte' >> "$work/errors"
		fi
	done
	jq -n -c --arg name "$name" --arg place "$place" --arg unit "$unit" --argjson round "$round" \
		--slurpfile plain "$work/plain" --slurpfile traced "$work/traced" '
		def fastest: group_by(.transport, .size)[] | {transport: .[0].transport, size: .[0].size,
			messages: (map(.messages) | add), switches: (map(.switches) | add),
			ns: (if $unit == "ns" then map(.fastest_ns) | min else (map(.cpu_ns) | add) / (map(.messages) | add) end)};
		def slept: .switches > .messages / 100;
		if $traced == [] or ($plain | length) != ($traced | length) then error("no result") else
			[$plain, $traced | [fastest]] | transpose[] | {part: "turns", what: ("added by " + $name), place: $place,
			transport: .[0].transport, size: .[0].size, round: $round, unit: $unit} +
			if any(slept) then {lost: "the thread slept"} else {value: (.[1].ns - .[0].ns), plain: .[0].ns} end end' ||
		jq -n -c --arg what "added by $name" --arg place "$place" --arg why "$(tail -n 1 "$work/errors")" \
			'{part: "turns", $what, $place, lost: $why}'
}

# Both file systems may not be mounted; a namespace of its own has them.
if [ "${1-}" != "${IN_NAMESPACE-}" ]; then
	IN_NAMESPACE=$1 exec unshare -m "$0" "$@"
fi
mount -t tracefs none /sys/kernel/tracing 2> /dev/null || true
mount -t debugfs none /sys/kernel/debug 2> /dev/null || true
mapfile -t scripts < <(scripts)
for ((round = 1; round <= rounds; round++)); do
	for method in $methods; do
		pair $round "$method" "$harness" watch --json --output "$work/account" --attach "$method" -- "${turns[@]}"
	done
	for script in "${scripts[@]}"; do
		pair $round "bpftrace $script" bpftrace -B none -o "$work/account" -c "${turns[*]}" "$here/$script.bt"
	done
	echo "turns: $place, round $round of $rounds" >&2
done
