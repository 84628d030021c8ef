# SPDX-License-Identifier: GPL-2.0
# A missing probe looks like "no copies", so it is never silent: the number is null, and the run and the exit status
# report it.

load ../helpers

setup_file() {
	export ATTACHED=$BATS_FILE_TMPDIR/attached ATTACH
	ATTACH=$(methods | head -n 1)
	ledger_in "$ATTACHED" --trace all --transport zero_copy --size 64 --messages 1 --attach "$ATTACH"
}

# hooks_of SITE: the kernel functions and tracepoints that are attached for a site
hooks_of() {
	jq -r --arg site "$1" '[.probes[] | select(.status == "attached" and .site == $site) | .function] | unique[]' \
		"$ATTACHED"
}

# without HOOK SITE: without HOOK, and what could replace it, SITE is null, with the reason
without() {
	local document
	run --separate-stderr "$HARNESS" --trace all --transport zero_copy --size 64K --messages 20 --json \
		--without "$1,sys_enter" --attach "$ATTACH"
	document=$output
	jq -e --arg site "$2" '.runs[0].sites[$site] | .bytes == null and .calls == null and
		.evidence == "unavailable"' <<< "$document" || {
		echo "without $1, $2 is $(jq -c --arg site "$2" '.runs[0].sites[$site]' <<< "$document")"
		return 1
	}
	jq -e --arg hook "$1" '[.probes[] | select(.function == $hook and .status == "refused" and .code == "left_out")] |
		length > 0' <<< "$document"
}

every_hook_of() {
	local site=$1 hooks hook
	hooks=$(hooks_of "$site")
	[ -n "$hooks" ]
	for hook in $hooks; do
		without "$hook" "$site"
	done
}

@test "send_copy without each of its hooks is null" {
	every_hook_of send_copy
}

@test "send_pin without each of its hooks is null" {
	every_hook_of send_pin
}

@test "deferred_copy without each of its hooks is null" {
	every_hook_of deferred_copy
}

@test "transmit_copy without each of its hooks is null" {
	every_hook_of transmit_copy
}

@test "tap_copy without each of its hooks is null" {
	every_hook_of tap_copy
}

@test "receive_copy without each of its hooks is null" {
	every_hook_of receive_copy
}

@test "dma_out and dma_in without each of their hooks are null" {
	every_hook_of dma_out
	every_hook_of dma_in
}

@test "the system call's tracepoint stands in for a missing hook of sends, and is as exact" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace all --transport zero_copy,one_copy --mode rr --size 64K \
		--messages 50 --without tcp_sendmsg_locked,tcp_sendmsg
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual.send == 0'
	jq -e '[.probes[] | select(.function == "sys_enter" and .status == "attached")] | length > 0' \
		"$BATS_TEST_TMPDIR/ledger"
}

@test "without sched_switch the switches are null" {
	run --separate-stderr "$HARNESS" --trace all --transport one_copy --size 64K --messages 20 --json \
		--without sched_switch
	jq -e '.runs[0].context_switches | [.sender.voluntary, .sender.involuntary,
		.receiver.voluntary, .receiver.involuntary] | all(. == null)' <<< "$output"
}

@test "a site that is needed and missing makes copies per byte null and the exit status 1" {
	local hook
	hook=$(hooks_of receive_copy | head -n 1)
	run --separate-stderr "$HARNESS" --trace copies --transport one_copy --size 64K --messages 20 --json \
		--without "$hook" --attach "$ATTACH"
	[ "$status" -eq 1 ]
	jq -e '.runs[0] | .copies_per_byte == null and .residual.receive == null and (.valid | not) and
		([.reasons[] | select(.code == "number_unknown") | .number] | unique ==
			["copies_per_byte", "receive_residual"])' <<< "$output"
	run --separate-stderr "$HARNESS" --trace copies --transport one_copy --size 64K --messages 20 \
		--without "$hook" --attach "$ATTACH"
	[ "$status" -eq 1 ]
	[[ $output == *"$hook"* ]]
	[[ $output == *"n/a"* ]]
}

@test "where the kernel hides its symbols deferred and tap copies are null, with that reason" {
	local before status=0
	before=$(sysctl -n kernel.kptr_restrict)
	sysctl -q kernel.kptr_restrict=2 # hidden from root too
	"$HARNESS" --transport zero_copy --size 64 --messages 1000 --json > "$BATS_TEST_TMPDIR/hidden" || status=$?
	sysctl -q "kernel.kptr_restrict=$before"
	[ $status -eq 1 ]
	jq -e '.runs[0].sites | [.deferred_copy, .tap_copy] | all(.bytes == null and .evidence == "unavailable")' \
		"$BATS_TEST_TMPDIR/hidden"
	jq -e '[.environment.probes[] | select(.site == "deferred_copy" and .status == "refused") | .code] |
		any(. == "symbols_hidden")' "$BATS_TEST_TMPDIR/hidden"
}
