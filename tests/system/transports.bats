# SPDX-License-Identifier: GPL-2.0
# The transports after the first four, by what the kernel references instead of copying.

load ../helpers

FURTHER=writev,sendfile,sendfile_corked,splice,zero_copy+mapped,splice+splice

# The ledger of each: bytes at each site, copies per byte. A header is 256 bytes, or an eighth of a small message.
check() {
	local file=$1
	every_run "$file" '.valid and .residual == {"send": 0, "receive": 0} and
		.payload_bytes == .messages * .message_bytes'
	every_run "$file" '.witness | [.send, .receive] | all(.equal)'
	every_run "$file" --of writev '.copies_per_byte == 2 and .sites.send_copy.bytes == .payload_bytes and
		.sites.receive_copy.bytes == .payload_bytes and .system_calls.send == .messages'
	every_run "$file" --of sendfile '.copies_per_byte == 1 and .sites.send_splice.bytes == .payload_bytes and
		.sites.receive_copy.bytes == .payload_bytes'
	every_run "$file" --of sendfile_corked '(.messages * ([256, (.message_bytes / 8 | floor)] | min)) as $headers |
		.sites.send_copy.bytes == $headers and .sites.send_splice.bytes == .payload_bytes - $headers and
		.sites.receive_copy.bytes == .payload_bytes'
	every_run "$file" --of splice '.copies_per_byte == 1 and .sites.send_splice.bytes == .payload_bytes and
		.sites.receive_copy.bytes == .payload_bytes'
	every_run "$file" --of splice+splice '.copies_per_byte == 0 and
		.sites.send_splice.bytes == .payload_bytes and .sites.receive_splice.bytes == .payload_bytes'
	every_run "$file" --of zero_copy+mapped '.sites.send_pin.bytes == .payload_bytes and
		.sites.receive_map.bytes + .sites.receive_copy.bytes == .payload_bytes'
}

setup_file() {
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	ledger_in "$LEDGER" --transport $FURTHER --size 8,4096,256K --threads 1,2 --messages 60
}

@test "each makes the copies that the kernel's rules give it, over the loopback" {
	[ "$(jq '.runs | length' "$LEDGER")" -eq 36 ]
	check "$LEDGER"
}

@test "pages that the receiver maps are not copied by it: most of a large message, none of a small one" {
	every_run "$LEDGER" --of zero_copy+mapped '(.sites.receive_map.bytes / .payload_bytes) as $mapped |
		if .message_bytes < 4096 then $mapped == 0 elif .message_bytes > 4096 then $mapped > 0.5 else true end'
}

@test "each attach method counts the same" {
	local method
	for method in $(methods); do
		ledger_in "$BATS_TEST_TMPDIR/$method" --transport $FURTHER --attach "$method" --messages 40
		check "$BATS_TEST_TMPDIR/$method"
	done
}

@test "the first read of a connection counts like any other" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --transport splice+splice,zero_copy+mapped,sendfile+splice --messages 1
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual.receive == 0 and
		.sites.receive_splice.bytes + .sites.receive_map.bytes + .sites.receive_copy.bytes == 65536'
}

@test "between two namespaces splice to splice copies nothing either" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --transport $FURTHER --path veth --messages 40
	check "$BATS_TEST_TMPDIR/ledger"
}

@test "answers that are asked for, each byte verified" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --transport $FURTHER --mode rr --verify --size 8,64K --threads 2 --messages 40
	check "$BATS_TEST_TMPDIR/ledger"
}

@test "the largest message" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --transport $FURTHER --size 16M --messages 2 --verify
	check "$BATS_TEST_TMPDIR/ledger"
}

@test "a page that is written again too early is caught by --verify" {
	local transport
	for transport in sendfile sendfile_corked splice; do
		run --separate-stderr "$HARNESS" --trace none --transport $transport --size 1M --messages 100 --verify \
			--inject early-reuse
		[ "$status" -eq 1 ]
		[[ $stderr == *"expected"* ]]
	done
}

@test "advise names what copies least, and nothing that was not measured" {
	run --separate-stderr "$HARNESS" advise --transport two_copy,sendfile,splice+splice --repeat 2 --messages 50
	[ "$status" -eq 0 ]
	[[ $output == *"fewest copies: splice+splice; 0.000 of each byte"* ]]
	[[ $output == *"splice needs a pipe"* ]]
	run --separate-stderr "$HARNESS" advise --json --transport sendfile,splice,one_copy --repeat 2 --messages 50
	[ "$status" -eq 0 ]
	jq -e '.advice | .fewest_copies.transports == ["sendfile", "splice"] and .fewest_copies.copies_per_byte == 1 and
		(.fastest, .least_cpu | .value.median > 0 and .value.low == null and (.undecided | length) == 2 and .next == null)' \
		<<< "$output"
}

@test "advise is about one setting, with the copies counted, and keeps nothing" {
	local wrong
	for wrong in "--size 4K,64K" "--threads 1,2" "--out $BATS_TEST_TMPDIR/kept" "--trace none"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr "$HARNESS" advise $wrong
		[ -z "$output" ]
		[[ $(head -1 <<< "$stderr") == "harness: advise: want "* ]]
	done
	[ ! -e "$BATS_TEST_TMPDIR/kept" ]
}
