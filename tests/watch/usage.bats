# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2314 # jq and inner shells expand what is in single quotes
# The options of watch: targets, statuses, intervals, and too little room.

load watch

# refused STATUS ARGUMENT...: one clear line, this status
refused() {
	local status_wanted=$1
	shift
	run --separate-stderr "$HARNESS" watch "$@"
	[ "$status" -eq "$status_wanted" ]
	[ -z "$output" ]
	one_line "$stderr"
}

@test "options that do not fit together are refused with one line" {
	refused 2
	refused 2 --all -- true
	refused 2 --by nothing -- true
	refused 2 --seconds 0 -- true
	refused 2 --count 3 -- true
	refused 2 --attach magic -- true
	refused 2 --bogus -- true
	refused 2 --rows 1 -- true
	refused 2 --output "$BATS_TEST_TMPDIR/none/file" -- true
}

@test "a pid that does not exist, and the pid of a thread" {
	refused 2 --pid 2147483647
	[[ $stderr == *"there is no such process"* ]]
	python3 -c 'import threading, time; threading.Thread(target=time.sleep, args=(20,)).start()' &
	local process=$! thread=
	for _ in $(seq 50); do
		thread=$(find /proc/$process/task -mindepth 1 -maxdepth 1 -printf '%f\n' | grep -vx $process | head -1)
		[ -n "$thread" ] && break
		sleep 0.1
	done
	refused 2 --pid "$thread"
	kill $process
	[[ $stderr == *"is a thread of process $process"* ]]
}

@test "--cgroup of a directory that is no control group is refused" {
	refused 2 --cgroup /tmp
	refused 2 --cgroup "$BATS_TEST_TMPDIR/none"
}

@test "a command that cannot start ends the watch with 127" {
	run -127 --separate-stderr "$HARNESS" watch -- "$BATS_TEST_TMPDIR/none/command"
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr == *"cannot start $BATS_TEST_TMPDIR/none/command: No such file"* ]]
}

@test "the command's own status is reported, and the harness's is about the ledger" {
	run --separate-stderr "$HARNESS" watch -- sh -c 'exit 7'
	[ "$status" -eq 0 ] || [[ $stderr == *"[missed_events]"* ]]
	[[ $stderr == *"sh ended with status 7"* ]]
	watch -- sh -c 'exit 7'
	jq -e '.command == {"status": 7, "signal": null}' "$LEDGER"
	watch -- sh -c 'kill -9 $$'
	jq -e '.command == {"status": null, "signal": 9}' "$LEDGER"
}

@test "standard output is the command's: the ledger goes to standard error, or to --output" {
	run --separate-stderr "$HARNESS" watch -- "$PROGRAMS/traffic" send 0.1
	[ "$output" -gt 0 ] # and no other output
	[[ $stderr == *"copies/byte"* ]]
	run --separate-stderr "$HARNESS" watch --json -- "$PROGRAMS/traffic" send 0.1
	[ "$output" -eq "$(grep '^{' <<< "$stderr" | jq '.runs[0].sent_bytes')" ]
	run --separate-stderr "$HARNESS" watch --all --seconds 0.1
	[[ $output == *" s"* && $stderr != *"copies/byte"* ]]
}

@test "--pid follows a process that runs, until it ends" {
	traffic send
	follow --pid "$TRAFFIC" --interval 0.3
	lines 2
	kill "$TRAFFIC"
	wait "$WATCHING" || only_skipped # it ends by itself
	exact_lines
	intervals --argjson pid "$TRAFFIC" '([.[].runs[].sent_bytes] | add) > 0 and (last | .complete) and
		all(.runs | all(.process == {"pid": $pid, "command": "traffic"}))'
}

@test "a call that had begun before the watch is named and not counted" {
	local try
	traffic send
	sleep 0.2
	# the receiver may be between two calls
	for try in 1 2 3; do
		"$HARNESS" watch --json --output "$LEDGER" --all --seconds 1 || only_skipped
		! jq -e '[.runs[] | select(.process.command == "traffic")] | length >= 2 and
			all(.residual == {"send": 0, "receive": 0}) and
			([.[].in_flight.calls] | add) > 0 and
			any(.notes | any(.code == "in_flight" and .calls > 0))' "$LEDGER" || return 0
	done
	return 1
}

