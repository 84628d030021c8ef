# SPDX-License-Identifier: GPL-2.0
# The kernel's own tracepoints count the same traffic.

load ../helpers
load ../oracle

@test "receive_copy is what the trace of skb_copy_datagram_iovec says" {
	record skb/skb_copy_datagram_iovec 'comm == "harness-recv"'
	ledger_of one_copy,zero_copy
	agrees receive_copy len
}

@test "retransmitted segments are those of the kernel's own counter" {
	before=$(nstat -asz TcpRetransSegs | awk '/Retrans/ { print $2 }')
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace copies --transport zero_copy --size 64K --messages 1500
	after=$(nstat -asz TcpRetransSegs | awk '/Retrans/ { print $2 }')
	segments=$(jq '[.runs[].retransmits.segments] | add' "$BATS_TEST_TMPDIR/ledger")
	# the counter counts packets on the wire, at least one per segment, also of the proof run
	[ "$segments" -le $((after - before)) ]
}
