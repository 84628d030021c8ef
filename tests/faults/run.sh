#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh COUNT [SEED]: that many random faults, each in a run or a watch of its own. Speaks TAP.
#
# A fault: a signal to any process of it, a limit, a full disk, a link that goes down or disappears. After
# each, whatever it was: the command has ended, with a status that docs/output.md has; no process, program,
# map, namespace, interface or temporary file is left; and each run that is called valid has the bytes that
# it must have. A failure prints its number and the seed: the same seed gives the same faults.
set -u
cd "$(dirname "$0")/../.." || exit 1
harness=${HARNESS:-$PWD/harness}
count=${1:?want a number of faults}
seed=${2:-$((EPOCHSECONDS % 32768))}
RANDOM=$seed
work=$(mktemp -d)
world=faults-$$
export TMPDIR=$work/tmp
main="" picked=""

# shellcheck disable=SC2317 # by the trap
end() {
	[ -z "$main" ] || kill -9 "$main" 2> /dev/null
	ip netns del "$world" 2> /dev/null
	mountpoint -q "$work/full" && umount "$work/full"
	rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT TERM HUP

# pick WORD...: one of them, in $picked
pick() {
	eval "picked=\${$((RANDOM % $# + 1))}"
}

# The processes of the harness under test, and of what it watches.
processes() {
	local exe
	for exe in /proc/[0-9]*/exe; do
		[ "$exe" -ef "$harness" ] && echo "${exe//[!0-9]/}"
	done 2> /dev/null
}

namespaces() {
	lsns --noheadings -t net -o NS | sort
}

# What the fault disturbs; sets the command and says whether it has JSON in $work/out.
choose_command() {
	local transport size
	pick one_copy two_copy zero_copy eight_sends sendfile splice+splice uring_zc uring_send+uring
	transport=$picked
	pick 64 4K 64K 1M
	size=$picked
	traffic="--transport $transport --size $size --warm-up 0"
	pick lo veth nic out watch
	kind=$picked
	[ -z "$wanted" ] || kind=$wanted
	case $kind in
	lo | veth) command="$harness --json --trace all $traffic --seconds 0.5 --path $kind" ;;
	nic) command="ip netns exec $world $harness --json --trace all $traffic --seconds 0.5 --path nic:left,right" ;;
	out) command="$harness --trace all $traffic --seconds 0.1 --repeat 4 --out $place/results --json" ;;
	watch) command="$harness watch --json --output $work/out -- build/traffic send 0.5" ;;
	esac
}

# choose_fault: what happens, after which part of a second
choose_fault() {
	wanted="" place=$work
	pick signal signal kill kill stop nofile fsize memory disk down gone
	fault=$picked
	case $fault in
	disk) wanted=out place=$work/full ;;
	down | gone) wanted=nic ;;
	esac
	pick INT TERM HUP
	signal=$picked
	delay=$(printf '0.%03d' $((RANDOM % 900)))
	number=$RANDOM
}

# One of the processes that are there, by a number.
victim() {
	local all
	mapfile -t all < <(processes)
	[ ${#all[@]} -eq 0 ] || echo "${all[number % ${#all[@]}]}"
}

strike() {
	local one
	case $fault in
	signal) kill -s "$signal" "$main" ;;
	kill)
		one=$(victim)
		[ -z "$one" ] || kill -9 "$one"
		;;
	stop)
		one=$(victim)
		[ -n "$one" ] || return
		kill -STOP "$one"
		sleep 0.3
		kill -CONT "$one"
		;;
	down | gone)
		one=$(pgrep -n -x harness-send) || return
		if [ "$fault" = down ]; then set -- set left down; else set -- delete left; fi
		nsenter --net="/proc/$one/ns/net" ip link "$@"
		;;
	esac 2> /dev/null
}

limited() {
	case $fault in
	nofile) ulimit -n $((3 + number % 60)) ;;
	fsize) ulimit -f $((number % 8)) ;;
	memory) ulimit -v $((20000 + number % 300000)) ;;
	esac
	# a shell without job control has SIGINT ignored in what it starts
	# shellcheck disable=SC2086 # words
	exec env --default-signal=INT $command
}

ended() {
	local _
	for _ in $(seq 600); do
		kill -0 "$main" 2> /dev/null || return 0
		sleep 0.1
	done
	return 1
}