@test "--interval and --count print that many lines, each exact" {
	traffic zerocopy
	follow --pid "$TRAFFIC" --interval 0.3 --count 4
	wait "$WATCHING" || only_skipped
	intervals 'length == 4 and all(.runs[0].valid and .runs[0].residual.send == 0) and
		([.[].runs[0].sent_bytes] | add) > 0 and
		all(.runs[0].sites.send_pin.bytes == .runs[0].sent_bytes)'
}

@test "a cgroup: its processes and no others" {
	local group
	group=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)/harness-watch-$$
	mkdir "$group"
	traffic send
	OUTSIDE=$TRAFFIC
	sh -c 'echo $$ > "$1/cgroup.procs"; exec "$2" send 600 5000' sh "$group" \
		"$PROGRAMS/traffic" > /dev/null 3>&- &
	TRAFFIC=$!
	sleep 0.3
	"$HARNESS" watch --json --output "$LEDGER" --cgroup "$group" --by process --seconds 1 ||
		only_skipped
	kill "$TRAFFIC"
	wait "$TRAFFIC" || true
	for _ in $(seq 100); do
		rmdir "$group" && break
		sleep 0.1
	done
	jq -e --argjson out "$OUTSIDE" --argjson in "$TRAFFIC" '[.runs[].process.pid] |
		index($in) != null and index($out) == null' "$LEDGER"
}

@test "both residuals compare two counts" {
	watch -- "$PROGRAMS/watched" many
	exact
	is '.residual_checked == {"send": true, "receive": true} and .uncovered == {"send": 0, "receive": 0}'
}

@test "--time is null by tracepoints, and without it no probe of it is attached" {
	watch --time --attach tracepoint -- "$PROGRAMS/traffic" send 0.3
	exact
	is '.sent_bytes > 0 and (.sites | all(.time_ns == null and .cpu_percent == null and
		.time_evidence == "unavailable"))'
	jq -e '[.notes[] | select(.code == "time_unavailable") | .site] | index("send_copy")' "$LEDGER"
	watch -- "$PROGRAMS/traffic" send 0.3
	jq -e '(.probes | all(if .program | startswith("time_") then .status == "not_needed" else true end))
		and (.runs[0].sites | all(has("time_ns") | not))' "$LEDGER"
}

# Fewer entries than processes: those that ended are deleted.
@test "3,000 short processes end valid, and so does an idle daemon that is watched meanwhile" {
	local idle watching
	sleep 600 3>&- &
	TRAFFIC=$!
	idle=$BATS_TEST_TMPDIR/idle.json
	env --default-signal=INT "$HARNESS" watch --json --output "$idle" --pid $TRAFFIC 2> /dev/null 3>&- &
	watching=$!
	watch --map-entries 1024 -- sh -c 'i=0; while [ $i -lt 3000 ]; do (:); i=$((i + 1)); done'
	exact
	kill -INT $watching
	wait $watching
	jq -e '.valid and .lost_events == 0 and .runs[0].sent_bytes == 0 and .runs[0].valid' "$idle"
}

@test "a map that is full: what was lost is counted, and the status says so" {
	run --separate-stderr "$HARNESS" watch --json --map-entries 1 --output "$LEDGER" -- \
		"$PROGRAMS/traffic" send 0.3
	[ "$status" -eq 1 ]
	jq -e '.lost_events > 0 and (.valid | not)' "$LEDGER"
}

@test "a command that leaves processes behind, as a daemon does, is watched on in them" {
	watch -- sh -c 'setsid "$1" send 0.7 & exit 3' sh "$PROGRAMS/traffic"
	exact
	is '.sent_bytes == $moved and $moved > 0'
	jq -e '.command.status == 3' "$LEDGER"
	grep -qE "^harness: sh has ended; [12] process(es)? that it started runs? on: " "$SAID"
	# processes that are about to end are not reported
	watch -- sh -c 'sleep 0.02 & exit 0'
	run ! grep -q 'that it started' "$SAID"
}

@test "a command that outlives the watch is ended with it" {
	watch --seconds 0.3 -- sleep 76.54321
	jq -e '.command.signal == 15' "$LEDGER"
	run pgrep -f 'sleep 76.54321'
	[ "$status" -ne 0 ]
}
