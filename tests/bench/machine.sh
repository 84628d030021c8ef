#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Inside a machine under the instruction counter (scripts/vm.sh --icount): samples for bench.sh. One
# processor that never idles: a nanosecond of the guest is an instruction, whatever the host does.
#
# machine.sh KERNEL "SIZES" TRANSPORTS...     uses $HARNESS; those of one argument have the same programs
set -Eeuo pipefail
kernel=$1 sizes=$2
shift 2
groups=("$@")
here=$(dirname "$0")

# How small messages fall into packets and sleeps differs by a fifth within thousands of them: so runs are
# long. A message costs some thousand instructions and one for each few bytes, by which all take about as long.
# Of large ones, runs differ by how often their threads sleep, each time for some 9000 instructions: more rounds.
rounds=3 rounds_of_large=8
a_run=20000000

# Requests and answers: all runs take their steps alike, to some ten instructions, so few and short ones do.
request=16384 requests=1000

# measure MODE TRANSPORTS SIZE REPEAT MESSAGES KIND OPTION...      KIND: what the transports' names get
measure() {
	local mode=$1 transports=$2 size=$3 repeat=$4 messages=$5 kind=$6 twins=false
	shift 6
	[[ " $* " != *" --twins "* ]] || twins=true
	"$HARNESS" --json --transport "$transports" --size "$size" --repeat "$repeat" --warm-up 0.01 \
		--messages "$messages" "$@" > /tmp/runs || true
	jq -c --arg kernel "$kernel" --arg mode "$mode" --arg kind "$kind" --argjson twins $twins '.runs[] |
		{part: "machine", kernel: $kernel, round: .repeat, transport: (.transport + $kind),
		size: .message_bytes,
		mode: (if .traced == [] and $twins then "untraced beside " + $mode else $mode end)} +
		if .valid then {instructions: (.seconds * 1e9 / .messages)} else {lost: .why_invalid[0]} end' /tmp/runs
}

# instructions MODE TRANSPORTS OPTION...
instructions() {
	local mode=$1 transports=$2 size repeat messages
	shift 2
	for size in $sizes; do
		repeat=$rounds messages=$((a_run / (1000 + size / 8)))
		[ "$size" -lt 65536 ] || repeat=$rounds_of_large messages=$((messages / 2))
		measure "$mode" "$transports" "$size" $repeat $messages "" "$@"
	done
	measure "$mode" "$transports" $request $rounds $requests " rr" --mode rr "$@"
}

# beside NAME TRANSPORTS COMMAND...: with something that says "ready" and runs beside
beside() {
	local name=$1 transports=$2 tracer i
	shift 2
	# what is started so ignores Ctrl-C otherwise
	env --default-signal=INT "$@" > /tmp/tracer 2>&1 &
	tracer=$!
	for ((i = 0; i < 1200; i++)); do
		! grep -q ready /tmp/tracer || break
		kill -0 $tracer 2> /dev/null || break
		sleep 0.1
	done
	grep -q ready /tmp/tracer || {
		grep -v '^$' /tmp/tracer | tail -n 1 >&2
		exit 1
	}
	instructions "$name" "$transports" --trace none
	kill -INT $tracer
	wait $tracer || true
}

all=$(
	IFS=,
	echo "${groups[*]}"
)
instructions untraced "$all" --trace none
for way in auto fentry kprobe tracepoint; do
	"$HARNESS" --attach $way --transport one_copy --messages 1 --size 8 > /dev/null 2>&1 || continue
	instructions $way "$all" --trace all --attach $way --twins
	for group in "${groups[@]}"; do
		beside "idle $way" "$group" "$here/idle.sh" $way "$group"
	done
done

mount -t tracefs none /sys/kernel/tracing 2> /dev/null || true
mount -t debugfs none /sys/kernel/debug 2> /dev/null || true
beside bpftrace "$all" bpftrace -B none "$("$here/script.sh")"
cat "$("$here/script.sh")" "$here/attempts.bt" > /tmp/attempts.bt
beside 'bpftrace for fentry' "$all" bpftrace -B none /tmp/attempts.bt
