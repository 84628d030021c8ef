# SPDX-License-Identifier: GPL-2.0
# Traffic of other programs changes nothing in the ledger.

load ../helpers

TRAFFIC=$BATS_TEST_DIRNAME/../../build/traffic

setup() {
	pids=()
}

teardown() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2> /dev/null || true
	wait "${pids[@]}" 2> /dev/null || true
}

# beside KIND...: a ledger made while traffic of these kinds runs
beside() {
	local kind status=0
	for kind; do
		"$TRAFFIC" "$kind" 600 > /dev/null 3>&- &
		pids+=($!)
	done
	sleep 0.2
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace copies --size 64K --messages 400 || status=$?
	for pid in "${pids[@]}"; do
		kill -0 "$pid" || return 1 # it ran all the time
	done
	return $status
}

undisturbed() {
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual == {"send": 0, "receive": 0} and
		.payload_bytes == 400 * 65536 and .sites.receive_copy.bytes == .payload_bytes and
		.sites.send_splice.bytes == 0 and
		.sites.send_copy.bytes + .sites.send_pin.bytes == .payload_bytes and
		.sites.deferred_copy.bytes - .sites.send_pin.bytes <= .retransmits.bytes'
}

@test "plain traffic of another process changes nothing" {
	beside send
	undisturbed
}

@test "sendfile of another process changes nothing" {
	beside sendfile
	undisturbed
}

@test "zero-copy traffic of another process changes nothing" {
	beside zerocopy
	undisturbed
}

@test "two harnesses at once do not mix" {
	ledger_in "$BATS_TEST_TMPDIR/other" --trace all --transport one_copy,zero_copy --size 64K --messages 500 &
	local other=$!
	ledger_in "$BATS_TEST_TMPDIR/one" --trace all --transport two_copy,zero_copy --size 4K --messages 700
	wait $other
	every_run "$BATS_TEST_TMPDIR/one" '.valid and .payload_bytes == 700 * 4096 and
		.sites.receive_copy.bytes == .payload_bytes'
	every_run "$BATS_TEST_TMPDIR/other" '.valid and .payload_bytes == 500 * 65536 and
		.sites.receive_copy.bytes == .payload_bytes'
}
