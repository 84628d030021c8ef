# SPDX-License-Identifier: GPL-2.0
# Copies that the kernel makes after the send: by cause, to the byte, by each attach method. Two namespaces are linked
# by a veth pair, or by a third namespace that routes.

load ../helpers
load ../namespaces

# a tcpdump that listens on the sender's device; its pid in $tap
tap_on_sender() {
	ip netns exec $HTA tcpdump -i to-$HTB -w - 3>&- > /dev/null 2> "$BATS_TEST_TMPDIR/tcpdump" &
	tap=$!
	for _ in $(seq 100); do
		grep -q listening "$BATS_TEST_TMPDIR/tcpdump" && return
		sleep 0.1
	done
	return 1
}

@test "over a veth pair every pinned byte is copied at the receiving end" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	by_every_method ".sites.deferred_copy.bytes == $SENT and .sites.transmit_copy.bytes == 0 and
		.sites.tap_copy.bytes == 0 and (.sites.deferred_copy.causes | all(.device == \"to-$HTA\" and
		(.cause == \"local delivery\" or .cause == \"local receive\")))" --transport zero_copy
}

@test "without scatter-gather every byte is copied at transmit, plain sends' too" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	ip netns exec $HTA ethtool -K to-$HTB sg off > /dev/null
	by_every_method ".sites.transmit_copy.bytes == $SENT and .sites.deferred_copy.bytes == 0" \
		--transport one_copy,zero_copy
}

@test "without checksum offload pinned bytes are copied at transmit, plain ones not" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	ip netns exec $HTA ethtool -K to-$HTB tx off > /dev/null
	by_every_method ".sites.transmit_copy.bytes == $SENT and .sites.deferred_copy.bytes == 0" \
		--transport zero_copy
	by_every_method ".sites.transmit_copy.bytes == 0" --transport one_copy
}

# Copies before the clone for a tap, and copies into the tap's ring. Tracepoints do not see the latter, and the ring
# drops packets that do not fit.
RING='([.sites.tap_copy.causes // [] | .[] | select(.code == "packet_ring").bytes] | add // 0)'
CLONED="(.sites.tap_copy.bytes - $RING)"

@test "tcpdump at the sender's device costs a copy of its own" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	tap_on_sender
	by_every_method "$CLONED == $SENT and $RING <= $SENT and
		.sites.deferred_copy.bytes == $SENT and
		(.copies_per_byte - 2 - .retransmits.bytes / .payload_bytes | fabs) < 1e-9" \
		--transport zero_copy
}

@test "of plain sends a tap costs its ring's copy alone" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	tap_on_sender
	by_every_method "$CLONED == 0 and $RING <= $SENT and .copies_per_byte == 2" \
		--transport one_copy
}

@test "transmit timestamps with data copy what they stamp" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	by_every_method ".sites.deferred_copy.causes as \$causes |
		(\$causes | map(select(.cause == \"transmit timestamp\" and .device == \"to-$HTB\")) | length == 1
			and .[0].calls >= 150) and
		(\$causes | map(select(.cause != \"transmit timestamp\").bytes) | add) == $SENT" \
		--transport zero_copy --timestamps
}

@test "routed through a third namespace, pinned bytes are copied once" {
	pair $HTA 10.99.1.1 $HTR 10.99.1.2
	pair $HTR 10.99.2.1 $HTB 10.99.2.2
	ip netns exec $HTR sysctl -qw net.ipv4.ip_forward=1
	ip -n $HTA route add default via 10.99.1.2
	ip -n $HTB route add default via 10.99.2.1
	by_every_method ".sites.deferred_copy.bytes == $SENT and .sites.transmit_copy.bytes == 0" \
		--transport zero_copy
}

# No hook of ours sees the copy for an XDP program: there is a sentence instead of a number.
@test "with an XDP program at the receiving end copies per byte is unknown, with the reason" {
	local mode
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	for mode in generic native; do
		ip netns exec $HTB "$BATS_TEST_DIRNAME/../../build/xdp" to-$HTA $mode
		run --separate-stderr "$HARNESS" --json --trace copies --path netns:$HTA,$HTB --transport one_copy --messages 150
		keep_output
		[ "$status" -eq 1 ]
		jq -e --arg mode $mode --arg device to-$HTA '.environment.path_details.receiver.xdp == $mode and
			.environment.path_details.sender.xdp == "none" and
			(.runs[0] | .copies_per_byte == null and .tries == 1 and (.reasons | length == 1 and
			(.[0] | .code == "path_not_counted" and .number == "copies_per_byte" and
			.why == "xdp_copies" and .mode == $mode and .device == $device)))' \
			<<< "$output"
		ip -n $HTB link set to-$HTA xdp$(sed 's/native/drv/' <<< $mode) off
	done
	by_every_method '.copies_per_byte == 2' --transport one_copy
}
