#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What tracing costs, what the transports reach, and how start-up, memory and threads scale. Measures
# only: every measurement becomes a line of JSON, and analysis/bench.py makes ratios and verdicts of them.
#
# bench.sh [OPTION...] [PART...]    all parts, or some of: tracing probes peers start memory scale machine
#   --rounds N        of everything that is timed, the sides of a pair interleaved (6)
#   --seconds S       of one measurement (0.5); iperf3 takes whole seconds and gets one
#   --modes "MODE..." of the part tracing, some only: fentry kprobe tracepoint idle bpftrace bcc
#   --sizes "N..."    bytes of a message ("64 512 4096 65536")
#   --kernel KERNEL   of the part `machine`, as scripts/vm.sh knows it (6.12)
#   --out DIR         where samples.jsonl and bench.json go (build/bench)
#   --baseline FILE   ratios that this run's are compared with (tests/bench/baseline.json)
#   --accept          makes this run's ratios the baseline
# bench.sh endurance [SECONDS]      all transports at 8 threads with --verify, in all so long (600)
#
# tracing  the harness by each way, its programs attached but idle, a bpftrace script and a bcc tool, each
#          against the same traffic untraced, in short pieces
# probes   where the nanoseconds go: how often each program runs a message, and for how long (bpf_stats)
# peers    the transports untraced against iperf3, iperf3 -Z, bare send() loops and memcpy
# start    from exec to armed; attaching
# memory   of the harness and its maps
# scale    1 to 64 threads: is the ledger exact
# machine  instructions a message, under QEMU's instruction counter, untraced, by each way and by `auto`, which
#          a run is that is not told how, with idle programs and with a bpftrace script; beside fentry and auto
#          one that counts, too, what was tried to pin; and of requests and answers, whose runs do not differ
#          by more than some ten instructions
#
# Exit status: 0; 1 when a ratio is worse than the baseline's beyond the noise of both, or a part could
# not be measured; 2 usage; 130 interrupted.
set -Eeuo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
bench=$root/tests/bench
programs=$root/build/tests/bench
harness=${HARNESS:-$root/harness}
rounds=6 seconds=0.5 sizes='64 512 4096 65536' kernel=6.12 modes=
out=$root/build/bench baseline=$bench/baseline.json accept=
# a run attaches less where no pages are lent, and so do the idle programs
copying=two_copy,eight_sends,one_copy lending=zero_copy
transports=$copying,$lending
# Where the two sides happen to run decides more than anything measured here: each has a processor.
pinned=() iperf_pinned=()
if [ "$(nproc)" -gt 1 ]; then
	pinned=(--cpus "0,1") iperf_pinned=(-A "0,1")
fi
work=$(mktemp -d)
tracer="" space="" statistics=""

