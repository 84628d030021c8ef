#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside a machine under the instruction counter (scripts/vm.sh --icount): instructions a message, as rows
# for scripts/bench.sh. One processor, no idle: a nanosecond of the run is an instruction.
#
# machine.sh HARNESS KERNEL "SIZES" "TRANSPORTS" [BPFTRACE_SCRIPT]
set -Eeuo pipefail
harness=$1 kernel=$2 sizes=$3 transports=$4 script=${5-}

# instructions TRACE TRANSPORT SIZE [OPTION...]: the median of three, as the two processes do not always
# take turns alike; enough messages that waking up at the start does not matter.
instructions() {
	for _ in 1 2 3; do once "$@"; done | jq -s 'sort | .[1]'
}

once() {
	local trace=$1 transport=$2 size=$3 messages
	shift 3
	messages=$((size < 1024 ? 20000 : size < 16384 ? 5000 : 1000))
	"$harness" --trace "$trace" --transport "$transport" --size "$size" --messages $messages --json "$@" |
		jq '.runs[0] | select(.valid) | .seconds * 1e9 / .messages | round'
}

# row WHAT TRANSPORT SIZE INSTRUCTIONS [LIMIT]
row() {
	jq -n -c --arg what "$kernel: $1" --arg transport "$2" --argjson size "$3" --argjson value "${4:-null}" \
		--arg unit "$5" --argjson limit "${6:-null}" '{part: "machine", $what, $transport, $size, $value, $unit, $limit}'
}

declare -A plain added
for size in $sizes; do for transport in $transports; do
	plain[$transport,$size]=$(instructions none "$transport" "$size")
	row untraced "$transport" "$size" "${plain[$transport,$size]}" instructions
	row 'untraced again, ratio' "$transport" "$size" \
		"$(jq -n "$(instructions none "$transport" "$size") / ${plain[$transport,$size]}")" ratio
done; done
for way in fentry kprobe tracepoint; do
	"$harness" --attach $way --transport one_copy --messages 1 --size 8 >/dev/null 2>&1 || continue
	for size in $sizes; do for transport in $transports; do
		all=$(instructions all "$transport" "$size" --attach $way)
		added[$way,$transport,$size]=$((all - plain[$transport,$size]))
		row "added by the harness, $way" "$transport" "$size" "${added[$way,$transport,$size]}" instructions
	done; done
done
[ -n "$script" ] || exit 0

mkdir -p /tmp/bench
mount -t tracefs none /sys/kernel/tracing 2>/dev/null || true
mount -t debugfs none /sys/kernel/debug 2>/dev/null || true
bpftrace -B none "$script" >/tmp/bench/out 2>/tmp/bench/err &
tracer=$!
for ((i = 0; i < 1200; i++)); do
	! grep -q ready /tmp/bench/out || break
	kill -0 $tracer 2>/dev/null || break
	sleep 0.1
done
if ! grep -q ready /tmp/bench/out; then
	tail -n 5 /tmp/bench/err >&2
	row 'bpftrace does not start' - 0 null instructions
	exit 1
fi
for size in $sizes; do for transport in $transports; do
	peer=$(($(instructions none "$transport" "$size") - plain[$transport,$size]))
	row 'added by bpftrace' "$transport" "$size" "$peer" instructions
	for way in fentry kprobe tracepoint; do
		[ -z "${added[$way,$transport,$size]-}" ] || row "added, harness $way / bpftrace" "$transport" "$size" \
			"$(jq -n "${added[$way,$transport,$size]} / $peer")" ratio 0.1
	done
done; done
kill -INT $tracer
wait $tracer || true
