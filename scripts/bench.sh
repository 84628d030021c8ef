#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What tracing costs and what the transports reach, as ratios, beside the budgets of the design.
#
# bench.sh [OPTION...] [PART...]   all parts, or some of: trace bpftrace peers start memory scale machine
#   --harness FILE    the program (./harness)
#   --against FILE    part `trace`: another build instead of the same one untraced; a ratio above 1 says
#                     that FILE is slower. No budget.
#   --pairs N         measurements of each side, interleaved A B B A (8)
#   --seconds S       of each measurement, whole numbers for iperf3 (1)
#   --sizes "N..."    bytes of a message ("64 512 4096 65536")
#   --transports "T..."  ("two_copy eight_sends one_copy zero_copy")
#   --kernels "K..."  machines for the part `machine` ("6.1 6.12")
#   --out FILE        the document (build/bench.json)
# bench.sh endurance [SECONDS]     all transports at 8 threads with --verify, for ten minutes
#
# Each ratio is a median with its quartiles. It misses its budget when even the better quartile does;
# a median that misses while that quartile does not is `noise`. Exit status: 0, or 1 for a miss or for
# a part that could not be measured.
#
# Debian packages beside the build's: jq bpftrace iperf3 python3-bpfcc, and what scripts/vm.sh needs.
set -Eeuo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
build=$here/build/bench
parts='' harness=$here/harness against='' pairs=8 seconds=1 out=$here/build/bench.json
sizes='64 512 4096 65536' transports='two_copy eight_sends one_copy zero_copy' kernels='6.1 6.12'
work=$(mktemp -d)
# shellcheck disable=SC2317 # called by a trap
clean_up() {
	local job
	for job in $(jobs -p); do kill "$job" 2>/dev/null || true; done
	wait
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "$*" >&2; }
die() { say "bench.sh: $*"; exit 1; }

# --- measurements: each prints "MESSAGES_PER_SECOND CPU_NS_PER_MESSAGE" -------------------------

# ours HARNESS TRACE TRANSPORT SIZE [OPTION...]
ours() {
	local program=$1 trace=$2 transport=$3 size=$4
	shift 4
	"$program" --trace "$trace" --transport "$transport" --size "$size" --seconds "$seconds" --json "$@" |
		jq -r '.runs[0] | select(.valid) | [.messages / .seconds,
			(.cpu_seconds.sender + .cpu_seconds.receiver) * 1e9 / .messages] | @tsv'
}

# bare send|memcpy SIZE
bare() {
	"$build/bare" "$1" "$2" "$seconds" | jq -r '[.messages / .seconds, .cpu_seconds * 1e9 / .messages] | @tsv'
}

# iperf SIZE [OPTION...]: a server of its own for each client, on a port nobody listens on
port=5300
iperf() {
	local size=$1 server
	shift
	port=$((port + 1))
	timeout $((${seconds%.*} + 20)) iperf3 -s -1 -p "$port" -B 127.0.0.1 >"$work/server" &
	server=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		! ss -Htln "sport = :$port" | grep -q . || break
		sleep 0.05
	done
	timeout $((${seconds%.*} + 20)) iperf3 -c 127.0.0.1 -p "$port" -l "$size" -t "${seconds%.*}" -J "$@" >"$work/iperf"
	wait "$server"
	jq -r --argjson size "$size" '.end | (.sum_received.bits_per_second / 8 / $size) as $rate |
		[$rate, (.cpu_utilization_percent | .host_total + .remote_total) * 1e7 / $rate] | @tsv' "$work/iperf"
}

# --- pairs and rows ------------------------------------------------------------------------------