clean_up() {
	local job
	[ -z "$tracer" ] || kill -INT "$tracer" 2> /dev/null || true
	for job in $(jobs -p); do
		kill "$job" 2> /dev/null || true
	done
	wait
	[ -z "$statistics" ] || sysctl -q "kernel.bpf_stats_enabled=$statistics"
	[ -z "$space" ] || { ip netns del "$space-a" && ip netns del "$space-b"; } 2> /dev/null || true
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

die() {
	printf 'bench.sh: %s\n' "$1" >&2
	exit "${2-1}"
}

# What stands above, up to the first line that is no comment.
help() {
	sed -n '3,$ { /^#/! q; s/^# \{0,1\}//p }' "$0"
}

usage() {
	[ $# -eq 0 ] || printf 'bench.sh: %s\n' "$1" >&2
	help >&2
	exit 2
}

say() {
	if [ -t 2 ]; then printf '\r\033[K%s' "$*" >&2; else printf '%s\n' "$*" >&2; fi
}

# sample KEY VALUE...: one measurement; a VALUE is JSON where it can be, else a string
sample() {
	jq -n -c '[$ARGS.positional | range(0; length; 2) as $i |
		{key: .[$i], value: (.[$i + 1] as $text | try ($text | fromjson) catch $text)}] | from_entries' \
		--args "$@" >> "$out/samples.jsonl"
}

# lost PART WHAT WHY: what should have been measured and was not
lost() {
	sample part "$1" mode "$2" lost "$3"
	say "bench.sh: $1, $2: $3"
}

# --- measurements: each adds samples with a rate (messages/s) and CPU time (ns a message, both sides) --

# A run of $seconds, or so many pieces of it. How fast a connection is, is decided anew with each: many
# short ones tell more than few long ones, and each is one of a pair.
pieces=1 warm_up=0.1

# runs PART MODE ROUND OPTION...: a run of the harness for each transport; with --twins one untraced, too
runs() {
	local part=$1 mode=$2 round=$3 twins=false
	shift 3
	"$harness" --json --transport "$transports" --repeat "$pieces" --seconds "$(jq -n "$seconds / $pieces")" \
		--warm-up "$warm_up" "${pinned[@]}" "$@" > "$work/runs" 2> "$work/errors" || true
	[[ " $* " != *" --twins "* ]] || twins=true
	jq -c --arg part "$part" --arg mode "$mode" --argjson before "$(((round - 1) * pieces))" --argjson twins $twins '.runs[] |
		{part: $part, mode: (if .traced == [] and $twins then "untraced beside " + $mode else $mode end),
		round: ($before + .repeat), path: (.path | sub("netns.*"; "veth")), transport, size: .message_bytes, threads, tries} +
		if .valid then {rate: (.messages / .seconds),
			cpu_ns: ((.cpu_seconds.sender + .cpu_seconds.receiver) * 1e9 / .messages)}
		else {lost: .why_invalid[0]} end' "$work/runs" >> "$out/samples.jsonl" 2>> "$work/errors" ||
		lost "$part" "$mode" "$(tail -n 1 "$work/errors")"
}

# bare MODE HOW SIZE ROUND PATH THREADS: so many of them at a time
bare() {
	local mode=$1 how=$2 size=$3 round=$4 path=$5 threads=$6 place=() loops=() said=() i
	[ "$path" = lo ] || place=("$space-a" "$space-b" 10.9.8.1)
	for ((i = 0; i < threads; i++)); do
		said+=("$work/bare.$i")
		"$programs/bare" "$how" "$size" "$seconds" "${place[@]}" > "${said[i]}" &
		loops+=($!)
	done
	for ((i = 0; i < threads; i++)); do
		wait "${loops[i]}" || lost peers "$mode" 'a loop failed'
	done
	jq -sc --arg mode "$mode" --argjson round "$round" --arg path "$path" --argjson threads "$threads" \
		--argjson size "$size" 'if length != $threads then error("no result") else
		{part: "peers", mode: $mode, round: $round, path: $path, threads: $threads, size: $size,
		rate: (map(.messages / .seconds) | add),
		cpu_ns: ((map(.cpu_seconds) | add) * 1e9 / (map(.messages) | add))} end' \
		"${said[@]}" >> "$out/samples.jsonl" 2> /dev/null ||
		lost peers "$mode" 'no result'
}

# iperf MODE ROUND PATH THREADS SIZE OPTION...: a server of its own, in the namespaces if there are any
iperf() {
	local mode=$1 round=$2 path=$3 threads=$4 size=$5 server i there=() here=() address=127.0.0.1
	shift 5
	if [ "$path" != lo ]; then
		there=(ip netns exec "$space-a")
		here=(ip netns exec "$space-b")
		address=10.9.8.1
	fi
	timeout 30 "${there[@]}" iperf3 -s -1 -B "$address" > "$work/server" 2>&1 &
	server=$!
	for ((i = 0; i < 100; i++)); do
		! "${there[@]}" ss -Htln 'sport = :5201' | grep -q . || break
		sleep 0.02
	done
	timeout 30 "${here[@]}" iperf3 -c "$address" -l "$size" -P "$threads" -t 1 -J "${iperf_pinned[@]}" "$@" > "$work/iperf" 2>&1 || true
	wait $server || true
	jq -c --arg mode "$mode" --arg path "$path" --argjson round "$round" --argjson size "$size" \
		--argjson threads "$threads" '.end | (.sum_received.bits_per_second / 8 / $size) as $rate |
		{part: "peers", mode: $mode, round: $round, path: $path, threads: $threads, size: $size, rate: $rate,
		cpu_ns: (.cpu_utilization_percent | (.host_total + .remote_total) * 1e7 / $rate)}' \
		"$work/iperf" >> "$out/samples.jsonl" 2> /dev/null ||
		lost peers "$mode" "$(jq -r '.error // "no result"' "$work/iperf" 2> /dev/null || echo 'no result')"
}

# --- tracing -------------------------------------------------------------------------------------------

# The ways to attach that this kernel has.
ways() {
	local way
	for way in fentry kprobe tracepoint; do
		! "$harness" --attach $way --transport one_copy --messages 1 --size 8 > /dev/null 2>&1 || echo $way
	done
}

# Both read the formats of tracepoints in tracefs, which may not be mounted, and bcc wants kernel headers
# of whatever version: a mount namespace of their own has both.
tracer_command() {
	# shellcheck disable=SC2016 # the inner shell's
	printf '%s' 'mount -t tracefs none /sys/kernel/tracing; mount -t debugfs none /sys/kernel/debug
		if [ -n "$HEADERS" ]; then
			mount -t tmpfs none /lib/modules && mkdir "/lib/modules/$(uname -r)"
			ln -s "$HEADERS" "/lib/modules/$(uname -r)/build"
			ln -s "${HEADERS%-*}-common" "/lib/modules/$(uname -r)/source"
		fi 2>/dev/null
		exec "$@"'
}

# The same counts as the harness's by the tracepoints it uses itself. It cannot sum: it counts lengths.
# shellcheck disable=SC2016 # $PID is its own word
bcc_words=(argdist-bpfcc -i 1 -c
	-C 't:tcp:tcp_sendmsg_locked():u32:$PID'
	-C 't:sock:sock_send_length():u32,int:$PID,args->ret:args->protocol==6&&args->ret>0'
	-C 't:skb:skb_copy_datagram_iovec():u32,int:$PID,args->len'
	-C 't:net:net_dev_start_xmit():u32,u32:args->len,args->data_len:args->len>args->data_len'
	-C 't:net:netif_receive_skb():u32:args->len'
	-C 't:kmem:mm_page_alloc():u64:args->gfp_flags:(args->gfp_flags&0x820)==0x820'
	-I net/dropreason.h -C 't:skb:kfree_skb():u32:args->reason'
	-C 't:sched:sched_switch():u32,u64:args->prev_pid,args->prev_state!=0')

# start_tracer NAME READY COMMAND...: starts one and waits until it says READY
start_tracer() {
	local name=$1 ready=$2 headers i
	shift 2
	headers=$(printf '%s\n' /usr/src/linux-headers-*-amd64 | tail -n 1)
	: > "$work/tracer"
	HEADERS=$headers env --default-signal=INT unshare -m sh -c "$(tracer_command)" sh "$@" > "$work/tracer" 2>&1 &
	tracer=$!
	for ((i = 0; i < 200; i++)); do
		! grep -q "$ready" "$work/tracer" || return 0
		kill -0 $tracer 2> /dev/null || break
		sleep 0.1
	done
	lost tracing "$name" "$(grep -v '^$' "$work/tracer" | tail -n 1)"
	stop_tracer
	return 1
}

# shellcheck disable=SC2016 # the inner shell's
start_bpftrace() { start_tracer bpftrace ready sh -c 'exec bpftrace -B none "$("$1/script.sh")"' sh "$bench"; }
start_bcc() { start_tracer bcc COUNT "${bcc_words[@]}"; }
start_idle() { HARNESS=$harness start_tracer "idle $1" ready "$bench/idle.sh" "$1" "$transports"; }

stop_tracer() {
	[ -n "$tracer" ] || return 0
	kill -INT "$tracer" 2> /dev/null || true
	wait "$tracer" || true
	tracer=
}

# beside_tracer MODE ROUND SIZE: pairs, one without it and one with
beside_tracer() {
	local mode=$1 round=$2 size=$3
	runs tracing "untraced beside $mode" "$round" --trace none --size "$size"
	! "start_$mode" || runs tracing "$mode" "$round" --trace none --size "$size"
	stop_tracer
}

# flip: takes idle programs off, or puts them on again
flip() {
	local said
	said=$(wc -l < "$work/tracer")
	kill -USR1 "$tracer"
	until [ "$(wc -l < "$work/tracer")" -gt "$said" ]; do
		kill -0 "$tracer" || die 'the idle programs ended'
		sleep 0.01
	done
}

# beside_idle WAY ROUND SIZE: the same with idle programs, off and on in turn, so that the two of a pair
# are as near as those of the harness's own
beside_idle() {
	local way=$1 round=$2 size=$3 count=$pieces piece each
	each=$(jq -n "$seconds / $pieces")
	local seconds=$each pieces=1
	! start_idle "$way" || for ((piece = (round - 1) * count + 1; piece <= round * count; piece++)); do
		flip
		runs tracing "untraced beside idle $way" "$piece" --trace none --size "$size"
		flip
		runs tracing "idle $way" "$piece" --trace none --size "$size"
	done
	stop_tracer
}

part_tracing() {
	local round size mode all way group pieces=6 warm_up=0.04
	mapfile -t all < <(ways)
	for way in "${all[@]}"; do
		all+=("idle $way")
	done
	all+=(bpftrace bcc)
	[ -z "$modes" ] || mapfile -t all < <(printf '%s\n' "${all[@]}" | grep -E "^(${modes// /|})( |\$)")
	for ((round = 1; round <= rounds; round++)); do
		for size in $sizes; do
			say "tracing: round $round of $rounds, messages of $size bytes"
			# another one goes first in every round; what is untraced stands just before its pair
			all=("${all[@]:1}" "${all[0]}")
			for mode in "${all[@]}"; do
				case $mode in
				bpftrace | bcc) beside_tracer "$mode" "$round" "$size" ;;
				idle\ *)
					for group in $copying $lending; do
						transports=$group beside_idle "${mode#idle }" "$round" "$size"
					done
					;;
				*) runs tracing "$mode" "$round" --trace all --attach "$mode" --size "$size" --twins ;;
				esac
			done
		done
	done
}