# wrong WORD...: a line of what is not as it must be
wrong() {
	echo "$*" >> "$work/wrong"
}

check_status() {
	case $status in
	0 | 1 | 2 | 77 | 129 | 130 | 143) ;;
	137) [ "$fault" = kill ] || wrong "status $status" ;;
	*) wrong "status $status" ;;
	esac
}

# Of a run called valid nothing is unexplained, and what was sent is what the sites have.
check_numbers() {
	# shellcheck disable=SC2016 # jq's variables
	local file condition='all(.[] | (.runs // [.])[] | select(.valid == true);
		(.residual | to_entries | all(.value == 0 or .value == null)) and
		(.sites | [.send_copy, .send_pin, .send_splice] as $sent | [.receive_copy, .receive_map, .receive_splice] as $received |
			$watched or (([$sent[].bytes // 0] | add) == ([$received[].bytes // 0] | add))) and
		($watched or (.payload_bytes > 0 and .payload_bytes == .messages * .message_bytes)))'
	local watched=false
	[ "$kind" != watch ] || watched=true
	for file in "$work/out" "$place/results/runs.jsonl"; do
		[ -s "$file" ] || continue
		# a line that was cut off is no result
		jq -c . "$file" > "$work/whole" 2> /dev/null
		[ ! -s "$work/whole" ] || jq -es --argjson watched "$watched" "$condition" "$work/whole" > /dev/null ||
			wrong "a run of $file is called valid, and is not"
	done
	[ "$status" -ne 0 ] || [ "$kind" = out ] || jq -e '.complete' "$work/out" > /dev/null || wrong "status 0 without a result"
}

# BPF maps of the harness that no process holds: a pinned link or a leaked reference keeps them
orphans() {
	bpftool -j map show 2> /dev/null |
		jq -e 'any(.[]; (.name | IN("tallies", "scratches", "owners", "connections")) and (.pids // []) == [])' > /dev/null
}

nothing_left() {
	[ -z "$(processes)" ] || return 1
	[ "$(namespaces)" = "$before" ] || return 1
	! orphans || return 1
	[ "$fault" = gone ] || { ip -n "$world" link show left && ip -n "$world" link show right; } > /dev/null 2>&1 || return 1
	[ -z "$(ls -A "$TMPDIR")" ]
}

check_left() {
	local _
	for _ in $(seq 50); do
		! nothing_left || return
		sleep 0.1
	done
	wrong "left: processes: $(processes | xargs); files: $(find "$TMPDIR" -mindepth 1 -printf "%P ")"
	wrong "interfaces there: $(ip -n "$world" -br link | cut -d' ' -f1 | xargs)"
	! orphans || wrong "left: BPF maps"
	[ "$(namespaces)" = "$before" ] || wrong "left: a network namespace"
}

one_fault() {
	choose_fault
	choose_command
	rm -rf "$work/results" "$work/full/results" "$work/out" "$work/wrong"
	status=0
	if [ "$kind" = watch ]; then
		(limited) > /dev/null 2> "$work/err" < /dev/null &
	else
		(limited) > "$work/out" 2> "$work/err" < /dev/null &
	fi
	main=$!
	sleep "$delay"
	strike
	ended || { wrong "still there after a minute"; processes | xargs -r kill -9; }
	wait "$main" || status=$?
	main=
	pkill -9 -P $$ -x traffic
	check_status
	check_numbers
	check_left
}

start_world() {
	ip netns add "$world" && ip -n "$world" link add left type veth peer name right
}

mkdir -p "$TMPDIR" "$work/full"
mount -t tmpfs -o size=24k tmpfs "$work/full" && start_world || exit 1
echo "1..1"
echo "# seed $seed"
failed=0
declare -A seen=()
for number_of_fault in $(seq "$count"); do
	before=$(namespaces)
	one_fault 2> /dev/null
	seen[$fault]=1
	if [ -s "$work/wrong" ]; then
		failed=1
		echo "# fault $number_of_fault: $fault ($signal) after $delay s in: $command"
		sed 's/^/#   /' "$work/wrong" "$work/err"
	fi
	# the next one has both ends
	ip netns del "$world"
	sleep 0.2
	start_world || exit 1
done
[ $failed -eq 0 ] || printf 'not '
echo "ok 1 $count faults: ${!seen[*]}"
exit $failed
