# SPDX-License-Identifier: GPL-2.0
# What another processor decides: what attaches, the ledger by each attach method, the causes of copies (which are read
# from registers and stacks), the system calls of 32-bit programs, the processor's counters. VM_KERNEL names the kernel.
# Guest time counts instructions, because the emulated processor counts them, too, only then.

load ../helpers

setup_file() {
	local method
	cd "$BATS_TEST_DIRNAME/../.." || return
	export DOCUMENTS=$BATS_FILE_TMPDIR MACHINE METHODS
	scripts/cross_arm64.sh > "$DOCUMENTS/build" 2>&1 || {
		cat "$DOCUMENTS/build" >&3
		return 1
	}
	scripts/vm.sh --kernel "${VM_KERNEL:-arm64-6.12}" --icount -- tests/arm64/machine.sh ledgers compat counters > "$DOCUMENTS/all"
	while IFS=$'\t' read -r name document; do
		printf '%s\n' "$document" >> "$DOCUMENTS/$name"
	done < "$DOCUMENTS/all"
	MACHINE=arm64-$(cut -d. -f1,2 "$DOCUMENTS/kernel")
	setup
	METHODS=$(methods)
	for method in $METHODS compat.ledger run; do
		keep_json "$DOCUMENTS/$method"
	done
	[ ! -e "$DOCUMENTS/doctor" ] || keep_json "$DOCUMENTS/doctor"
}

# The rows of the table are those of the machine.
setup() {
	KERNEL=$MACHINE
}

@test "what attaches by each method is what the table says" {
	local method
	for method in $METHODS; do
		diff <(printf '%s\n' $(row "$method")) \
			<(jq -r '[.probes[] | select(.status == "attached").program] | unique[]' "$DOCUMENTS/$method")
	done
}

# Not at the attach of each program, one after the other.
@test "a method that loads and does not attach is refused at the first attempt, by the name of its error" {
	local method
	for method in fentry kprobe tracepoint; do
		[ "$(row $method)" = refused ] || continue
		[ "$(cat "$DOCUMENTS/$method.status")" = 77 ]
		refused_as_known "$DOCUMENTS/doctor" $method
		jq -e 'all(.probes[]; .code != "attach_failed")' "$DOCUMENTS/doctor" > /dev/null
		jq -e --arg method $method '[.sites[].methods[] | select(.method == $method)] |
			length > 3 and all(.status == "closed")' "$DOCUMENTS/doctor" > /dev/null
	done
	run ! grep -E "Unknown error|error 524" "$DOCUMENTS/all"
}

@test "the ledger is exact by each method, and the same" {
	local method
	for method in $METHODS; do
		first_try "$DOCUMENTS/$method"
		[ "$(jq -c '[.runs[].transport]' "$DOCUMENTS/$method")" = '["two_copy","eight_sends","one_copy","zero_copy"]' ]
		every_run "$DOCUMENTS/$method" '.valid and .messages == 30 and .residual == {"send": 0, "receive": 0} and
			(.witness | [.send, .receive] | all(.equal)) and .sites.receive_copy.bytes == .payload_bytes'
		every_run "$DOCUMENTS/$method" --of two_copy '.sites.user_memcpy.bytes == .payload_bytes and .copies_per_byte == 3'
		for transport in eight_sends one_copy; do
			every_run "$DOCUMENTS/$method" --of $transport '.sites.send_copy.bytes == .payload_bytes and .copies_per_byte == 2'
		done
		every_run "$DOCUMENTS/$method" --of zero_copy '.sites.send_pin.bytes == .payload_bytes and .sites.send_copy.bytes == 0 and
			((.sites.deferred_copy.bytes - .payload_bytes) as $again | $again >= 0 and $again <= .retransmits.bytes)'
	done
}

# A kernel without KALLSYMS_ALL hides the list of taps, so tracepoints do not know of them.
@test "copies for a tap are the tap's, and those at delivery are not" {
	local method
	for method in $METHODS; do
		every_run "$DOCUMENTS/$method" --of zero_copy '.sites.deferred_copy.causes |
			length > 0 and all(.function | test("^(ip_local_deliver|__netif_receive_skb|deliver_skb)"))'
		if [ "$method $(row tap_by_tracepoint)" = "tracepoint unknown" ]; then
			every_run "$DOCUMENTS/$method" --of zero_copy '.sites.tap_copy.bytes == null'
			continue
		fi
		[ "$method" = tracepoint ] || every_run "$DOCUMENTS/$method" --of zero_copy \
			'.sites.tap_copy.causes | any(.code == "packet_tap" and .function == "dev_queue_xmit_nit")'
		every_run "$DOCUMENTS/$method" --of zero_copy '(([.sites.tap_copy.causes[] | select(.code == "packet_tap").bytes] |
			add) // .sites.tap_copy.bytes) as $bytes |
			$bytes >= .payload_bytes and $bytes <= .payload_bytes + .retransmits.bytes'
	done
}

