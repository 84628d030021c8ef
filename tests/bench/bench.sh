#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What tracing costs and what the transports reach, against budgets and the last accepted run. Every
# measurement becomes a line of JSON, and analysis/bench.py makes medians and verdicts of them.
#
# bench.sh [OPTION...] [PART...]    all parts, or some of: turns throughput peers start memory machines
#   --rounds N        of everything that is timed (8)
#   --kernels "K..."  of the part machines, as scripts/vm.sh knows them ("6.12 newest")
#   --out DIR         where samples.jsonl and bench.json go (build/bench)
#   --baseline FILE   the accepted run (tests/bench/baseline.json)
#   --accept          makes this run the accepted one
#
# turns       nanoseconds that watch, and a bpftrace script, add to a message of a single thread: the cost itself
# throughput  a run, and a program under watch, over the same untraced: what a user notices
# peers       untraced transports over iperf3 and over bare loops: whether the traffic is worth tracing
# start       from exec to armed: what each use waits for
# memory      of the harness after 10,000 and 10,000,000 messages: whether it can run for long
# machines    the part turns in instructions, by each attach method, in machines that count these
#
# Exit status: 0; 1 when a number is worse than the accepted one beyond the noise of both, or a part could
# not be measured; 2 usage; 77 not root; 130 interrupted.
set -Eeuo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
bench=$root/tests/bench
export HARNESS=${HARNESS:-$root/harness}
rounds=8 kernels='6.12 newest' out=$root/build/bench accept=() sizes='64 4096 65536'
baseline=$bench/baseline.json
# seconds of a round, and of what has none
declare -A round_takes=([start]=1 [turns]=35 [throughput]=65 [peers]=14) takes=([memory]=30 [machines]=600)
# Where the two sides happen to run decides more than anything measured here: each has a processor.
pinned=() iperf_pinned=()
if [ "$(nproc)" -gt 1 ]; then
	pinned=(--cpus "0,1") iperf_pinned=(-A "0,1")
fi

die() {
	printf 'bench.sh: %s\n' "$1" >&2
	exit "${2-1}"
}

# What stands above, up to the first line that is no comment.
help() {
	sed -n '3,$ { /^#/! q; s/^# \{0,1\}//p }' "$0"
}

usage() {
	printf 'bench.sh: %s\n' "$1" >&2
	help >&2
	exit 2
}

progress() {
	printf 'after %d of about %d minutes: %s\n' $((SECONDS / 60)) $((estimate / 60 + 1)) "$*" >&2
}

# lost PART WHAT: what should have been measured and was not, and the last that was printed of it
lost() {
	jq -n -c --arg part "$1" --arg what "$2" --arg why "$(tail -n 1 "$work/errors")" \
		'{$part, $what, lost: ("no result: " + $why)}' >> "$out/samples.jsonl"
}

# ratios PART WHAT SIZE: of the messages a second in $work/ours over those in $work/theirs: objects with
# transport, repeat and rate, or why there is none
ratios() {
	jq -n -c --arg part "$1" --arg what "$2" --argjson size "$3" --slurpfile ours "$work/ours" \
		--slurpfile theirs "$work/theirs" 'if $ours == [] or $theirs == [] then error("nothing") else $ours[] as $our |
		$theirs[] | select(.transport == $our.transport and .repeat == $our.repeat) |
		{$part, $what, transport, $size} + if .lost // $our.lost then {lost: (.lost // $our.lost)}
		else {value: ($our.rate / .rate)} end end' >> "$out/samples.jsonl" 2>> "$work/errors" || lost "$1" "$2"
}

# rates TRACED: of the document of the harness on stdin, its runs that were traced, or those that were not
rates() {
	jq -c --argjson traced "$1" '.runs[] | select((.traced != []) == $traced) | {transport, repeat} +
		if .valid then {rate: (.messages / .seconds)} else {lost: .why_invalid[0]} end' 2>> "$work/errors" || true
}

part_turns() {
	local round
	for ((round = 1; round <= rounds; round++)); do
		progress "turns, round $round of $rounds"
		"$bench/turns.sh" host 1 5 6000 >> "$out/samples.jsonl" 2> "$work/errors" || lost turns host
	done
}

# How fast a connection is, is decided anew with each: many short runs tell more than few long ones, and
# each is one of a pair.
part_throughput() {
	local round size pieces=(--json --repeat 8 --seconds 0.1 --warm-up 0.04 "${pinned[@]}")
	for ((round = 1; round <= rounds; round++)); do
		progress "throughput, round $round of $rounds"
		for size in $sizes; do
			"$HARNESS" "${pieces[@]}" --size "$size" --baseline-runs > "$work/runs" 2> "$work/errors" || true
			rates true < "$work/runs" > "$work/ours"
			rates false < "$work/runs" > "$work/theirs"
			ratios throughput 'run / untraced' "$size"
			"$HARNESS" "${pieces[@]}" --size "$size" --trace none 2> "$work/errors" | rates false > "$work/theirs"
			"$HARNESS" watch --json --output "$work/ledger" -- "$HARNESS" "${pieces[@]}" --size "$size" --trace none \
				> "$work/runs" 2> "$work/errors" || {
				jq .why_invalid "$work/ledger" >> "$work/errors"
				: > "$work/runs"
			}
			rates false < "$work/runs" > "$work/ours"
			ratios throughput 'under watch / untraced' "$size"
		done
	done
}