# pair ROW BUDGET A... -- B...: interleaved; the ratio of A's rate to B's, and of their CPU time.
# ROW is a JSON object that says what this is; BUDGET the least ratio, or null.
pair() {
	local row=$1 budget=$2 i side order
	local -a a=() b=()
	shift 2
	while [ "$1" != -- ]; do
		a+=("$1")
		shift
	done
	shift
	b=("$@")
	: >"$work/a"
	: >"$work/b"
	for ((i = 0; i < pairs; i++)); do
		order='a b'
		[ $((i % 2)) = 0 ] || order='b a'
		for side in $order; do
			if [ "$side" = a ]; then "${a[@]}"; else "${b[@]}"; fi >>"$work/$side" 2>>"$work/errors" || true
		done
	done
	jq -n -c --argjson row "$row" --argjson budget "$budget" --rawfile a "$work/a" --rawfile b "$work/b" '
		def rows: split("\n") | map(select(. != "") | split("\t") | map(tonumber));
		def quantile($q): sort | if length == 0 then null else ((length - 1) * $q) as $at |
			(.[$at | floor] + .[$at | ceil]) / 2 end;
		($a | rows) as $a | ($b | rows) as $b | ([$a, $b | length] | min) as $n |
		[range($n) | $a[.][0] / $b[.][0]] as $ratios |
		[range($n) | select($b[.][1] > 0) | $a[.][1] / $b[.][1]] as $cpu |
		$row + {ratio: ($ratios | quantile(0.5)), low: ($ratios | quantile(0.25)), high: ($ratios | quantile(0.75)),
			cpu_ratio: ($cpu | quantile(0.5)), pairs: $n, budget: $budget,
			a: {rate: ([$a[][0]] | quantile(0.5)), cpu_ns: ([$a[][1]] | quantile(0.5))},
			b: {rate: ([$b[][0]] | quantile(0.5)), cpu_ns: ([$b[][1]] | quantile(0.5))}}' >>"$work/rows"
	tail -n 1 "$work/rows" | jq -r '"\(.part) \(.what) \(.transport // "") \(.size // ""): \(.ratio)"' >&2
}

# value ROW VALUE UNIT LIMIT: one number, at most LIMIT (or null)
value() {
	jq -n -c --argjson row "$1" --argjson value "$2" --arg unit "$3" --argjson limit "$4" \
		'$row + {value: $value, unit: $unit, limit: $limit}' >>"$work/rows"
}

about() {
	jq -n -c --arg part "$1" --arg what "$2" --arg transport "${3-}" --arg size "${4-}" \
		'{$part, $what} + (if $transport == "" then {} else {$transport} end) +
		(if $size == "" then {} else {size: ($size | tonumber)} end)'
}

# --- parts ---------------------------------------------------------------------------------------

ways() {
	local way
	for way in fentry kprobe tracepoint; do
		! "$harness" --attach $way --transport one_copy --messages 1 --size 8 >/dev/null 2>&1 || echo $way
	done
}

budget_of() {
	case $1 in
	64) echo 0.85 ;;
	4096) echo 0.90 ;;
	65536) echo 0.95 ;;
	*) echo null ;;
	esac
}

part_trace() {
	local transport size way
	if [ -n "$against" ]; then
		for size in $sizes; do for transport in $transports; do
			pair "$(about trace 'this build / the other, both traced' "$transport" "$size")" null \
				ours "$harness" all "$transport" "$size" -- ours "$against" all "$transport" "$size"
		done; done
		return
	fi
	for way in $(ways); do for size in $sizes; do for transport in $transports; do
		pair "$(about trace "traced / untraced, $way" "$transport" "$size")" "$(budget_of "$size")" \
			ours "$harness" all "$transport" "$size" --attach "$way" -- ours "$harness" none "$transport" "$size"
	done; done; done
}

part_peers() {
	local transport size
	for size in $sizes; do
		for transport in two_copy one_copy zero_copy; do
			pair "$(about peers "untraced / iperf3" "$transport" "$size")" 1 \
				ours "$harness" none "$transport" "$size" -- iperf "$size"
		done
		pair "$(about peers "untraced / iperf3 -Z" zero_copy "$size")" 1 \
			ours "$harness" none zero_copy "$size" -- iperf "$size" -Z
		for transport in two_copy one_copy; do
			pair "$(about peers "untraced / bare loop" "$transport" "$size")" null \
				ours "$harness" none "$transport" "$size" -- bare send "$size"
		done
		pair "$(about peers "bare loop / memcpy" '' "$size")" null bare send "$size" -- bare memcpy "$size"
	done
}

# with_bpftrace SCRIPT COMMAND...: while the script counts. perf tracepoints need tracefs, which the host
# may not have mounted: a mount namespace of our own has it.
with_bpftrace() {
	local script=$1 tracer i
	shift
	: >"$work/bpftrace"
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c 'mount -t tracefs none /sys/kernel/tracing 2>/dev/null
		mount -t debugfs none /sys/kernel/debug 2>/dev/null; exec bpftrace -B none "$1"' sh "$script" \
		>"$work/bpftrace" 2>>"$work/errors" &
	tracer=$!
	for ((i = 0; i < 150; i++)); do
		! grep -q ready "$work/bpftrace" || break
		sleep 0.1
	done
	grep -q ready "$work/bpftrace" || {
		kill $tracer 2>/dev/null
		wait $tracer
		return 1
	}
	"$@"
	kill -INT $tracer
	wait $tracer || true
}