# --- probes --------------------------------------------------------------------------------------------

# What a process's programs did until now, by the kernel: {now, programs: [{name, runs, ns}]}, now in us.
program_statistics() {
	local now=${EPOCHREALTIME/[.,]/} ids
	ids=$(cat "/proc/$1"/fdinfo/* 2> /dev/null | awk '/^prog_id:/ { print $2 }' | jq -sc .)
	bpftool -j prog show | jq -c --argjson now "$now" --argjson ids "$ids" '{now: $now, programs: [.[] |
		select(.id | IN($ids[])) | {name, runs: (.run_cnt // 0), ns: (.run_time_ns // 0)}]}'
}

# probes_of WAY ROUND TRANSPORT SIZE: a second in the middle of a run
probes_of() {
	local way=$1 round=$2 transport=$3 size=$4 process
	"$harness" --json --trace all --attach "$way" --transport "$transport" --size "$size" --seconds 2 \
		"${pinned[@]}" > "$work/runs" 2> "$work/errors" &
	process=$!
	sleep 0.8
	program_statistics $process > "$work/before"
	sleep 0.6
	program_statistics $process > "$work/after"
	wait $process || true
	jq -c --slurpfile before "$work/before" --slurpfile after "$work/after" --arg way "$way" --argjson round "$round" '.runs[0] |
		. as $run | ((($after[0].now - $before[0].now) * 1e-6) * .messages / .seconds) as $messages |
		if .tries > 1 or (.valid | not) then {part: "probes", mode: $way, round: $round, transport, size: .message_bytes,
			lost: (.why_invalid[0] // "the run was made again")}
		elif $before[0].programs == [] then error("its programs were not found") else $after[0].programs[] | . as $late |
			($before[0].programs[] | select(.name == $late.name)) as $early | {part: "probes", mode: $way, round: $round,
			program: .name, transport: $run.transport, size: $run.message_bytes, hits: ((.runs - $early.runs) / $messages),
			ns: (if .runs > $early.runs then (.ns - $early.ns) / (.runs - $early.runs) else null end)} end' \
		"$work/runs" >> "$out/samples.jsonl" 2> /dev/null || lost probes "$way" "$(tail -n 1 "$work/errors")"
}

part_probes() {
	local round size transport way
	statistics=$(sysctl -n kernel.bpf_stats_enabled)
	sysctl -q kernel.bpf_stats_enabled=1
	for ((round = 1; round <= rounds && round <= 3; round++)); do
		for way in $(ways); do
			for size in $sizes; do
				say "probes: round $round, $way, messages of $size bytes"
				for transport in ${transports//,/ }; do
					probes_of "$way" "$round" "$transport" "$size"
				done
			done
		done
	done
	sysctl -q "kernel.bpf_stats_enabled=$statistics"
	statistics=
}

# --- peers ---------------------------------------------------------------------------------------------

make_namespaces() {
	space=harness-bench-$$
	ip netns add "$space-a"
	ip netns add "$space-b"
	ip link add bench0 netns "$space-a" type veth peer name bench0 netns "$space-b"
	ip -n "$space-a" address add 10.9.8.1/24 dev bench0
	ip -n "$space-b" address add 10.9.8.2/24 dev bench0
	ip -n "$space-a" link set bench0 up
	ip -n "$space-b" link set bench0 up
}

part_peers() {
	local round size place path threads transports=two_copy,one_copy,zero_copy
	make_namespaces
	for ((round = 1; round <= rounds; round++)); do
		for size in $sizes; do
			say "peers: round $round of $rounds, messages of $size bytes"
			for place in 'lo 1' 'lo 4' 'veth 1'; do
				read -r path threads <<< "$place"
				if [ "$path" = lo ]; then
					runs peers untraced "$round" --trace none --size "$size" --threads "$threads"
				else
					runs peers untraced "$round" --trace none --size "$size" --threads "$threads" \
						--path "netns:$space-a,$space-b"
				fi
				iperf iperf3 "$round" "$path" "$threads" "$size"
				iperf 'iperf3 -Z' "$round" "$path" "$threads" "$size" -Z
				bare 'bare loop' send "$size" "$round" "$path" "$threads"
				bare 'bare loop of eight fields' fields "$size" "$round" "$path" "$threads"
				bare 'bare zero-copy loop' zerocopy "$size" "$round" "$path" "$threads"
			done
			bare memcpy memcpy "$size" "$round" lo 1
		done
	done
}

# --- start-up, memory, threads -------------------------------------------------------------------------

part_start() {
	local round way start all
	mapfile -t all < <(ways)
	for ((round = 1; round <= rounds; round++)); do
		say "start: round $round of $rounds"
		for way in "${all[@]}"; do
			start=${EPOCHREALTIME/[.,]/}
			"$harness" --json --attach "$way" --transport one_copy --messages 1 --size 64 > "$work/runs" 2> /dev/null ||
				true
			jq -c --arg way "$way" --argjson round "$round" --argjson start "$start" \
				'{part: "start", mode: $way, round: $round, armed_ms: ((.runs[0].started_unix_us - $start) / 1000),
				attach_ms: (.environment.attach_seconds * 1000)}' "$work/runs" >> "$out/samples.jsonl" 2> /dev/null ||
				lost start "$way" 'the harness gave no result'
		done
	done
}

# Peak resident memory in kB of a command, its children's apart.
peak() {
	local process high=null now
	"$@" > "$work/runs" 2> /dev/null &
	process=$!
	while read -r _ now _ < <(grep VmHWM "/proc/$process/status" 2> /dev/null); do
		high=$now
		sleep 0.02
	done
	wait $process || true
	echo "$high"
}

part_memory() {
	local messages connections process
	for messages in 10000 10000000; do
		say "memory: $messages messages"
		sample part memory mode "peak kB" messages $messages value \
			"$(peak "$harness" --json --transport two_copy --size 64 --messages $messages)"
	done
	# the harness's own traffic has 1024 connections at most
	for connections in 10 1000 10000; do
		say "memory: $connections connections"
		"$harness" watch --json --by socket --rows 32768 --map-entries $((connections * 2 + 1024)) --output "$work/runs" -- \
			"$programs/bare" connections $connections 2 > /dev/null 2> "$work/errors" &
		process=$!
		sleep 2
		sample part memory mode "map bytes" connections $connections value "$(map_bytes $process)"
		wait $process || lost memory "$connections connections" "$(tail -n 1 "$work/errors")"
	done
}

# Bytes the kernel holds for the maps of one process, by its own account (memlock of fdinfo).
map_bytes() {
	cat "/proc/$1"/fdinfo/* 2> /dev/null | awk '/^map_type/ { map = 1 } /^pos/ { map = 0 }
		/^memlock/ && map { sum += $2; seen = 1 } END { print seen ? sum : "null" }'
}

part_scale() {
	local threads pinned=()
	for threads in 1 2 4 8 16 32 64; do
		say "scale: $threads threads"
		runs scale traced 1 --trace all --size 4096 --threads $threads
	done
}

# --- a machine that counts instructions ----------------------------------------------------------------

part_machine() {
	say "machine: Linux $kernel, counting instructions"
	"$root/scripts/vm.sh" --fetch "$kernel" > /dev/null
	VM_ENV=HARNESS HARNESS=$harness "$root/scripts/vm.sh" --kernel "$kernel" --icount --memory 2048 --time-limit 10000 -- \
		"$bench/machine.sh" "$kernel" "$sizes" "$copying" "$lending" > "$work/machine" 2> "$work/errors" &
	# beside us, for a trap waits for what is not
	wait $! || lost machine "Linux $kernel" "$(tail -n 1 "$work/errors")"
	grep '^{' "$work/machine" >> "$out/samples.jsonl" || true
}

# --- endurance -----------------------------------------------------------------------------------------

slab_kb() { awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo; }

# One process all the time; many short runs, a second for all transports, so that what each leaves behind
# adds up, and one that must be made again, which here is one in three of a second, has a good chance each time.
endurance() {
	local each=0.25 process first last now before after rss=()
	before=$(slab_kb)
	"$harness" --json --threads 8 --verify --warm-up 0.05 --seconds $each --repeat "$1" > "$work/runs" &
	process=$!
	sleep 4
	while now=$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$process/status" 2> /dev/null) && [ -n "$now" ]; do
		rss+=("$now")
		sleep 1
	done
	wait $process || true
	# at the end it makes one document of all, which takes memory too
	[ ${#rss[@]} -gt 5 ] || die 'the endurance ended before it had begun'
	first=${rss[0]} last=${rss[-5]}
	after=$(slab_kb)
	jq -r '.runs | group_by(.transport)[] | "\(.[0].transport): \(length) runs, \(map(.messages) | add) messages, "
		+ "\(map(.payload_bytes) | add) bytes, each checked, \(map(.tries - 1) | add) made again, "
		+ "\(map(select(.residual != {"send": 0, "receive": 0})) | length) with a residual, "
		+ "\(map(select(.valid | not)) | length) invalid"' "$work/runs"
	echo "the harness: $first kB at the start, $last kB at the end; unreclaimable slab $before to $after kB"
	jq -e '.runs | length > 0 and all(.valid and .residual == {"send": 0, "receive": 0})' "$work/runs" > /dev/null ||
		die "a run is not exact: $(jq -c '[.runs[] | select(.valid | not) |
			{transport, residual, why_invalid}][0]' "$work/runs")"
	# a ledger and its sentences stay for every run, nearly 5 kB
	[ $((last - first)) -lt $((2048 + $1 * 4 * 6)) ] || die "the harness grew by $((last - first)) kB"
	[ $((after - before)) -lt 65536 ] || die "the kernel grew by $((after - before)) kB"
}

# --- the command line ----------------------------------------------------------------------------------

parts=() long=
while [ $# -gt 0 ]; do
	case $1 in
	--help | -h)
		help
		exit
		;;
	--rounds | --seconds | --modes | --sizes | --kernel | --out | --baseline)
		[ $# -gt 1 ] || usage "$1 wants a value"
		printf -v "${1#--}" %s "$2"
		shift
		;;
	--accept) accept=1 ;;
	tracing | probes | peers | start | memory | scale | machine) parts+=("$1") ;;
	endurance)
		long=${2:-600}
		[[ $long =~ ^[1-9][0-9]*$ ]] || usage "endurance $long: want a whole number of seconds"
		[ $# -lt 2 ] || shift
		;;
	*) usage "unknown '$1'" ;;
	esac
	shift
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || usage "--rounds $rounds: want a whole number of at least 1"
for mode in $modes; do
	[[ $mode =~ ^(fentry|kprobe|tracepoint|idle|bpftrace|bcc)$ ]] ||
		usage "--modes $mode: want fentry, kprobe, tracepoint, idle, bpftrace or bcc"
done
[ "$(id -u)" = 0 ] || die 'run as root: sudo make bench' 77
"$root/scripts/dependencies.sh" --check bench || exit 1
[ -x "$programs/idle" ] || die "$programs has no programs: make bench-programs"
[ -z "$long" ] || {
	endurance "$long"
	exit
}
[ ${#parts[@]} -gt 0 ] || parts=(tracing probes peers start memory scale machine)
mkdir -p "$out"
: > "$out/samples.jsonl"
"$harness" --json --trace none --transport one_copy --messages 1 --size 8 |
	jq -c '.environment | {part: "environment", kernel, cpu, cores, distribution, harness}' >> "$out/samples.jsonl"
for part in "${parts[@]}"; do
	"part_$part"
done
[ ! -t 2 ] || printf '\r\033[K' >&2
judge=(--json "$out/bench.json" --baseline "$baseline")
[ -z "$accept" ] || judge+=(--accept)
/usr/bin/python3 -B "$root/analysis/bench.py" "$out/samples.jsonl" "${judge[@]}"
