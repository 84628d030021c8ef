# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2314 # jq and inner shells expand what is in single quotes
# All that can be done to a TCP socket, in exact numbers. A tag marks what some kernels lack; tests/run.sh lists which.

load watch

@test "MSG_PEEK copies, and is distinguished from what was received" {
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

@test "peek, then discard: one copy of each byte" {
	watch -- "$PROGRAMS/watched" peek-discard
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == 0 and .discarded_bytes == $moved.discarded and
		.peeked_bytes == $moved.discarded and .sites.receive_copy.bytes == $moved.discarded and
		.copies_per_byte.receive == 1'
}

@test "MSG_ZEROCOPY without SO_ZEROCOPY is named as ignored" {
	watch -- "$PROGRAMS/watched" ignored
	exact
	is '.sent_bytes == $moved.sent and .sites.send_copy.bytes == $moved.ignored and
		.sites.send_pin.bytes == $moved.sent - $moved.ignored and .flag_ignored_bytes == $moved.ignored and
		([.notes[] | select(.code == "flag_ignored") | [.bytes, .sends]] == [[$moved.ignored, 20]])'
	watch -- "$PROGRAMS/watched" leave
	is '.flag_ignored_bytes == 0 and (.notes | all(.code != "flag_ignored"))'
}

@test "what TCP_REPAIR writes to the receive queue is not sent, and not collapsed" {
	watch -- "$PROGRAMS/watched" repair
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and .repaired_bytes == $moved.repaired and
		.sites.send_copy.bytes == $moved.sent and .sites.receive_copy.bytes == $moved.received and
		.collapsed_bytes == 0 and .uncovered == {"send": 0, "receive": 0} and
		(.notes | any(.code == "repaired" and .bytes == $moved.repaired)) and
		(.notes | all(.code != "departures_pending" and .code != "collapsed"))'
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

# bats test_tags=compat
@test "the calls of a 32-bit program count as others do, by each method" {
	local method
	for method in $(methods); do
		watch --attach "$method" -- "$PROGRAMS/compat"
		exact
		is '.sent_bytes == $moved.sent + $moved.spliced and .sites.send_splice.bytes == $moved.spliced and
			.sites.send_copy.bytes == $moved.sent and
			.received_bytes == .sent_bytes - $moved.discarded and
			.peeked_bytes == $moved.peeked and .discarded_bytes == $moved.discarded and
			.sites.receive_copy.bytes == .received_bytes + .peeked_bytes'
	done
}

@test "splice refers to pages in both directions" {
	watch -- "$PROGRAMS/watched" splice
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.sites.send_splice.bytes == $moved.spliced_out and
		.sites.receive_splice.bytes == $moved.spliced_in and .copies_per_byte == {"send": 0, "receive": 0}'
}

@test "TCP_ZEROCOPY_RECEIVE maps, and what it could not map was copied" {
	watch -- "$PROGRAMS/watched" map
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and $moved.mapped > 0 and
		.sites.receive_map.bytes == $moved.mapped and
		.sites.receive_copy.bytes == $moved.received - $moved.mapped'
}

collapsed() {
	nstat -asz TcpExtTCPRcvCollapsed | awk '/Collapsed/ { print $2 }'
}

@test "what the kernel copies together in a full receive queue is named, where it does" {
	local before
	before=$(collapsed)
	watch -- "$PROGRAMS/watched" full 320 8 4000
	exact
	[ "$(collapsed)" -gt "$before" ]
	# not twice what was peeked first; the last packets may have had room
	is '.received_bytes == $moved.received and .collapsed_bytes > $moved.pieces / 2 and
		.collapsed_bytes <= $moved.pieces and
		(.notes | any(.code == "collapsed" and .bytes > 0))'

	watch -- "$PROGRAMS/watched" many
	is '.collapsed_bytes == 0 and (.notes | any(.code == "collapsed") | not)'
}

@test "Fast Open counts the bytes of the SYN" {
	watch -- "$PROGRAMS/watched" fast-open
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received'
}

@test "by tracepoint a tap's ring is not counted, and a note names the tap" {
	python3 "$BATS_TEST_DIRNAME/../machine/ring.py" "$HARNESS" watch --attach tracepoint --json --output "$LEDGER" -- \
		"$PROGRAMS/watched" many > "$MOVED"
	sed -i 1q "$MOVED"
	is '.sites.tap_copy.bytes == 0 and
		(.notes | any(.code == "tap_ring_unseen" and (.taps | startswith("python3, pid "))))'
	watch --attach tracepoint -- "$PROGRAMS/watched" many
	is '.notes | all(.code != "tap_ring_unseen")'
}

@test "what a closed connection never sent is no departure that was missed" {
	watch -- "$PROGRAMS/watched" unsent
	exact
	is '.sent_bytes == $moved.sent and $moved.unsent > 0 and
		([.notes[] | select(.code == "unsent").bytes] == [$moved.unsent]) and
		(.notes | all(.code != "departures_pending"))'
}

@test "io_uring sends, receives and discards" {
	watch -- "$PROGRAMS/uring" send
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.sites.send_copy.bytes == $moved.sent'
	watch -- "$PROGRAMS/uring" truncate
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.discarded_bytes == $moved.discarded and .sites.receive_copy.bytes == $moved.received and
		.not_covered.io_uring_zcrx == 0'
}

# bats test_tags=io_uring_zerocopy
@test "io_uring zero-copy sends are pinned, and on loopback copied after all" {
	watch -- "$PROGRAMS/uring" zerocopy
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and
		.sites.send_pin.bytes == $moved.sent and .sites.send_copy.bytes == 0 and
		.sites.deferred_copy.bytes >= $moved.sent'
}

@test "io_uring that cannot be seen into is named" {
	run --separate-stderr "$HARNESS" watch --json --attach tracepoint --output "$LEDGER" -- "$PROGRAMS/uring" send
	printf '%s\n' "$output" > "$MOVED"
	is '(.sent_bytes == $moved.sent and .not_covered.io_uring_calls == 0 and .valid) or
		(.not_covered.io_uring_calls > 0 and .uncovered.send == $moved.sent - .sent_bytes and
			(.reasons | any(.code == "uncovered_bytes" and .by == "io_uring")) and
			(.notes | any(.code == "io_uring_not_covered")))'
}

@test "2,000 short connections lose nothing" {
	watch -- "$PROGRAMS/watched" connections
	exact
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received'
}

@test "2,000 short connections with a row each, more than there are rows, lose nothing" {
	watch --by socket --rows 64 --interval 0.2 -- "$PROGRAMS/watched" connections
	intervals 'all(.valid and .lost_events == 0)'
	intervals --slurpfile moved "$MOVED" '
		([.[].runs[] | .sent_bytes + .received_bytes] | add) ==
		$moved[0].sent + $moved[0].received'
}

@test "MSG_ZEROCOPY on loopback: why it was copied, and what would avoid it" {
	watch -- "$PROGRAMS/traffic" zerocopy 0.3
	exact
	is '.sent_bytes == $moved and .received_bytes == $moved and .sites.send_pin.bytes == $moved and
		.sites.deferred_copy.bytes >= $moved and
		([.sites.deferred_copy.causes[] | .code, .device] | unique | . == ["lo", "local_delivery"] or
			. == ["lo", "local_receive"]) and (.notes | any(.code == "deferred_copies")) and
		(.notes | any(.code == "remedy" and (.cause | startswith("local_")))) and
		(.completions.received == null or .completions.copied == .completions.received)'
}

# In lock step, so that nothing is sent again. Each packet is copied as a whole.
@test "plain bytes and files' bytes beside pinned ones are copied with them, and named so" {
	local how kind
	for how in "" file; do
		watch -- "$PROGRAMS/watched" beside $how
		exact
		kind=${how:-socket}
		is ".sent_bytes == \$moved.sent and .sites.send_pin.bytes == \$moved.pinned and .retransmits.bytes == 0 and
			.sites.deferred_copy.bytes == \$moved.sent and .deferred_pages.user == \$moved.pinned and
			.deferred_pages.$kind == \$moved.beside and (.deferred_pages | add) == \$moved.sent and
			(.notes | any(.code == \"deferred_copies\" and .bytes == \$moved.pinned and
				.beside_bytes == \$moved.beside and .excess_bytes == 0))"
	done
}

@test "of a socket that two processes send on, each is charged for the copies of its own pages" {
	watch --by process -- "$PROGRAMS/watched" share
	exact
	jq -e --slurpfile printed "$MOVED" '$printed[0] as $moved |
		(.runs[] | select(.process.pid == $moved.parent).sites) as $parent |
		(.runs[] | select(.process.pid == $moved.child).sites) as $child |
		([.runs[].retransmits.bytes] | add) as $again |
		$parent.send_pin.bytes == $moved.quarter and $child.send_pin.bytes == $moved.rest and
		$parent.deferred_copy.bytes >= $moved.quarter and $child.deferred_copy.bytes >= $moved.rest and
		$parent.deferred_copy.bytes + $child.deferred_copy.bytes <= $moved.quarter + $moved.rest + $again' "$LEDGER"
}

# Most pinned bytes leave after the process ended, in another process's softirq.
@test "a sender that has exited is charged for the copies of what it left behind" {
	watch --by process -- "$PROGRAMS/watched" leave
	exact
	jq -e --slurpfile printed "$MOVED" '$printed[0] as $moved |
		(.runs[] | select(.process.pid == $moved.sender)) as $sender |
		(.runs[] | select(.process.pid == $moved.receiver)) as $receiver |
		$sender.sent_bytes == $moved.sent and $sender.sites.send_pin.bytes == $moved.sent and
		$sender.sites.deferred_copy.bytes >= $moved.sent and
		$receiver.received_bytes == $moved.received and
		$receiver.sites.deferred_copy.bytes == 0' "$LEDGER"
}

# namespaces: two namespaces of the test, linked by a veth pair
namespaces() {
	NEAR=near$$ FAR=far$$
	ip netns add $NEAR
	ip netns add $FAR
	ip -n $NEAR link add cable type veth peer name cable netns $FAR
	ip -n $NEAR address add 10.98.0.1/24 dev cable
	ip -n $FAR address add 10.98.0.2/24 dev cable
	ip -n $NEAR link set cable up
	ip -n $FAR link set cable up
}

remove_namespaces() {
	[ -z "${NEAR-}" ] || ip netns del "$NEAR" 2> /dev/null || true
	[ -z "${FAR-}" ] || ip netns del "$FAR" 2> /dev/null || true
}

teardown() {
	[ -z "${TUN-}" ] || kill "$TUN" || true
	remove_namespaces
	keep_ledger
}

@test "copies in another network namespace are charged to the sender" {
	namespaces
	watch --by process -- "$PROGRAMS/watched" across $NEAR $FAR 10.98.0.2
	exact
	jq -e --slurpfile printed "$MOVED" '$printed[0] as $moved |
		(.runs[] | select(.process.pid == $moved.sender)) as $sender |
		$sender.sent_bytes == $moved.sent and $sender.sites.send_pin.bytes == $moved.sent and
		$sender.sites.deferred_copy.bytes >= $moved.sent and
		($sender.sites.deferred_copy.causes | all(.device == "cable")) and
		([.runs[].received_bytes] | add) == $moved.received' "$LEDGER"
}

# A packet that the queue of the device dropped is sent again, and leaves once.
@test "what passes a tun device is named: its program copies each byte that leaves and that comes" {
	namespaces
	[ -e /dev/net/tun ] || modprobe tun
	python3 "$BATS_TEST_DIRNAME/tun.py" $NEAR $FAR > "$BATS_TEST_TMPDIR/tun" 3>&- &
	TUN=$!
	timeout 20 sh -c 'until grep -q ready "$1"; do sleep 0.1; done' sh "$BATS_TEST_TMPDIR/tun"
	watch --by process -- "$PROGRAMS/watched" across $NEAR $FAR 10.97.0.2
	exact
	jq -e --slurpfile printed "$MOVED" '$printed[0] as $moved |
		(.runs[] | select(.process.pid == $moved.sender)) as $sender |
		(.runs[] | select(.process.pid == $moved.receiver)) as $receiver |
		$sender.tun_bytes.send >= $moved.sent and $sender.tun_bytes.receive == 0 and
		$sender.tun_bytes.send <= $moved.sent + $sender.retransmits.bytes and
		$receiver.tun_bytes == {"send": 0, "receive": $moved.received} and
		([.notes[] | select(.code == "tun_copies") | [.sent_bytes, .received_bytes]] ==
			[[$sender.tun_bytes.send, $moved.received]])' "$LEDGER"
	watch -- "$PROGRAMS/watched" across $NEAR $FAR 10.98.0.2
	is '.tun_bytes == {"send": 0, "receive": 0} and (.notes | all(.code != "tun_copies"))'
}

# segments_again: segments that the near namespace sent again since the last call
segments_again() {
	NSTAT_HISTORY=$BATS_TEST_TMPDIR/nstat ip netns exec $NEAR nstat -z TcpRetransSegs | awk '/Retrans/ { print $2 }'
}

# The peer's address is removed for a second. Then bytes under way are sent again; usually there are some.
@test "what is sent again is counted, as TCP counts it" {
	local try
	namespaces
	for try in 1 2 3 4 5; do
		segments_again
		watch --by process -- "$PROGRAMS/watched" across $NEAR $FAR 10.98.0.2 "ip -n $FAR address del \
			10.98.0.2/24 dev cable; sleep 1; ip -n $FAR address add 10.98.0.2/24 dev cable"
		exact
		jq -e '.again > 0' "$MOVED" || continue
		jq -e --slurpfile printed "$MOVED" '.runs[] | select(.process.pid == $printed[0].sender) |
			.retransmits.bytes <= $printed[0].again and .sent_bytes == $printed[0].sent and
			(.retransmits.segments == 0 or (.notes | any(.code == "retransmits")))' "$LEDGER"
		# a retransmit by the timer, while the kernel runs no BPF program, is in TCP's count only
		jq -e --slurpfile printed "$MOVED" '.runs[] | select(.process.pid == $printed[0].sender) |
			.retransmits.bytes == $printed[0].again' "$LEDGER" || continue
		[ "$(segments_again)" -eq "$(jq --slurpfile printed "$MOVED" '.runs[] |
			select(.process.pid == $printed[0].sender).retransmits.segments' "$LEDGER")" ]
		return 0
	done
	return 1
}
