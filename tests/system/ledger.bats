# SPDX-License-Identifier: GPL-2.0
# The ledger, to the byte: each transport, sizes from a few bytes to a mebibyte, one thread and several.

load ../helpers

setup_file() {
	local status=0
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	ledger_in "$LEDGER" --trace all --size 8,64,1000,4096,64K,1M --threads 1,4 \
		--messages 202 2> "$BATS_FILE_TMPDIR/errors" > /dev/null || status=$?
	echo $status > "$BATS_FILE_TMPDIR/status"
}

@test "all 48 combinations run and are valid" {
	[ "$(jq '.runs | length' "$LEDGER")" -eq 48 ]
	every_run "$LEDGER" '.valid and .reasons == [] and .why_invalid == []'
	[ ! -s "$BATS_FILE_TMPDIR/errors" ]
	[ "$(cat "$BATS_FILE_TMPDIR/status")" -eq 0 ]
}

@test "payload is exact on both sides" {
	every_run "$LEDGER" '.messages == 202 and .payload_bytes == .message_bytes * 202'
}

@test "residuals are 0 to the byte" {
	every_run "$LEDGER" '.residual == {"send": 0, "receive": 0}'
}

@test "TCP's own count of both sides is that of the probes" {
	every_run "$LEDGER" '.witness | [.send, .receive] | all(.equal)'
	every_run "$LEDGER" '.payload_bytes as $bytes | .witness | [.send, .receive] |
		all(.tcp_bytes == $bytes and .counted_bytes == $bytes)'
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace none --mode rr --messages 64
	every_run "$BATS_TEST_TMPDIR/ledger" '.payload_bytes as $bytes | .witness | [.send, .receive] |
		all(.tcp_bytes == $bytes and .counted_bytes == null and .equal == null)'
}

@test "two_copy makes three copies of each byte, one of them its own" {
	every_run "$LEDGER" --of two_copy '.copies_per_byte == 3 and
		.sites.user_memcpy.bytes == .payload_bytes and .sites.user_memcpy.calls == 202 * 8 and
		.sites.send_copy.bytes == .payload_bytes and .sites.receive_copy.bytes == .payload_bytes'
}

@test "one_copy and eight_sends make two copies of each byte" {
	for transport in one_copy eight_sends; do
		every_run "$LEDGER" --of $transport '.copies_per_byte == 2 and
			.sites.user_memcpy.bytes == 0 and .sites.send_copy.bytes == .payload_bytes and
			.sites.receive_copy.bytes == .payload_bytes'
	done
}

@test "what is copied on the send side is not pinned" {
	for transport in two_copy one_copy eight_sends; do
		every_run "$LEDGER" --of $transport '.sites.send_pin.bytes == 0 and
			.sites.deferred_copy.bytes == 0 and .sites.transmit_copy.bytes == 0'
	done
}

@test "zero_copy pins every byte, and on loopback every one is copied after all" {
	every_run "$LEDGER" --of zero_copy '.sites.send_copy.bytes == 0 and
		.sites.send_pin.bytes == .payload_bytes and
		.sites.deferred_copy.bytes >= .sites.send_pin.bytes'
}

@test "copies beyond the pinned bytes are of retransmitted packets, and are shown" {
	every_run "$LEDGER" --of zero_copy '(.sites.deferred_copy.bytes - .sites.send_pin.bytes) as $excess |
		.retransmits.bytes as $again | $excess <= $again and
		(.copies_per_byte - 2 - $excess / .payload_bytes | fabs) < 1e-9'
}

@test "the deferred copy names its cause, its function and its device" {
	every_run "$LEDGER" --of zero_copy '.sites.deferred_copy as $site |
		($site.causes | map(.bytes) | add) == $site.bytes and
		($site.causes | all(.device == "lo" and
			(.cause == "local delivery" or .cause == "local receive") and
			(.function | test("^(ip_local_deliver|__netif_receive_skb)"))))'
}

@test "a completion for every zero-copy send, and each has COPIED" {
	every_run "$LEDGER" --of zero_copy '.completions.expected == .system_calls.send and
		.completions.received == .completions.expected and
		.completions.copied == .completions.received'
}

@test "system calls are counted" {
	for transport in two_copy one_copy zero_copy; do
		every_run "$LEDGER" --of $transport '.system_calls.send == 202'
	done
	every_run "$LEDGER" --of eight_sends '.system_calls.send == 202 * 8'
	every_run "$LEDGER" '.system_calls.receive >= .threads'
}

