# SPDX-License-Identifier: GPL-2.0
# Failures at run time: a clear line, the right status, and nothing left behind.

load ../helpers

teardown() {
	[ -z "${background:-}" ] || kill -9 "$background" 2> /dev/null || true
}

# start_long_run [TRANSPORT [TRACE]]: a run long enough to be disturbed; its pid in $background. Without a warm-up it
# has two side processes only, until it ends.
start_long_run() {
	# a shell without job control starts commands with SIGINT ignored; env resets it
	env --default-signal=INT "$HARNESS" --trace "${2:-sched}" --transport "${1:-one_copy}" --size 64K \
		--seconds 90 --warm-up 0 --json \
		> "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" 3>&- &
	background=$!
	for _ in $(seq 1000); do
		[ ! "/proc/$background/exe" -ef "$HARNESS" ] || return 0
		sleep 0.01
	done
	return 1
}

ends_with() {
	local status=0
	wait "$background" || status=$?
	background=
	[ "$status" -eq "$1" ] || {
		echo "ended with status $status:"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

nothing_is_left() {
	for _ in $(seq 30); do
		left_behind && ! programs_loaded && return
		sleep 0.1
	done
	pgrep -a harness
	return 1
}

programs_loaded() {
	bpftool prog show 2> /dev/null | grep -qE 'name (sched_switch|sendmsg_|send_length|datagram_|copy_ubufs|start_xmit|page_alloc)' ||
		bpftool map show 2> /dev/null | grep -qE 'name (tallies|scratches|sockets|owners)'
}

@test "a port in use is named" {
	busybox nc -l -p 5798 3>&- > /dev/null < /dev/null &
	background=$!
	for _ in $(seq 50); do
		ss -Htln 'sport = 5798' | grep -q . && break
		sleep 0.1
	done
	ss -Htln 'sport = 5798' | grep -q .
	run --separate-stderr "$HARNESS" --trace none --transport one_copy --messages 1 --port 5798
	[ "$status" -eq 1 ]
	one_line "$stderr"
	[[ $stderr == *5798* && $stderr == *"in use"* ]]
}

@test "a receiver that is killed is named, and nothing is left" {
	start_long_run
	kill -9 "$(side "$background" harness-recv)"
	ends_with 1
	grep -q 'receiver.*killed' "$BATS_TEST_TMPDIR/err"
	nothing_is_left
}

@test "a sender that is killed is named, and nothing is left" {
	start_long_run zero_copy
	kill -9 "$(side "$background" harness-send)"
	ends_with 1
	grep -q 'sender.*killed' "$BATS_TEST_TMPDIR/err"
	nothing_is_left
}

@test "Ctrl-C in a run ends it cleanly with 130, and says what was not proved" {
	start_long_run zero_copy all
	side "$background" harness-send > /dev/null
	kill -INT "$background"
	ends_with 130
	jq -e '.complete | not' "$BATS_TEST_TMPDIR/out"
	jq -e '.user_memcpy_check | map([.transport, .equal, .code]) == [["zero_copy", null, "runs_ended"]]' \
		"$BATS_TEST_TMPDIR/out"
	nothing_is_left
}

@test "Ctrl-C at any point leaves nothing" {
	for delay in 0 0.01 0.03 0.05 0.08 0.12 0.2 0.4; do
		start_long_run two_copy all
		sleep $delay
		kill -INT "$background"
		status=0
		wait "$background" || status=$?
		background=
		[ "$status" -eq 130 ] || [ "$status" -eq 0 ] || {
			echo "after $delay s: status $status"
			return 1
		}
		nothing_is_left
	done
}

@test "kill -9 of the harness leaves no process and no program" {
	start_long_run one_copy
	side "$background" harness-send > /dev/null
	kill -9 "$background"
	wait "$background" || true
	background=
	nothing_is_left
}

@test "a zero-copy buffer that is reused too early is caught by --verify" {
	run --separate-stderr "$HARNESS" --trace none --transport zero_copy --size 1M --messages 100 --verify \
		--inject early-reuse
	[ "$status" -eq 1 ]
	[[ $stderr == *"expected"* ]]
	run --separate-stderr "$HARNESS" --trace none --transport zero_copy --size 1M --messages 100 --verify
	[ "$status" -eq 0 ]
}
