# SPDX-License-Identifier: GPL-2.0
# Two cards with scatter-gather and checksum offload on a hub, one in each namespace: a path where
# zero-copy is zero-copy.

load ../helpers

setup_file() {
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	"$HARNESS" --trace all --path nic:eth0,eth1 --transport all --size 64K --threads 1,2 \
		--messages 300 --json > "$LEDGER"
}

@test "zero_copy makes one copy of each byte, the receiver's" {
	every_run "$LEDGER" --of zero_copy '.valid and .residual == {"send": 0, "receive": 0} and
		.sites.send_pin.bytes == .payload_bytes and .sites.send_copy.bytes == 0 and
		.sites.deferred_copy.bytes == 0 and .sites.receive_copy.bytes == .payload_bytes'
	# a card may take a short last segment by copy
	every_run "$LEDGER" --of zero_copy '.sites.transmit_copy.bytes <= .payload_bytes / 100 and
		.copies_per_byte < 1.01'
}

@test "the kernel's flag agrees: no completion said COPIED but for what was copied at transmit" {
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