# iperf SIZE: messages a second, received, of a server of its own
iperf() {
	local server
	timeout 30 iperf3 -s -1 -B 127.0.0.1 > "$work/server" 2>&1 &
	server=$!
	until ss -Htln 'sport = :5201' | grep -q . || ! kill -0 $server 2> /dev/null; do
		sleep 0.02
	done
	timeout 30 iperf3 -c 127.0.0.1 -l "$1" -t 1 -J "${iperf_pinned[@]}" 2>> "$work/errors" |
		jq --argjson size "$1" '.end.sum_received.bits_per_second / 8 / $size' || true
	wait $server || true
}

part_peers() {
	local round size transport rate transports='two_copy one_copy zero_copy'
	for ((round = 1; round <= rounds; round++)); do
		progress "peers, round $round of $rounds"
		for size in $sizes; do
			: > "$work/errors"
			"$HARNESS" --json --trace none --transport "${transports// /,}" --size "$size" --seconds 0.5 \
				"${pinned[@]}" 2>> "$work/errors" | rates false > "$work/ours"
			for transport in $transports; do
				"$root/build/tests/bench/bare" "$transport" "$size" 0.5 2>> "$work/errors" |
					jq -c --arg transport "$transport" '{$transport, repeat: 1, rate}' || true
			done > "$work/theirs"
			ratios peers 'untraced / bare loop' "$size"
			rate=$(iperf "$size")
			for transport in $transports; do
				jq -n -c --arg transport "$transport" --argjson rate "${rate:-null}" '{$transport, repeat: 1, $rate}'
			done > "$work/theirs"
			ratios peers 'untraced / iperf3' "$size"
		done
	done
}

part_start() {
	local round start
	for ((round = 1; round <= rounds; round++)); do
		progress "start, round $round of $rounds"
		start=${EPOCHREALTIME/[.,]/}
		"$HARNESS" --json --transport one_copy --messages 1 --size 64 2> "$work/errors" |
			jq -c --argjson start "$start" '{part: "start", unit: "ms"} +
			({what: "run, exec to armed", value: ((.runs[0].started_unix_us - $start) / 1000)},
			{what: "run, attaching", value: (.environment.attach_seconds * 1000)})' >> "$out/samples.jsonl" || lost start run
		start=${EPOCHREALTIME/[.,]/}
		# the command starts when the probes are armed
		# shellcheck disable=SC2016 # the inner shell's
		"$HARNESS" watch --json --output "$work/ledger" -- bash -c 'echo ${EPOCHREALTIME/[.,]/}' 2> "$work/errors" |
			jq -c --argjson start "$start" '{part: "start", what: "watch, exec to armed", unit: "ms",
			value: ((. - $start) / 1000)}' >> "$out/samples.jsonl" || lost start watch
	done
}

# Peak resident memory in kB of the harness alone, while it sends so many messages.
peak() {
	local process high=null now
	"$HARNESS" --json --transport two_copy --size 64 --messages "$1" > "$work/runs" 2> "$work/errors" &
	process=$!
	while read -r _ now _ < <(grep VmHWM "/proc/$process/status" 2> /dev/null); do
		high=$now
		sleep 0.02
	done
	wait $process || high=null
	echo "$high"
}

part_memory() {
	local few many
	progress 'memory'
	few=$(peak 10000) many=$(peak 10000000)
	jq -n -c --argjson few "$few" --argjson many "$many" \
		'{part: "memory", what: "peak, 10,000,000 messages / 10,000", value: ($many / $few)}' \
		>> "$out/samples.jsonl" 2>> "$work/errors" || lost memory peak
}

part_machines() {
	local kernel
	for kernel in $kernels; do
		progress "machines, Linux $kernel, counting instructions"
		VM_ENV=HARNESS "$root/scripts/vm.sh" --kernel "$kernel" --icount --memory 2048 --time-limit 1800 -- \
			"$bench/turns.sh" machine 2 1 800 2>&1 > "$work/machine" | tee "$work/errors" >&2 ||
			lost machines "Linux $kernel"
		grep '^{' "$work/machine" >> "$out/samples.jsonl" || true
	done
}

parts=()
while [ $# -gt 0 ]; do
	case $1 in
	--help | -h)
		help
		exit
		;;
	--rounds | --kernels | --out | --baseline)
		[ $# -gt 1 ] || usage "$1 wants a value"
		printf -v "${1#--}" %s "$2"
		shift
		;;
	--accept) accept=(--accept) ;;
	turns | throughput | peers | start | memory | machines) parts+=("$1") ;;
	*) usage "'$1': want an option, or a part: ${!round_takes[*]} ${!takes[*]}" ;;
	esac
	shift
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || usage "--rounds $rounds: want a whole number of at least 1"
[ "$(id -u)" = 0 ] || die 'run as root: sudo make bench' 77
"$root/scripts/dependencies.sh" --check test || exit 1
[ -x "$root/build/tests/bench/turns" ] || die "no $root/build/tests/bench/turns: make bench-programs"
[ ${#parts[@]} -gt 0 ] || parts=(start memory turns throughput peers machines)
estimate=0
for part in "${parts[@]}"; do
	estimate=$((estimate + rounds * ${round_takes[$part]-0} + ${takes[$part]-0}))
done
work=$(mktemp -d)
trap 'jobs -p | xargs -r kill 2> /dev/null || true; wait; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$out"
"$HARNESS" --json --trace none --transport one_copy --messages 1 --size 8 |
	jq -c '.environment | {kernel, cpu, cores, distribution, harness}' > "$out/samples.jsonl" ||
	die "$HARNESS does not run"
for part in "${parts[@]}"; do
	"part_$part"
done
/usr/bin/python3 -B "$root/analysis/bench.py" "$out/samples.jsonl" --json "$out/bench.json" \
	--baseline "$baseline" "${accept[@]}"