# Each call takes at least 16 KiB, except the last two: the rest, and the end of the stream.
@test "over the loopback a receiver is woken for a piece of what is sent, not for a packet" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace none --size 1K,4K --messages 4096
	every_run "$BATS_TEST_TMPDIR/ledger" '.system_calls.receive <= .payload_bytes / 16384 + 2'
}

@test "loopback and its memory are no hardware: dma sites are 0, and known" {
	every_run "$LEDGER" '[.sites.dma_out, .sites.dma_in] |
		all(.bytes == 0 and .evidence == "exact")'
}

# Voluntary switches are known by the thread's own count (bpf/switches.bpf.c).
@test "context switches are counted on both sides, and are the kernel's own count of those threads" {
	every_run "$LEDGER" '.context_switches | [.sender, .receiver] |
		all(.voluntary != null and .involuntary != null and
		    (.blocked_in.send == null or .voluntary == (.blocked_in | add)))'
	every_run "$LEDGER" '.kernel_switches.sender.total != null and
		(.context_switches | map_values({voluntary, involuntary})) ==
		(.kernel_switches | map_values({voluntary, involuntary}))'
	[ "$(jq '[.runs[].context_switches.receiver.voluntary] | add' "$LEDGER")" -gt 0 ]
}

@test "every probe that counts is attached and missed nothing" {
	[ "$(jq '[.probes[] | select(.status == "attached")] | length' "$LEDGER")" -gt 0 ]
	missed_nothing "$LEDGER"
}

# known FILE: the probes whose missed events are known
known() {
	jq -c '.probes[] | [.site, .function, .attach, .status, .missed != null]' "$1"
}

@test "what the probes missed stays known when the last run is one without probes" {
	local seed baseline=$BATS_TEST_TMPDIR/baseline plain=$BATS_TEST_TMPDIR/plain
	ledger_in "$plain" --trace copies --transport one_copy --messages 20
	for seed in $(seq 20); do
		ledger_in "$baseline" --trace copies --transport one_copy --messages 20 --baseline-runs --seed "$seed"
		jq -e '(.runs | max_by(.sequence)).traced == []' "$baseline" || continue
		diff <(known "$plain") <(known "$baseline")
		return
	done
	return 1
}

@test "each site counts its calls" {
	every_run "$LEDGER" '([.sites | .send_copy, .send_pin, .send_splice | .calls] | add) == .system_calls.send'
	every_run "$LEDGER" '.sites.receive_copy.calls > 0'
}

@test "units are what their names say: Gbit/s, us, CPU seconds for a GiB" {
	every_run "$LEDGER" '(.payload_bytes * 8 / .seconds / 1e9) as $gbps | (.throughput_gbps / $gbps - 1 | fabs) < 1e-6'
	every_run "$LEDGER" '(.seconds * 1e6 * .threads / .messages) as $us | (.latency_us.mean / $us - 1 | fabs) < 1e-6'
	every_run "$LEDGER" '((.cpu_seconds | .sender + .receiver) * 1024 * 1024 * 1024 / .payload_bytes) as $cpu |
		(.derived.cpu_seconds_per_gib / $cpu - 1 | fabs) < 1e-6'
}

@test "user_memcpy is proved by a uprobe" {
	jq -e '.user_memcpy_check | length == 4 and all(.equal)' "$LEDGER"
	jq -e '.user_memcpy_check[] | select(.transport == "two_copy") | .uprobe_bytes > 0' "$LEDGER"
}

@test "the document has its schema, and every site is known" {
	jq -e '.schema == "harness.ledger/1" and .complete' "$LEDGER"
	every_run "$LEDGER" '.sites | length > 10 and all(.evidence != "unavailable" and .bytes != null and .calls != null)'
	every_run "$LEDGER" '.sites.receive_map.bytes == 0 and .sites.receive_splice.bytes == 0'
}

@test "every byte arrives as it was sent, with every transport" {
	ledger_in "$BATS_TEST_TMPDIR/verified" --trace all --size 1000,64K --threads 2 \
		--messages 300 --verify
	every_run "$BATS_TEST_TMPDIR/verified" '.valid and .verify and .residual == {"send": 0, "receive": 0}'
}
