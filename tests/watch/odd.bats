# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2314 # jq and inner shells expand what is in single quotes
# Everything that can be done to a TCP socket, in exact numbers.

load watch

@test "MSG_PEEK copies, and is told from what was received" {
	watch -- "$PROGRAMS/watched" peek
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.peeked_bytes >= $moved.peeked_at_least and
		.sites.receive_copy.bytes == .received_bytes + .peeked_bytes'
}

@test "MSG_TRUNC takes without a copy" {
	watch -- "$PROGRAMS/watched" truncate
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.discarded_bytes == $moved.discarded and
		.sites.receive_copy.bytes == $moved.received'
}

@test "urgent bytes, sendmmsg, recvmmsg, writev and readv" {
	for what in urgent many; do
		watch -- "$PROGRAMS/watched" $what
		exact
		is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
			.sites.send_copy.bytes == $moved.sent and
			.sites.receive_copy.bytes == $moved.received'
	done
}

@test "splice refers to pages in both directions" {
	watch -- "$PROGRAMS/watched" splice
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.sites.send_splice.bytes == $moved.spliced_out and
		.sites.receive_splice.bytes == $moved.spliced_in and .copies_per_byte == 0'
}

@test "TCP_ZEROCOPY_RECEIVE maps, and what it could not map was copied" {
	watch -- "$PROGRAMS/watched" map
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and $moved.mapped > 0 and
		.sites.receive_map.bytes == $moved.mapped and
		.sites.receive_copy.bytes == $moved.received - $moved.mapped'
}

@test "Fast Open counts the bytes of the SYN" {
	watch -- "$PROGRAMS/watched" fast-open
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received'
}

@test "what the ledger does not cover is named: MPTCP" {
	[ -e /proc/sys/net/mptcp/enabled ] || return 0
	watch -- "$PROGRAMS/watched" mptcp
	exact
	is '.sent_bytes == 0 and .received_bytes == 0 and .not_covered.mptcp == $moved.mptcp and
		(.notes | any(startswith("NOT COVERED")))'
}

@test "what the ledger does not cover is named: kTLS" {
	modprobe tls 2> /dev/null || grep -q '^tls ' /proc/modules || return 0
	watch -- "$PROGRAMS/watched" tls
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.not_covered.ktls == $moved.tls and .sites.send_splice.bytes == 0'
}

@test "io_uring sends and receives" {
	"$PROGRAMS/uring" send > /dev/null 2>&1 || return 0 # before 5.6
	watch -- "$PROGRAMS/uring" send
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.sites.send_copy.bytes == $moved.sent'
}

@test "io_uring zero-copy sends are pinned, and on loopback copied after all" {
	"$PROGRAMS/uring" zerocopy > /dev/null 2>&1 || return 0 # before 6.0
	watch -- "$PROGRAMS/uring" zerocopy
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.sites.send_pin.bytes == $moved.sent and .sites.send_copy.bytes == 0 and
		.sites.deferred_copy.bytes >= $moved.sent'
}

@test "io_uring that cannot be seen into is named" {
	has_way tracepoint || return 0
	"$PROGRAMS/uring" send > /dev/null 2>&1 || return 0
	watch --attach tracepoint -- "$PROGRAMS/uring" send
	is '(.sent_bytes == $moved.sent and .not_covered.io_uring_calls == 0) or
		(.not_covered.io_uring_calls > 0 and
			(.notes | any(startswith("NOT COVERED: it called io_uring"))))'
}

@test "2,000 short connections lose nothing" {
	watch -- "$PROGRAMS/watched" connections
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received'
}

@test "nor with a row each, more than there are rows" {
	watch --by socket --rows 64 --interval 0.2 -- "$PROGRAMS/watched" connections
	jq -es 'all(.valid and .lost_events == 0)' "$LEDGER"
	jq -es --slurpfile moved "$MOVED" '
		([.[].runs[] | .sent_bytes + .received_bytes] | add) ==
		$moved[0].sent + $moved[0].received' "$LEDGER"
}

@test "MSG_ZEROCOPY on loopback: why it was copied, and what would avoid it" {
	watch -- "$PROGRAMS/traffic" zerocopy 0.3
	exact
	is '.sent_bytes == $moved and .received_bytes == $moved and .sites.send_pin.bytes == $moved and
		.sites.deferred_copy.bytes >= $moved and
		(.notes | any(contains("because the peer is on this host (lo"))) and
		(.notes | any(startswith("what would avoid it"))) and
		(.completions.received == null or .completions.copied == .completions.received)'
}
