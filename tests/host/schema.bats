# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # jq expands
# A document that breaks its schema is found, with the place of the fault.

load ../helpers

VALIDATE=$BATS_TEST_DIRNAME/../validate.py

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	"$HARNESS" --json --trace copies --size 4K --messages 50 > run.json
	"$HARNESS" --json --trace all --mode rr --transport one_copy --size 64 --messages 50 > rr.json
	"$HARNESS" --json --trace none --transport one_copy --size 64 --messages 50 > baseline.json
	"$HARNESS" watch --json --output watch.json --all --interval 0.2 --count 3 ||
		jq -se 'length == 4' watch.json
	"$HARNESS" watch --json --output whole.json --all --seconds 0.1 || [ -s whole.json ]
	"$HARNESS" watch --json --output timed.json --time --by socket -- \
		"$BATS_TEST_DIRNAME/../../build/traffic" zerocopy 0.3 > /dev/null || [ -s timed.json ]
	"$HARNESS" doctor --json > doctor.json || [ $? -eq 1 ]
	"$HARNESS" verify --json --out "$BATS_TEST_DIRNAME/../analysis/data/lo" > verify.json
	"$HARNESS" advise --json --transport one_copy,splice+splice --repeat 2 --messages 20 > advise.json
	"$HARNESS" --out out --transport one_copy --size 4K --messages 50 --prove > /dev/null
	cp out/environment.json out/runs.jsonl out/summary.json out/proofs.json .
}

@test "each document is valid" {
	cd "$BATS_FILE_TMPDIR"
	"$VALIDATE" {run,rr,baseline,advise,watch,whole,timed,doctor,verify,environment,summary,proofs}.json runs.jsonl
}

# wrong FILE FILTER FAULT: after the jq filter the document is refused, and the line names the fault
wrong() {
	local file=$BATS_TEST_TMPDIR/$1
	jq -c "$2" "$BATS_FILE_TMPDIR/$1" > "$file"
	run --separate-stderr "$VALIDATE" "$file"
	[ "$status" -eq 1 ]
	[[ $stderr == *"$file: document "*"$3"* ]] || {
		echo "$stderr"
		return 1
	}
}

@test "a key that is missing, renamed or of another type is found in each document" {
	wrong run.json 'del(.runs[0].sites.send_copy)' "\$.runs[0].sites: 'send_copy' is a required property"
	wrong run.json '.runs[0].extra = 1' "'extra' was unexpected"
	wrong run.json '.runs[1].residual.send = "0"' '$.runs[1].residual.send'
	wrong run.json '.runs[1].sites.send_copy.time_ns = 1' "'time_ns' was unexpected"
	wrong advise.json '.advice.fastest.next = 1' '$.advice.fastest.next'
	wrong advise.json 'del(.advice.fewest_copies)' "'fewest_copies' is a required property"
	wrong run.json '.environment.extra = 1' "'extra' was unexpected"
	wrong run.json '.runs[0].counters.sender.cycle = 1' "counters.sender: 'cycle'"
	wrong rr.json '.runs[0].requests.residual = null' '$.runs[0].requests.residual'
	wrong watch.json 'select(.runs) | del(.missed)' "\$: 'missed' is a required property"
	wrong watch.json 'select(.environment) | .runs = []' "'runs' was unexpected"
	wrong whole.json 'del(.probes)' "\$: 'probes' is a required property"
	wrong timed.json '.runs[0].process.pid = "1"' '$.runs[0].process.pid'
	wrong timed.json 'del(.runs[0].sites.send_copy.time_ns)' '$.runs[0].sites'
	wrong doctor.json '.verdict = "good"' '$.verdict'
	wrong doctor.json '.checks.btf.status = "fine"' '$.checks.btf.status'
	wrong verify.json '.claims[0].verdict = "TRUE"' '$.claims[0].verdict'
	wrong environment.json 'del(.seed)' "'seed' is a required property"
	wrong runs.jsonl '.started_unix_us = null' '$.started_unix_us'
	wrong proofs.json '.proofs[0].sites[0].equal = "yes"' '$.proofs[0].sites[0].equal'
	wrong proofs.json 'del(.user_memcpy_check)' "'user_memcpy_check' is a required property"
	wrong summary.json '.rows[0].quantities.throughput_gbps.median = "1"' '$.rows[0].quantities.throughput_gbps.median'
}

@test "what is no document of the harness is refused" {
	echo '{"schema": "harness.ledger/0"}' > "$BATS_TEST_TMPDIR/other"
	! "$VALIDATE" "$BATS_TEST_TMPDIR/other"
	: > "$BATS_TEST_TMPDIR/empty"
	! "$VALIDATE" "$BATS_TEST_TMPDIR/empty"
	head -c 100 "$BATS_FILE_TMPDIR/run.json" > "$BATS_TEST_TMPDIR/torn"
	! "$VALIDATE" "$BATS_TEST_TMPDIR/torn"
}

@test "each key says what it is" {
	run jq -r '[paths(type == "object" and (has("type") or has("enum")) and (has("$ref") or has("description") | not))
		| map(tostring) | select(.[-2] == "properties") | join(".")] | .[]' "$BATS_TEST_DIRNAME"/../../docs/schema/*.json
	[ "$output" = "" ]
}

@test "a document that a test keeps is validated when its file ends" {
	mkdir "$BATS_TEST_TMPDIR/tests"
	printf '@test "one" {\n\tload %s\n\techo "{\\"schema\\": \\"harness.ledger/1\\"}" > "$BATS_TEST_TMPDIR/x"\n\tkeep_json "$BATS_TEST_TMPDIR/x"\n}\nload %s\n' \
		"$BATS_TEST_DIRNAME/../helpers" "$BATS_TEST_DIRNAME/../helpers" > "$BATS_TEST_TMPDIR/tests/bad.bats"
	run env -u BATS_RUN_TMPDIR bats --tap "$BATS_TEST_TMPDIR/tests/bad.bats"
	[ "$status" -eq 1 ]
	[[ $output == *"'environment' is a required property"* ]]
}
