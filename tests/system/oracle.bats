# SPDX-License-Identifier: GPL-2.0
# An oracle that is no BPF: the kernel's own event trace of the same copies adds up to the same bytes.
# (Its histogram triggers would add by themselves, but 5.10 and many cloud kernels are built without.)

load ../helpers

PROOF_MESSAGES=64 # of the short run that proves user_memcpy; the oracle sees those too

setup() {
	TRACING=$BATS_TEST_TMPDIR/tracing
	mkdir "$TRACING"
	mount -t tracefs tracefs "$TRACING"
	echo 0 > "$TRACING/tracing_on"
	echo > "$TRACING/trace"
	echo 16384 > "$TRACING/buffer_size_kb"
}

teardown() {
	echo 0 > "$TRACING/tracing_on"
	echo 0 > "$TRACING/events/enable"
	[ ! -e "$TRACING/kprobe_events" ] || echo > "$TRACING/kprobe_events"
	echo > "$TRACING/trace"
	echo 1408 > "$TRACING/buffer_size_kb"
	echo 1 > "$TRACING/tracing_on"
	umount "$TRACING"
}

# record EVENT FILTER: from now on
record() {
	echo "$2" > "$TRACING/events/$1/filter"
	echo 1 > "$TRACING/events/$1/enable"
	echo 1 > "$TRACING/tracing_on"
}

# total FIELD: the field's sum over the trace, of which nothing may have been overwritten. A side's main
# thread moves no payload, only a few control messages over a Unix socket, and is left out.
total() {
	cat "$TRACING"/per_cpu/cpu*/stats | awk '/overrun/ { lost += $NF } END { exit lost > 0 }' || return 1
	sed -nE "s/^ *(harness-[a-z]+-[0-9]+) .*[ (]$1=([0-9]+).*/\1 \2/p" "$TRACING/trace" |
		awk '{ of[$1] += $2 } END { for (thread in of) if (of[thread] >= 65536) sum += of[thread]
			printf "%.0f\n", sum }'
}

# agrees SITE FIELD: the ledger's bytes of a site and of the proof runs are those of the trace
agrees() {
	local counted said runs
	counted=$(jq --arg site "$1" '[.runs[].sites[$site].bytes] | add' "$BATS_TEST_TMPDIR/ledger")
	runs=$(jq '.runs | length' "$BATS_TEST_TMPDIR/ledger")
	said=$(total "$2")
	echo "ledger $counted in $runs runs, oracle $said"
	[ $((counted + runs * PROOF_MESSAGES * 65536)) -eq "$said" ]
}

ledger_of() {
	"$HARNESS" --trace copies --transport "$1" --size 64K --threads 2 --messages 200 --json \
		> "$BATS_TEST_TMPDIR/ledger"
}

has_kprobe_events() {
	[ -e "$TRACING/kprobe_events" ]
}

@test "receive_copy is what the trace of skb_copy_datagram_iovec says" {
	record skb/skb_copy_datagram_iovec 'comm == "harness-recv"'
	ledger_of one_copy,zero_copy
	agrees receive_copy len
}

@test "send_copy is what tcp_sendmsg returned, says a kprobe event where there are any" {
	has_kprobe_events || return 0
	echo 'r:oracle/sent tcp_sendmsg result=$retval:s32' >> "$TRACING/kprobe_events"
	record oracle/sent 'result > 0 && comm == "harness-send"'
	ledger_of one_copy,two_copy
	agrees send_copy result
}

@test "send_pin is what skb_zerocopy_iter_stream returned" {
	has_kprobe_events || return 0
	echo 'r:oracle/pinned skb_zerocopy_iter_stream result=$retval:s32' >> "$TRACING/kprobe_events"
	record oracle/pinned 'result > 0 && comm == "harness-send"'
	ledger_of zero_copy
	agrees send_pin result
}

@test "retransmitted segments are those of the kernel's own counter" {
	before=$(nstat -asz TcpRetransSegs | awk '/Retrans/ { print $2 }')
	"$HARNESS" --trace copies --transport zero_copy --size 64K --messages 1500 --json \
		> "$BATS_TEST_TMPDIR/ledger"
	after=$(nstat -asz TcpRetransSegs | awk '/Retrans/ { print $2 }')
	segments=$(jq '[.runs[].retransmits.segments] | add' "$BATS_TEST_TMPDIR/ledger")
	# the counter is of packets on the wire, one or more to a segment, and of the proof run too
	[ "$segments" -le $((after - before)) ]
}
