# SPDX-License-Identifier: GPL-2.0
# --mode rr: the receiver requests each message. The residuals are 0 as in a stream, and each answer has a time.

load ../helpers

setup_file() {
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	ledger_in "$LEDGER" --mode rr --trace all --size 8,1000,64K --threads 1,4 \
		--messages 202
}

@test "every combination is valid, and both residuals are 0" {
	[ "$(jq '.runs | length' "$LEDGER")" -eq 24 ]
	every_run "$LEDGER" '.mode == "rr" and .valid and .residual == {"send": 0, "receive": 0} and
		.messages == 202 and .payload_bytes == 202 * .message_bytes'
}

@test "a request for each message, and its byte closes a ledger of its own" {
	every_run "$LEDGER" '.requests == {"count": 202, "bytes": 202,
		"residual": {"send": 0, "receive": 0}}'
}

@test "requests are not payload: the copies of a byte are those of a stream" {
	every_run "$LEDGER" --of two_copy '.copies_per_byte == 3 and
		.sites.send_copy.bytes == .payload_bytes and .sites.receive_copy.bytes == .payload_bytes'
	every_run "$LEDGER" --of one_copy '.copies_per_byte == 2 and
		.sites.send_copy.bytes == .payload_bytes and .sites.receive_copy.bytes == .payload_bytes'
	every_run "$LEDGER" --of zero_copy '.sites.send_copy.bytes == 0 and
		.sites.send_pin.bytes == .payload_bytes and .sites.receive_copy.bytes == .payload_bytes'
}

@test "percentiles are in order, and the mean is of the same times" {
	every_run "$LEDGER" '.latency_us | 0 < .p50 and .p50 <= .p90 and .p90 <= .p99 and
		.p99 <= .p999 and .p999 <= .max and 0 < .mean and .mean <= .max'
	# the answers of a connection come one after the other within the run
	every_run "$LEDGER" '.latency_us.mean * .messages <= .seconds * 1e6 * .threads * 1.0001'
}

@test "both sides sleep waiting for the other: the receiver in receive" {
	every_run "$LEDGER" '.context_switches.receiver | .voluntary > 0 and
		(.blocked_in.receive == null or .blocked_in.receive > 0)'
}

@test "a stream has a mean and no percentiles" {
	"$HARNESS" --trace none --transport one_copy --messages 50 --json > "$BATS_TEST_TMPDIR/stream"
	keep_json "$BATS_TEST_TMPDIR/stream"
	every_run "$BATS_TEST_TMPDIR/stream" '.mode == "stream" and .requests == null and
		.latency_us.mean > 0 and
		([.latency_us[["p50", "p90", "p99", "p999", "max"][]]] | all(. == null))'
}

@test "the table has a line for each percentile" {
	run --separate-stderr "$HARNESS" --mode rr --trace none --transport one_copy --messages 50
	[ "$status" -eq 0 ]
	[[ $output == *"each one asked for"* && $output == *"latency p50 us"*"latency p90 us"*"latency p99 us"*"p99.9 us"*"longest us"* ]]
}

@test "every answer is the one that was sent, for a time too" {
	local seconds
	# a machine may pause for all of a short run, which then has one message per thread
	for seconds in 0.2 2; do
		run --separate-stderr "$HARNESS" --mode rr --trace none --size 1000,64K --threads 2 \
			--seconds $seconds --verify --json
		keep_output
		[ "$status" -eq 0 ]
		every_run <(echo "$output") '.valid and .verify and .requests.count == .messages'
		! every_run <(echo "$output") '.messages > 2' || return 0
	done
	return 1
}

@test "each attach method gives the same ledger of requests and answers" {
	local method
	kernel_is_known
	for method in $(methods); do
		ledger_in "$BATS_TEST_TMPDIR/$method" --mode rr --trace copies --transport one_copy,zero_copy \
			--size 1000,64K --threads 2 --messages 100 --attach $method
		every_run "$BATS_TEST_TMPDIR/$method" '.valid and .residual == {"send": 0, "receive": 0} and
			.requests.residual == {"send": 0, "receive": 0}'
	done
}

@test "an unknown mode is one clear line" {
	run --separate-stderr "$HARNESS" --mode ping
	[ "$status" -eq 2 ]
	one_line "$stderr"
	[[ $stderr == *"stream, rr"* ]]
}
