# SPDX-License-Identifier: GPL-2.0
# What kprobe events say of the same traffic; not every host's kernel has these.

load ../../helpers
load ../../oracle

@test "send_copy is what tcp_sendmsg returned" {
	echo 'r:oracle/sent tcp_sendmsg result=$retval:s32' >> "$TRACING/kprobe_events"
	record oracle/sent 'result > 0 && comm == "harness-send"'
	ledger_of one_copy,two_copy
	agrees send_copy result
}

@test "send_pin is what skb_zerocopy_iter_stream returned" {
	echo 'r:oracle/pinned skb_zerocopy_iter_stream result=$retval:s32' >> "$TRACING/kprobe_events"
	record oracle/pinned 'result > 0 && comm == "harness-send"'
	ledger_of zero_copy
	agrees send_pin result
}
