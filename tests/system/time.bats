# SPDX-License-Identifier: GPL-2.0
# `harness run --time`: what each copy takes. Sends are timed by fentry, later and receiving copies by kprobes, too.

load ../helpers

setup_file() {
	export TIMED=$BATS_FILE_TMPDIR/timed.json
	ledger_in "$TIMED" --time --size 4K --messages 1000
}

# timed SITE TRANSPORT EVIDENCE: every copied byte of a site was timed
timed() {
	every_run "$TIMED" --of "$2" ".sites.$1 | .bytes > 0 and .timed_bytes == .bytes and .time_ns > 0 and
		.cpu_percent > 0 and .time_evidence == \"$3\""
}

@test "--time: every copied byte was timed, where fentry attaches" {
	if ! has_method fentry; then
		every_run "$TIMED" '(.sites | all(.time_ns == null and .cpu_percent == null)) and
			(.notes | any(.code == "time_unavailable" and .site == "receive_copy"))'
		return
	fi
	timed send_copy one_copy upper_bound
	timed receive_copy one_copy exact
	timed deferred_copy zero_copy exact
	every_run "$TIMED" --of zero_copy '.sites.send_copy.time_ns == 0 and .sites.send_pin.time_ns == null'
	every_run "$TIMED" '.derived.copy_ns_per_byte * .payload_bytes / ([.sites[].time_ns | values] | add) - 1 | fabs < 1e-9'
}

@test "a grid has the nanoseconds of a payload byte, or n/a" {
	local number='[0-9]+\.[0-9]{3}' copies
	has_method fentry && copies=$number || copies=n/a
	"$HARNESS" --time --transport one_copy --size 4K,64K --messages 500 > "$BATS_TEST_TMPDIR/grid" || missed_in "$(cat "$BATS_TEST_TMPDIR/grid")"
	grep -E 'copies +copy ns +CPU ns' "$BATS_TEST_TMPDIR/grid"
	[ "$(grep -cE "^one_copy +(4|64)K +[0-9.]+ +(2\.000|n/a) +$copies +$number" "$BATS_TEST_TMPDIR/grid")" -eq 2 ]
}

# Both copies are made by the two sides' threads.
@test "copies take a part of the threads' CPU time" {
	has_method fentry || return 0
	every_run "$TIMED" --of one_copy '([.sites[].time_ns | values] | add) < 1e9 * (.cpu_seconds.sender + .cpu_seconds.receiver)'
}

@test "without --time no probe of it is attached, and no key is there" {
	local plain=$BATS_TEST_TMPDIR/plain.json
	jq -r '.probes[] | select(.status == "attached").program' "$TIMED" | sort > "$BATS_TEST_TMPDIR/timed"
	ledger_in "$plain" --transport one_copy --messages 100
	every_run "$plain" '.sites | all(has("time_ns") | not)'
	jq -r '.probes[] | select(.status == "attached").program' "$plain" | sort > "$BATS_TEST_TMPDIR/plain"
	! has_method fentry || [ -n "$(comm -23 "$BATS_TEST_TMPDIR/timed" "$BATS_TEST_TMPDIR/plain")" ]
	[ -z "$(comm -13 "$BATS_TEST_TMPDIR/timed" "$BATS_TEST_TMPDIR/plain")" ]
}

@test "--time without copies is refused; advise has none" {
	run "$HARNESS" --time --trace sched
	[ "$status" -eq 2 ]
	one_line "$output"
	run "$HARNESS" advise --time
	[ "$status" -eq 2 ]
	one_line "$output"
}
