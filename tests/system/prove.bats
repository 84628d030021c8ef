# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # jq expands what is in single quotes
# --prove: in short runs of its own it counts the effect of each copy, which equals the site's count.

load ../helpers

setup_file() {
	export PROVED=$BATS_FILE_TMPDIR/proved PLAIN=$BATS_FILE_TMPDIR/plain
	ledger_in "$PROVED" --prove --transport one_copy,zero_copy --size 64K --messages 50
	ledger_in "$PLAIN" --transport one_copy,zero_copy --size 64K --messages 50
}

# proved SITE TRANSPORT: effects were counted, more than 0 bytes, and equal the site's bytes
proved() {
	jq -e --arg site "$1" --arg transport "$2" '.proofs[] | select(.transport == $transport) | .sites[] |
		select(.site == $site) | .equal and .proved_bytes > 0 and .counted_bytes == .proved_bytes and .why == null' \
		"$PROVED" || {
		jq -c '.proofs' "$PROVED"
		return 1
	}
}

@test "send_copy and send_pin are proved by the pages in the packets that left" {
	proved send_copy one_copy
	proved send_pin zero_copy
}

@test "every site of a send is proved for every transport" {
	jq -e '.proofs | map(.transport) == ["one_copy", "zero_copy"]' "$PROVED"
	jq -e '[.proofs[].sites[] | select(.site | startswith("send_"))] | length == 6 and all(.equal)' "$PROVED"
}

@test "receive_copy and deferred_copy are proved where there are kprobes, and named with the reason elsewhere" {
	if has_method kprobe; then
		proved receive_copy one_copy
		proved receive_copy zero_copy
		proved deferred_copy zero_copy
	else
		jq -e '[.proofs[].sites[] | select(.site == "receive_copy" or .site == "deferred_copy")] | length == 4 and
			all(.equal == null and .counted_bytes == null and .proved_bytes == null and
				.code == "no_kprobes")' "$PROVED"
	fi
}

@test "the evidence of send_copy is exact when it was proved, and derived when it was not" {
	every_run "$PROVED" '.sites | .send_copy.evidence == "exact" and .send_pin.evidence == "exact"'
	every_run "$PLAIN" '.sites.send_copy.evidence == "derived"'
	jq -e '.proofs == [] or .proofs == null' "$PLAIN"
}

@test "a site that no byte of the proof passed is not proved" {
	"$HARNESS" --json --prove --transport zero_copy --size 4K --messages 50 > "$BATS_TEST_TMPDIR/ledger"
	keep_json "$BATS_TEST_TMPDIR/ledger"
	every_run "$BATS_TEST_TMPDIR/ledger" '.sites.send_copy.evidence == "derived" and .sites.send_pin.evidence == "exact"'
}
