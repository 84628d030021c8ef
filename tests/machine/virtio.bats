# SPDX-License-Identifier: GPL-2.0
# Two virtio cards on a hub, one in each namespace. Such cards have neither scatter-gather nor checksum
# offload there, so the kernel copies pinned pages on the way to the device.

load ../helpers

setup_file() {
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	ledger_in "$LEDGER" --trace all --path nic:eth0,eth1 --transport one_copy,zero_copy --size 4K,64K \
		--messages 300
}

@test "nothing is delivered on this host, so no copy is deferred" {
	every_run "$LEDGER" --of zero_copy '.valid and .residual == {"send": 0, "receive": 0} and
		.sites.send_pin.bytes == .payload_bytes and .sites.deferred_copy.bytes == 0'
}

@test "every byte is copied at transmit, retransmissions included" {
	every_run "$LEDGER" '.sites.transmit_copy.bytes - .payload_bytes | . >= 0'
	every_run "$LEDGER" '.sites.transmit_copy.bytes == .payload_bytes + .retransmits.bytes'
}

# Linux 6.1 sets it for none of the 4 KiB messages, 6.12 for some, and every byte of all was copied.
@test "a completion that says COPIED has a transmit copy behind it, but not the other way round" {
	every_run "$LEDGER" --of zero_copy '.completions.received == .completions.expected and
		.completions.copied * .message_bytes <= .sites.transmit_copy.bytes'
	every_run "$LEDGER" --of zero_copy 'if .completions.copied < .completions.received then
		(.notes | any(.code == "flag_disagrees")) else true end'
}

@test "what goes through the cards is handed to and taken from hardware" {
	every_run "$LEDGER" '.sites.dma_out.bytes == .payload_bytes + .retransmits.bytes and
		.sites.dma_in.bytes == .payload_bytes'
}

@test "the cards are given back" {
	ip link show dev eth0
	ip link show dev eth1
}
