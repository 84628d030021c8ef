# SPDX-License-Identifier: GPL-2.0
# The bpftrace scripts that `make bench` compares with count the same bytes as the harness.

load ../helpers

PAYLOAD=$((4096 * 2000)) # bytes of each transport

# The sums of a script while the untraced harness sends by one_copy and by zero_copy.
sums_of() {
	unshare -m sh -c 'mount -t tracefs tracefs /sys/kernel/tracing && mount -t debugfs debugfs /sys/kernel/debug
		exec bpftrace -B none -f json -o "$1" -c "$2" "$3"' sh "$BATS_TEST_TMPDIR/sums" \
		"$HARNESS --json --trace none --transport one_copy,zero_copy --size 4K --messages 2000" \
		"$BATS_TEST_DIRNAME/../bench/$1.bt" > "$BATS_TEST_TMPDIR/ledger"
	command jq -e '[.runs[].valid] == [true, true]' "$BATS_TEST_TMPDIR/ledger"
}

# A script may miss events in softirq, because the kernel does not let its programs interrupt each other; the harness
# detects that. A script may also count more: retransmits.
near() {
	local sum
	sum=$(command jq -s --arg map "@$1" '[.[] | select(.type == "map").data[$map] // empty | .[]] | add // 0' \
		"$BATS_TEST_TMPDIR/sums")
	echo "$1: $sum of $2"
	[ "$sum" -ge $(($2 * 9 / 10)) ] && [ "$sum" -le $(($2 * 11 / 10)) ]
}

# bats test_tags=kprobes
@test "the bench's script of kprobes counts the bytes of each site" {
	sums_of kprobes
	near sent $((2 * PAYLOAD))
	near send_pin $PAYLOAD
	near receive_copy $((2 * PAYLOAD))
	near deferred_copy $PAYLOAD
	near left $((2 * PAYLOAD))
}

# bats test_tags=send_tracepoint
@test "the bench's script of tracepoints counts the bytes of each site" {
	sums_of tracepoints
	near sent $((2 * PAYLOAD))
	near receive_copy $((2 * PAYLOAD))
	near deferred_copy $PAYLOAD
	near left $((2 * PAYLOAD))
	near left_pinned $PAYLOAD
}