@test "the calls of a 32-bit program count as others do" {
	[ "$(cat "$DOCUMENTS/compat.status")" = 0 ]
	jq -e --slurpfile printed "$DOCUMENTS/compat" '$printed[0] as $moved | .valid and (.runs[0] |
		.residual == {"send": 0, "receive": 0} and
		.sent_bytes == $moved.sent + $moved.spliced and .sites.send_splice.bytes == $moved.spliced and
		.sites.send_copy.bytes == $moved.sent and .received_bytes == .sent_bytes - $moved.discarded and
		.peeked_bytes == $moved.peeked and .discarded_bytes == $moved.discarded and
		.sites.receive_copy.bytes == .received_bytes + .peeked_bytes)' "$DOCUMENTS/compat.ledger" > /dev/null || {
		cat "$DOCUMENTS/compat" "$DOCUMENTS/compat.err"
		jq -c '.runs[0] | {sent_bytes, received_bytes, peeked_bytes, discarded_bytes, uncovered, reasons,
			sites: (.sites | map_values(.bytes))}' "$DOCUMENTS/compat.ledger"
		return 1
	}
}

# sum_of NAME COUNTER: of both sides of all runs
sum_of() {
	jq "[.runs[].counters | .sender.$2, .receiver.$2] | add" "$DOCUMENTS/$1"
}

# perf counts the harness's own process and the setup, too, as in a run of one message. The rest is that process
# while the sides work. The two runs of one message differ by some percent of the cycles.
@test "cycles and instructions are those of perf stat on the same runs; what it cannot count is null" {
	local event perf sides
	for event in cycles instructions; do
		every_run "$DOCUMENTS/run" ".counters | [.sender, .receiver] | all(.$event > 0 and (.why | has(\"$event\") | not))"
		perf=$(($(cat "$DOCUMENTS/run.$event") - $(cat "$DOCUMENTS/nothing.$event")))
		sides=$(($(sum_of run $event) - $(sum_of nothing $event)))
		echo "$event: perf $perf, both sides $sides"
		[ $((sides * 20)) -le $((perf * 21)) ]
		[ $((sides * 5)) -ge $((perf * 4)) ]
	done
	[ "$(cat "$DOCUMENTS/run.cache-misses")" = "<not supported>" ]
	every_run "$DOCUMENTS/run" '.counters | [.sender, .receiver] | all(.cache_misses == null and .why_codes.cache_misses == "no_counter")'
}

# The values of the chart have three digits.
@test "the page has the chart of cycles, with the numbers of these runs" {
	local size expected shown
	mkdir "$BATS_TEST_TMPDIR/run"
	cp "$DOCUMENTS/environment" "$BATS_TEST_TMPDIR/run/environment.json"
	cp "$DOCUMENTS/runs" "$BATS_TEST_TMPDIR/run/runs.jsonl"
	"$HARNESS" report "$BATS_TEST_TMPDIR/run"
	grep -q 'data-name="lo-cycles-size-1"' "$BATS_TEST_TMPDIR/run/report/page.html"
	for size in 4096 65536; do
		for transport in one_copy zero_copy; do
			expected=$(jq "[.runs[] | select(.transport == \"$transport\" and .message_bytes == $size) |
				(.counters | .sender.cycles + .receiver.cycles) / .payload_bytes][0]" "$DOCUMENTS/run")
			shown=$(sed -n "s/.*<title>$transport, $((size / 1024)) KiB, 1 thread: \([0-9.]*\) cycles a byte.*/\1/p" \
				"$BATS_TEST_TMPDIR/run/report/lo-cycles-size-1.svg")
			echo "$transport, $size: $expected, shown $shown"
			awk -v a="$expected" -v b="$shown" 'BEGIN { exit !(a > 0 && b > 0 && (a - b) ^ 2 <= (a / 100) ^ 2) }'
		done
	done
}
