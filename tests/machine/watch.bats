# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # jq expands what is in single quotes
# `harness watch` where fentry and kprobes are to be had.

load ../watch/watch

@test "a tap's ring: the payload that it got is in tap_copy, with the program that holds it" {
	local method
	for method in fentry kprobe; do
		python3 "$BATS_TEST_DIRNAME/ring.py" "$HARNESS" watch --attach $method --json --output "$LEDGER" -- \
			"$PROGRAMS/watched" many > "$BATS_TEST_TMPDIR/out"
		sed -n 1p "$BATS_TEST_TMPDIR/out" > "$MOVED"
		[ "$(sed -n 3p "$BATS_TEST_TMPDIR/out")" -eq 0 ]
		exact
		is ".sites.tap_copy.bytes == $(sed -n 2p "$BATS_TEST_TMPDIR/out") and
			.sites.tap_copy.bytes == 2 * \$moved.sent and
			(.sites.tap_copy.causes | all(.code == \"packet_ring\" and .device == \"lo\")) and
			(.notes | any(.code == \"tap_copies\" and (.taps | startswith(\"python3\"))))"
	done
}

# timed_whole SITE...: each copied and all of it was timed
timed_whole() {
	local site
	for site; do
		is ".sites.$site | .bytes > 0 and .timed_bytes == .bytes and .time_ns > 0 and .cpu_percent > 0"
	done
}

@test "--time: nanoseconds in each copy, of every byte, and what removing it would win" {
	watch --time --attach fentry -- "$PROGRAMS/watched" many
	exact
	timed_whole send_copy receive_copy
	is '.sites.send_copy.time_evidence == "upper_bound" and
		.sites.receive_copy.time_evidence == "exact" and
		(.notes | any(.code == "copies_timed" and .ns == .send_copy + .receive_copy and .ns < .of_ns))'
	"$HARNESS" watch --time --attach fentry --output "$LEDGER" -- "$PROGRAMS/watched" many ||
		grep -q '^INVALID: .*\[missed_events\]$' "$LEDGER"
	grep -qE '^ +ns +ns +ns +% of all time$' "$LEDGER"
}

@test "--time: a zero-copy send copies nothing itself, and its deferred copies take time" {
	watch --time --attach fentry -- "$PROGRAMS/watched" leave
	exact
	timed_whole deferred_copy receive_copy
	is '.sites.send_copy.time_ns == 0 and .sites.send_pin.time_ns == null'
}

# The call of two seconds and more copies for a small part of them.
@test "--time: what a send waits for room is not in it" {
	watch --time --attach fentry -- "$PROGRAMS/watched" wait
	exact
	timed_whole send_copy
	is '.sites.send_copy.time_ns < .seconds * 1e9 / 2'
}

@test "--time: kprobes time what they can, and causes keep their names" {
	watch --time --attach kprobe -- "$PROGRAMS/traffic" zerocopy 0.3
	is '.sites.send_copy.time_ns == null and .sites.receive_copy.time_ns > 0 and
		.sites.deferred_copy.time_ns > 0 and
		(.sites.deferred_copy.causes | all(.cause | startswith("local")))'
}