# Tracing everything is to add a tenth at most of what bpftrace adds: both against untraced, in CPU time.
part_bpftrace() {
	local transport size added
	for size in $sizes; do for transport in two_copy zero_copy; do
		pair "$(about bpftrace 'with bpftrace / untraced' $transport "$size")" null \
			with_bpftrace "$here/scripts/bench/tracepoints.bt" ours "$harness" none $transport "$size" -- \
			ours "$harness" none $transport "$size"
		added=$(tail -n 1 "$work/rows" | jq '.a.cpu_ns - .b.cpu_ns')
		pair "$(about bpftrace 'traced / untraced' $transport "$size")" null \
			ours "$harness" all $transport "$size" -- ours "$harness" none $transport "$size"
		value "$(about bpftrace "CPU time added, harness / bpftrace" $transport "$size")" \
			"$(tail -n 1 "$work/rows" | jq --argjson added "$added" '(.a.cpu_ns - .b.cpu_ns) / $added')" ratio 0.1
	done; done
}

# From exec to the first child: the tracer is open, loaded and attached before a side is forked.
part_start() {
	local way i start pid children
	for way in $(ways); do
		for ((i = 0; i < pairs; i++)); do
			start=${EPOCHREALTIME/./}
			"$harness" --trace all --attach "$way" --transport one_copy --messages 1 --size 64 >/dev/null 2>&1 &
			pid=$!
			children=
			while [ -z "$children" ] && [ -e "/proc/$pid/task/$pid/children" ]; do
				read -r children <"/proc/$pid/task/$pid/children" || true
			done
			echo $((${EPOCHREALTIME/./} - start)) >>"$work/start.$way"
			wait $pid || true
		done
		value "$(about start "exec to attached, $way")" \
			"$(jq -s 'sort | .[length / 2 | floor] / 1000' "$work/start.$way")" ms 200
	done
}

part_memory() {
	local messages few=0 many=0 threads
	for messages in 10000 10000000; do
		# shellcheck disable=SC2016 # the inner shell's
		bash -c '"$@" >/dev/null 2>&1 & pid=$!; peak=0
			while read -r _ now _ < <(grep VmHWM "/proc/$pid/status" 2>/dev/null); do peak=$now; sleep 0.02; done
			wait $pid; echo "$peak"' sh "$harness" --trace all --transport two_copy --size 64 \
			--messages $messages --json >"$work/peak"
		value "$(about memory "peak of the harness at $messages messages")" "$(<"$work/peak")" kB null
		few=$many
		many=$(<"$work/peak")
	done
	value "$(about memory "the same, 10000000 / 10000")" "$(jq -n "$many / $few")" ratio 1.05
	# THREADS_MAX is 1024: 10,000 connections cannot be asked for.
	for threads in 10 1000; do
		"$harness" --trace all --transport two_copy --size 64 --threads $threads --messages 200000 --json \
			>"$work/maps" 2>>"$work/errors" &
		sleep 1.2
		value "$(about memory "BPF maps at $threads connections")" \
			"$(bpftool map show -j | jq '[.[] | select(.name | test("^(owners|threads|sockets|tallies|causes|hardware|scratches|unbooked)$")) | .bytes_memlock] | add // 0')" B null
		wait $!
	done
}

part_scale() {
	local threads
	for threads in 1 2 4 8 16 32 64; do
		"$harness" --trace all --transport all --size 4096 --threads $threads --seconds "$seconds" --json \
			>"$work/scale" 2>>"$work/errors" || true
		value "$(about scale "runs that are not exact, $threads threads")" \
			"$(jq '[.runs[] | select((.valid and .residual.send == 0 and .residual.receive == 0) | not)] | length' "$work/scale")" runs 0
	done
}

