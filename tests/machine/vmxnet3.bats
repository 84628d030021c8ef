# SPDX-License-Identifier: GPL-2.0
# Two cards with scatter-gather and checksum offload on a hub, one in each namespace: a path where
# zero-copy is zero-copy.

load ../helpers

setup_file() {
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	ledger_in "$LEDGER" --trace all --path nic:eth0,eth1 --transport all --size 64K --threads 1,2 \
		--messages 300
}

@test "zero_copy makes one copy of each byte, the receiver's" {
	every_run "$LEDGER" --of zero_copy '.valid and .residual == {"send": 0, "receive": 0} and
		.sites.send_pin.bytes == .payload_bytes and .sites.send_copy.bytes == 0 and
		.sites.deferred_copy.bytes == 0 and .sites.receive_copy.bytes == .payload_bytes'
	# a card may take a short last segment by copy
	every_run "$LEDGER" --of zero_copy '.sites.transmit_copy.bytes <= .payload_bytes / 100 and
		.copies_per_byte < 1.01'
}

@test "the kernel's flag agrees: no completion has COPIED but for what was copied at transmit" {
	every_run "$LEDGER" --of zero_copy '.completions.received == .completions.expected and
		(.sites.transmit_copy.bytes > 0 or .completions.copied == 0)'
}

@test "the copying transports make as many copies as on loopback" {
	every_run "$LEDGER" --of one_copy '.valid and .copies_per_byte < 2.01'
	every_run "$LEDGER" --of two_copy '.valid and .copies_per_byte < 3.01'
}

@test "every byte goes out by hardware and comes in by hardware" {
	every_run "$LEDGER" '.sites.dma_out.bytes >= .payload_bytes and
		.sites.dma_in.bytes == .payload_bytes'
}

# What a card brings is linear up to its copy break, and a page that holds a whole segment is aligned only by chance: of
# an MTU of 1500 nothing can be mapped, and nothing is claimed to be.
@test "between cards, splice to splice makes no copy, and sendfile the receiver's alone" {
	every_run "$LEDGER" --of splice+splice '.valid and .sites.receive_splice.bytes == .payload_bytes and
		.copies_per_byte < 0.01'
	for transport in sendfile splice; do
		every_run "$LEDGER" --of $transport '.valid and .sites.send_splice.bytes == .payload_bytes and
			.sites.receive_copy.bytes == .payload_bytes and .copies_per_byte < 1.01'
	done
	every_run "$LEDGER" --of zero_copy+mapped '.valid and .sites.receive_copy.bytes + .sites.receive_map.bytes == .payload_bytes'
}

# Since 6.10 io_uring links the notifications of requests that share a packet, and only the first of them learns that its
# pages were used (io_link_skb): the others report a copy that was not made.
@test "between cards, what io_uring pins is not copied, and reports that say otherwise are noted" {
	[[ ,$(row rings), == *,uring_zc,* ]] || return 0
	every_run "$LEDGER" --of uring_zc '.valid and .sites.send_pin.bytes == .payload_bytes and
		.sites.send_copy.bytes == 0 and .sites.deferred_copy.bytes == 0 and
		.sites.receive_copy.bytes == .payload_bytes and
		.sites.transmit_copy.bytes <= .payload_bytes / 100 and .copies_per_byte < 1.01'
	every_run "$LEDGER" --of uring_zc '.completions.expected == .messages * 8 and
		.completions.received == .completions.expected and
		(.sites.transmit_copy.bytes > 0 or .completions.copied == 0 or
			(.notes | any(.code == "flag_disagrees" and .copied_bytes == 0)))'
	case $KERNEL in
	6.1) every_run "$LEDGER" --of uring_zc '.sites.transmit_copy.bytes > 0 or .completions.copied == 0' ;;
	*) every_run "$LEDGER" --of uring_zc '.completions.copied > 0 and .completions.copied < .completions.received' ;;
	esac
}

@test "between cards, the sends of io_uring make as many copies as others" {
	local transport
	for transport in $(row rings | tr , '\n' | grep -xE 'uring_send|uring_send\+uring'); do
		every_run "$LEDGER" --of "$transport" '.valid and .sites.send_copy.bytes == .payload_bytes and
			.sites.receive_copy.bytes == .payload_bytes and .copies_per_byte < 2.01'
	done
}

@test "the document names the cards" {
	jq -e '.environment.path_details | [.sender, .receiver] | all(.driver == "vmxnet3" and .mtu == 1500)' "$LEDGER"
}

# The last: it takes a while.

@test "a card whose link is lost ends the run with its name; both cards come back, after kill -9 too" {
	local cards status=0
	cards=$(ip -j link | jq -c 'map(select(.ifname | test("^eth")) | [.ifname, .address])')
	"$HARNESS" --path nic:eth0,eth1 --trace all --transport one_copy --seconds 60 \
		> "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" 3>&- &
	background=$!
	sender=$(side "$background" harness-send)
	nsenter -t "$sender" -n ip link set eth0 down
	wait "$background" || status=$?
	[ "$status" -eq 1 ]
	grep -qx "harness: --path nic:eth0,eth1: eth0 is down" "$BATS_TEST_TMPDIR/err"
	[ "$(ip -j link | jq -c 'map(select(.ifname | test("^eth")) | [.ifname, .address])')" = "$cards" ]

	"$HARNESS" --path nic:eth0,eth1 --trace none --transport one_copy --seconds 60 > /dev/null 2>&1 3>&- &
	background=$!
	sender=$(side "$background" harness-send)
	kill -9 "$background"
	wait "$background" || true
	for _ in $(seq 100); do
		[ "$(ip -j link | jq -c 'map(select(.ifname | test("^eth")) | [.ifname, .address])')" = "$cards" ] &&
			left_behind && return
		sleep 0.1
	done
	ip link
	return 1
}
