# SPDX-License-Identifier: GPL-2.0
# Two cards with hardware behind them: what the reports say of a NIC can be judged here, and is.

load ../helpers

setup_file() {
	export KEPT=$BATS_FILE_TMPDIR/kept VERDICTS=$BATS_FILE_TMPDIR/claims.json
	# bytes are exact, so one run of each is enough, and emulated ones are slow
	sed 's/^repeat = .*/repeat = 1/' "$BATS_TEST_DIRNAME/../../analysis/claims.toml" > "$BATS_FILE_TMPDIR/claims.toml"
	"$HARNESS" verify --quick --claims "$BATS_FILE_TMPDIR/claims.toml" --path nic:eth0,eth1 --keep "$KEPT" --json \
		> "$VERDICTS"
	keep_json "$VERDICTS"
}

# verdict ID: of a claim, and over the cards where that is not the path it was made about
verdict() {
	jq -r --arg id "$1" '.claims[] | select(.id == $id) |
		if .path == "nic" then .verdict else (.elsewhere[] | select(.path == "nic")).verdict end' \
		"$VERDICTS"
}

# own_claim TEST: the verdict on a claim of ours about the runs that were kept
own_claim() {
	printf '[[claim]]\nid = "X"\nreport = "X"\nsays = "X"\npath = "nic"\ntests = [{ %s }]\n' "${1//$'\n'/ }" \
		> "$BATS_TEST_TMPDIR/claims.toml"
	"$HARNESS" verify --out "$KEPT" --claims "$BATS_TEST_TMPDIR/claims.toml" --json |
		jq -r '.claims[0].verdict'
}

@test "no run was a retry" {
	retries_allowed || jq -e -s '[.[].runs[].tries] | length > 20 and all(. == 1)' "$KEPT"/*.json
}

@test "a claim that needs a NIC is judged over one, by its numbers" {
	[ "$(verdict R4.a)" = CONFIRMED ]
	jq -e '.claims[] | select(.id == "R4.a") | .path == "nic" and .measured > 0.98 and
		.measured < 1.02 and .evidence == "exact"' "$VERDICTS"
	[ "$(verdict R4.a.more)" = REFUTED ]
}

@test "a claim about a NIC over a path without one is judged over a NIC too" {
	jq -e '.claims[] | select(.id == "R1.a") | .verdict == "NOT TESTABLE HERE" and
		(.elsewhere | length == 1) and (.elsewhere[0].measured > 3.9)' "$VERDICTS"
	# the NIC reads socket buffers, not the eight fields
	[ "$(verdict R3.c)" = REFUTED ]
	# the receiver still copies
	[ "$(verdict R3.d)" = REFUTED ]
}

@test "at 64 KiB zero_copy is read from user memory by the card" {
	[ "$(own_claim 'measure = "zero_copy.send_copy + zero_copy.deferred_copy + zero_copy.transmit_copy",
		compare = "==", value = 0, tolerance = 0.02, size = 65536, threads = 1')" = CONFIRMED ]
	[ "$(own_claim 'measure = "zero_copy.dma_out", compare = "==", value = 1, tolerance = 0.02,
		size = 65536, threads = 1')" = CONFIRMED ]
	[ "$(own_claim 'measure = "zero_copy.copies", compare = "==", value = 2, tolerance = 0.02,
		size = 65536, threads = 1')" = REFUTED ]
}

@test "a claim about a path that was not run says which option runs it" {
	jq -e '[.claims[] | select(.path == "veth")] | length > 5 and
		all(.verdict == "NOT TESTABLE HERE" and (.why | test("--path veth")))' "$VERDICTS"
}