# In a machine under the instruction counter a nanosecond is an instruction, so a run repeats.
part_machine() {
	local kernel
	for kernel in $kernels; do
		"$here/scripts/vm.sh" --kernel "$kernel" --icount --memory 2048 --time-limit 1500 -- \
			"$here/scripts/bench/machine.sh" "$harness" "$kernel" "$sizes" "$transports" "$here/scripts/bench/kprobes.bt" >"$work/machine" 2>>"$work/errors" ||
			value "$(about machine "kernel $kernel: not measured, see build/bench.errors")" null rows 0
		grep '^{' "$work/machine" >>"$work/rows" || true
	done
}

endurance() {
	local each=$(($1 / 4)) before after
	before=$(slab)
	"$harness" --trace all --transport all --threads 8 --size 64K --verify --seconds "$each" --json >"$work/endurance"
	after=$(slab)
	jq -e '(.runs | length) == 4 and (.runs | all(.valid and .residual == {"send": 0, "receive": 0}))' "$work/endurance" >/dev/null ||
		die "a run is not exact: $(jq -c '.runs[] | {transport, residual, why_invalid}' "$work/endurance")"
	[ $((after - before)) -lt 65536 ] || die "the kernel's memory grew by $((after - before)) kB"
	jq -r '.runs[] | "\(.transport)\t\(.messages) messages, every byte checked, residual 0/0"' "$work/endurance"
}

slab() { awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo; }

# --- the end -------------------------------------------------------------------------------------

verdicts() {
	jq -s --arg kernel "$(uname -r)" --arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" \
		--argjson cpus "$(nproc)" --arg harness "$("$harness" --version)" --arg date "$(date -u +%FT%TZ)" --arg load "$(cut -d " " -f 1-3 /proc/loadavg)" '
		map(. + {verdict: (
			if has("value") then
				if .value == null then "unknown" elif .limit == null then null
				elif .value < 0 then "noise"
				elif .value <= .limit then "met" else "MISSED" end
			elif .ratio == null then "unknown" elif .budget == null then null
			elif .ratio >= .budget then "met" elif .high >= .budget then "noise" else "MISSED" end)}) |
		{schema: "harness.bench/1", environment: {$kernel, $cpu, $cpus, $harness, $date, $load}, rows: .}' "$work/rows"
}

table() {
	jq -r 'def short: if . == null then "-" elif . >= 100 then round else (. * 1000 | round) / 1000 end;
		["part", "what", "transport", "size", "ratio", "quartiles", "CPU", "budget", "verdict"],
		(.rows[] | [.part, .what, .transport // "-", .size // "-",
			(if has("value") then "\(.value | short) \(.unit)" else (.ratio | short) end),
			(if has("value") then "-" else "\(.low | short)..\(.high | short)" end),
			(if has("value") then "-" else (.cpu_ratio | short) end),
			(if has("value") then (if .limit == null then "-" else "<= \(.limit)" end)
			 elif .budget == null then "-" else ">= \(.budget)" end), .verdict // "-"]) | @tsv' "$out" |
		column -t -s "$(printf '\t')"
}

while [ $# -gt 0 ]; do
	case $1 in
	--help | -h)
		sed -n '3,22s/^# \{0,1\}//p' "$0"
		exit
		;;
	--harness | --against | --pairs | --seconds | --sizes | --transports | --kernels | --out)
		[ $# -gt 1 ] || die "$1 wants a value"
		name=${1#--}
		printf -v "$name" %s "$2"
		shift
		;;
	trace | peers | bpftrace | start | memory | scale | machine) parts+=" $1" ;;
	endurance)
		endurance "${2:-600}"
		exit
		;;
	*) die "unknown '$1'; see --help" ;;
	esac
	shift
done
[ "$(id -u)" = 0 ] || die "run as root: sudo make bench"
mkdir -p "$build" "$(dirname "$out")"
for tool in jq iperf3 bpftrace bpftool; do
	PATH=$PATH:/usr/sbin command -v $tool >/dev/null || die "missing $tool; to install: sudo apt-get install $tool"
done
"${CC:-gcc}" -O2 -D_GNU_SOURCE -o "$build/bare" "$here/tests/bare.c"
: >"$work/rows"
: >"$work/errors"
for part in ${parts:-trace bpftrace peers start memory scale machine}; do
	"part_$part"
done
cp "$work/errors" "$here/build/bench.errors"
verdicts >"$out"
table
! jq -e '.rows[] | select(.verdict == "MISSED" or .verdict == "unknown")' "$out" >/dev/null
