# SPDX-License-Identifier: GPL-2.0
# What a new user does, from the first command to the last: the grid, the claims, the report, with --quick.

load ../helpers

setup_file() {
	export GRID=$BATS_FILE_TMPDIR/results KEPT=$BATS_FILE_TMPDIR/kept
	export SAID=$BATS_FILE_TMPDIR/messages
	mkdir "$SAID"
	step grid "$BATS_TEST_DIRNAME/../../scripts/run_experiments.sh" --quick --out "$GRID"
	step verify "$HARNESS" verify --quick --break-even --keep "$KEPT" --json --junit "$SAID/junit.xml"
	keep_json "$SAID/verify.out"
	step judge "$HARNESS" verify --out "$GRID/default"
	step report "$HARNESS" report "$GRID/default"
	step both "$HARNESS" report "$KEPT" --to "$SAID/report"
}

# step NAME COMMAND...: its output kept. On a busy machine packets may pass the probes unseen or
# probes be skipped; such a run is left out by right and named, and nothing else may be wrong.
step() {
	local name=$1 status=0
	shift
	"$@" > "$SAID/$name.out" 2> "$SAID/$name.err" || status=$?
	[ "$status" -eq 0 ] || {
		echo "$name: status $status"
		grep -v '^verify: run\|^default: ' "$SAID/$name.err"
		grep -A3 '^INVALID: ' "$SAID/$name.out"
		[ "$status" -eq 1 ] && grep -qE '\[(missed_events|departures_unseen|delivery_unseen|linear_unseen|witness_disagrees|pinned_bytes_uncopied)\]$' "$SAID/$name".*
	}
}

# elements NAME FILE: how many of them an XML file has, if it is one
elements() {
	python3 -c 'import sys, xml.etree.ElementTree as E
print(sum(1 for _ in E.parse(sys.argv[2]).iter(sys.argv[1])))' "$1" "$2"
}

# runs: every run that was made, a line each
runs() {
	cat "$GRID/default/runs.jsonl"
	jq -c '.runs[]' "$KEPT"/*.json
}

@test "the grid is the reports' and eight_sends: 4 transports, 4 sizes, 4 numbers of threads, each traced and not" {
	jq -e -s 'length == 128 and (map([.transport, .message_bytes, .threads]) | unique | length) == 64 and
		all(group_by([.transport, .message_bytes, .threads])[]; length == 2)' \
		"$GRID/default/runs.jsonl"
	[ "$(wc -l < "$GRID/default/results.csv")" -eq 129 ]
	cd "$BATS_TEST_DIRNAME/../.."
	/usr/bin/python3 -B tests/rows.py "$GRID/default" 128 docs/output.md
}

@test "every claim has a verdict with its path, evidence and sentence" {
	jq -e '.schema == "harness.claims/2" and (.claims | length > 40) and (.claims | all(
		(.verdict | IN("CONFIRMED", "REFUTED", "UNDECIDED", "NOT TESTABLE HERE")) and (.why | length > 10) and
		(.path | length > 0) and (.evidence | length > 0)))' "$SAID/verify.out"
	[ "$(elements testcase "$SAID/junit.xml")" -eq "$(jq '.claims | length' "$SAID/verify.out")" ]
}

@test "copies are judged here as their bytes say" {
	verdicts=$(jq -c '[.claims[] | {(.id): [.verdict, .path]}] | add' "$SAID/verify.out")
	jq -e '.["R1.a"] == ["REFUTED", "veth"] and .["R1.c"] == ["CONFIRMED", "veth"] and
		.["R1.e"] == ["REFUTED", "veth"] and .["R2.a"] == ["CONFIRMED", "veth"] and
		.["R2.b"] == ["CONFIRMED", "veth"] and .["R3.c"] == ["REFUTED", "lo"] and
		.["R3.d"] == ["REFUTED", "lo"] and .["R4.c"] == ["NOT TESTABLE HERE", "nic"] and
		.["R5.b"] == ["CONFIRMED", "veth"]' <<< "$verdicts"
	jq -e '.claims[] | select(.id == "R1.a") | .measured == 2' "$SAID/verify.out"
	# and the grid alone, which is of loopback, says the same of it
	grep -qE '^R3\.c +REFUTED +1 ' "$SAID/judge.out"
	grep -qE '^R1\.a +NOT TESTABLE HERE' "$SAID/judge.out"
}

@test "what was proved has a line a path and site" {
	jq -e '[.proofs[] | select(.site == "send_copy")] | map(.path) == ["lo", "veth"] and
		all(.equal and .counted == .effect and .effect > 0)' "$SAID/verify.out"
	"$HARNESS" verify --out "$KEPT" > "$BATS_TEST_TMPDIR/table" || [ $? -eq 1 ]
	grep -qE '^veth +send_copy +([0-9,]+) +\1  .*\(tcp_sendmsg' "$BATS_TEST_TMPDIR/table"
}

@test "each two transports have a break-even on each path, in throughput and in CPU time" {
	jq -e '.break_even | length == 24 and (map([.path, .measure] | join(" ")) | unique) ==
		["lo CPU time per byte", "lo throughput", "veth CPU time per byte", "veth throughput"]' \
		"$SAID/verify.out"
	jq -e '.break_even | all(if .kind == "crosses" then .low <= .size and .size <= .high
		else .size == null end)' "$SAID/verify.out"
}

@test "the report has its page, the same as Markdown, and every picture it names" {
	for page in "$GRID/default/report" "$SAID/report"; do
		[ -s "$page/page.html" ]
		names=$(sed -nE 's/^!\[.*\]\((.+)\.png\)$/\1/p' "$page/page.md")
		[ "$(wc -w <<< "$names")" -ge 10 ]
		for name in $names; do
			[[ "$(head -c 4 "$page/$name.png")" == *PNG ]]
			[ "$(elements '{http://www.w3.org/2000/svg}path' "$page/$name.svg")" -ge 5 ]
			grep -q "data-name=\"$name\"" "$page/page.html"
		done
	done
	for name in throughput-size-1 throughput-threads-65536 latency-threads-512 cpu-size-8 copies switches-8 break-even; do
		[ -s "$GRID/default/report/lo-$name.png" ]
	done
}

# What is run, and not how long it took here: five minutes, with as much again for all else.
@test "what is run fits into five minutes" {
	runs | jq -e -s '(map(.seconds) | add) < 300 and (map(.seconds) | sort | .[length / 2 | floor]) * length < 150 and length < 1400'
	[ "$(grep -c '^verify: run' "$SAID/verify.err")" -le 60 ]
}
