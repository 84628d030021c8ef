# SPDX-License-Identifier: GPL-2.0
# The files of --out DIR: every run is there once and whole, whatever happens meanwhile.

load ../helpers

R2_HEADER=implementation,message_size,threads,throughput_gbps,avg_latency_us,cycles,instructions,context_switches,cache_references,cache_misses

setup() {
	DIR=$BATS_TEST_TMPDIR/out
}

teardown() {
	[ -z "${background:-}" ] || kill -9 "$background" 2> /dev/null || true
	umount "$BATS_TEST_TMPDIR/small" 2> /dev/null || true
}

small_grid() {
	"$HARNESS" --out "$DIR" --trace all --transport one_copy,zero_copy --size 4K,64K --messages 50 \
		--warm-up 0 "$@"
}

# lines: how many runs are kept so far
lines() {
	cat "$DIR/runs.jsonl" 2> /dev/null | wc -l
}

# csv FILTER: a jq filter over the rows as objects, as a spreadsheet reader has them
csv() {
	python3 -c 'import csv, json, sys; json.dump(list(csv.DictReader(sys.stdin)), sys.stdout)' \
		< "$DIR/results.csv" | jq -e "$1"
}

# complete RUNS: so many rows, the same in both files, none twice, none torn
complete() {
	keep_json "$DIR"/{environment.json,runs.jsonl}
	[ ! -e "$DIR/summary.json" ] || keep_json "$DIR/summary.json"
	csv "length == $1 and (map([.implementation, .message_size, .threads, .repeat, .traced]) |
		unique | length) == $1 and all(has(\"null\") or any(. == null) | not)"
	[ "$(jq -c . "$DIR/runs.jsonl" | wc -l)" -eq "$1" ]
	[ -z "$(tail -c 1 "$DIR/results.csv")" ]
}

@test "a grid is kept: a baseline run of every run, the reports' columns first, every row valid" {
	run --separate-stderr small_grid
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	complete 8
	[ "$(head -n 1 "$DIR/results.csv" | cut -d, -f1-10)" = "$R2_HEADER" ]
	csv 'all(.valid == "true" and .path == "lo")'
	csv 'group_by([.implementation, .message_size]) | all(map(.traced) | sort ==
		["", "copies+sched+counters"])'
	jq -se 'map(.sequence) == [range(1; 9)]' "$DIR/runs.jsonl"
}

@test "columns say what the run's JSON says; what is not known is empty" {
	small_grid
	csv 'map(select(.traced == "")) | all(.copies_per_byte == "" and .send_copy == "" and
		.send_copy_evidence == "unavailable" and .throughput_gbps != "")'
	csv 'map(select(.traced != "" and .implementation == "one_copy")) | all(
		.copies_per_byte == "2" and .send_copy == .payload_bytes and
		.receive_copy == .payload_bytes and .receive_copy_evidence == "exact" and
		.residual_send == "0" and .receive_map == "0")'
	paste -d '\n' <(csv '.[].throughput_gbps | tonumber') <(jq .throughput_gbps "$DIR/runs.jsonl") |
		paste - - | awk '$1 != $2 { exit 1 }'
}

@test "environment.json has the machine, the versions and the command line" {
	small_grid --seed 42
	jq -e '.seed == 42 and (.kernel | length) > 0 and (.arguments | index("--out")) != null and
		(.probes | length) > 0 and .path_details.sender.mtu > 0 and
		(.path_details.sender.offloads | has("tcp-segmentation-offload"))' "$DIR/environment.json"
	# each is known, or null with a reason
	jq -e '. as $all | ["caches", "governor", "mitigations", "kernel_command_line"] |
		all(. as $key | $all | has($key) and ((.[$key] == null) == (.why | has($key))))' \
		"$DIR/environment.json"
	jq -e '(.libraries | map_values(length > 0) | all) and (.probes | any(.status == "attached")) and
		.cores_allowed > 0' "$DIR/environment.json"
	[ "$(jq -r '.caches[0].bytes' "$DIR/environment.json")" -eq "$(getconf -a |
		awk '$1 == "LEVEL1_DCACHE_SIZE" { print $2 }')" ]
}

@test "the same seed gives the same order, another seed another" {
	order() {
		DIR=$BATS_TEST_TMPDIR/$1 small_grid --seed "$2" > /dev/null
		jq -c '[.transport, .message_bytes, .traced]' "$BATS_TEST_TMPDIR/$1/runs.jsonl"
	}
	order a 1 > "$BATS_TEST_TMPDIR/1"
	order b 1 | cmp - "$BATS_TEST_TMPDIR/1"
	! order c 2 | cmp -s - "$BATS_TEST_TMPDIR/1"
}

@test "the summary has a median and, from six repeats, an interval of each quantity" {
	small_grid --repeat 6
	jq -e '.rows | length == 4 and all(.quantities.throughput_gbps |
		.count == 6 and .low <= .median and .median <= .high and .coverage >= 0.95)' \
		"$DIR/summary.json"
	jq -e '.rows | all(.quantities.copies_per_byte.median >= 2)' "$DIR/summary.json"
	jq -e '.rows | all(.quantities.tracing_cost | .count == 6 and .median < 1)' "$DIR/summary.json"
	jq -e '.rows | all(.quantities.cycles_per_byte | .count > 0 or .median == null)' "$DIR/summary.json"
	[ "$(wc -l < "$DIR/summary.csv")" -eq 5 ]
}

@test "a combination is repeated while its interval is wide, up to the limit" {
	"$HARNESS" --out "$DIR" --trace none --transport one_copy --size 64 --messages 20 \
		--repeat-max 8 --precision 0.001% > /dev/null
	complete 8
}

@test "results are never written over" {
	small_grid
	cp -r "$DIR" "$BATS_TEST_TMPDIR/before"
	run --separate-stderr small_grid
	[ "$status" -eq 2 ]
	one_line "$stderr"
	diff -r "$DIR" "$BATS_TEST_TMPDIR/before"
}

@test "proofs are kept: verify and report of the folder show them, and an unequal one is the status" {
	"$HARNESS" --out "$DIR" --transport one_copy --messages 20 --seed 1 --prove > "$BATS_TEST_TMPDIR/table"
	keep_json "$DIR/proofs.json"
	jq -e '.proofs | length == 1 and all(.[].sites[] | select(.site | startswith("send_")); .equal)' "$DIR/proofs.json"
	"$HARNESS" verify --out "$DIR" --json > "$BATS_TEST_TMPDIR/verdicts.json"
	keep_json "$BATS_TEST_TMPDIR/verdicts.json"
	jq -e --slurpfile kept "$DIR/proofs.json" '.proofs[] | select(.site == "send_copy") | .equal and .counted > 0 and
		.counted == ($kept[0].proofs[0].sites[] | select(.site == "send_copy") | .proved_bytes)' "$BATS_TEST_TMPDIR/verdicts.json"
	"$HARNESS" report "$DIR" > /dev/null
	grep -q '^| lo | send_copy | .* | equal (' "$DIR/report/page.md"
	# of an earlier session, too
	sed -i 's/"equal": true/"equal": false/' "$DIR/proofs.json"
	run "$HARNESS" --resume "$DIR"
	[ "$status" -eq 1 ]
	jq -e '.proofs | length == 2' "$DIR/proofs.json"
}

@test "two harnesses do not write to one directory" {
	"$HARNESS" --out "$DIR" --trace none --transport one_copy --seconds 30 > /dev/null 2>&1 3>&- &
	background=$!
	for _ in $(seq 50); do
		[ -s "$DIR/environment.json" ] && break
		sleep 0.1
	done
	run --separate-stderr "$HARNESS" --resume "$DIR"
	[ "$status" -eq 2 ]
	one_line "$stderr"
	[[ $stderr == *"another harness"* ]]
	kill -INT "$background"
	wait "$background" || true
	background=
}

@test "after kill -9, --resume does what is left and nothing twice" {
	"$HARNESS" --out "$DIR" --transport one_copy,zero_copy --size 4K,64K --messages 50 \
		--warm-up 0 --repeat 4 > /dev/null 3>&- &
	background=$!
	for _ in $(seq 200); do
		[ "$(lines)" -ge 5 ] && break
		sleep 0.05
	done
	kill -9 "$background"
	wait "$background" || true
	background=
	local before
	before=$(wc -l < "$DIR/runs.jsonl")
	[ "$before" -ge 5 ] && [ "$before" -lt 32 ]
	cp "$DIR/runs.jsonl" "$BATS_TEST_TMPDIR/first"
	run --separate-stderr "$HARNESS" --resume "$DIR"
	[ "$status" -eq 0 ]
	complete 32
	head -n "$before" "$DIR/runs.jsonl" | cmp - "$BATS_TEST_TMPDIR/first"
	left_behind
	# and once more: there is nothing left to do
	cp "$DIR/runs.jsonl" "$BATS_TEST_TMPDIR/second"
	"$HARNESS" --resume "$DIR"
	cmp "$DIR/runs.jsonl" "$BATS_TEST_TMPDIR/second"
}

@test "a torn last line is dropped and reported, and its run is done again" {
	small_grid
	local size
	size=$(stat -c %s "$DIR/runs.jsonl")
	truncate -s $((size - 7)) "$DIR/runs.jsonl"
	run --separate-stderr "$HARNESS" --resume "$DIR"
	[ "$status" -eq 0 ]
	[[ $stderr == *"last line is incomplete"* ]]
	complete 8
	# a row that the line behind it survived is written again from it
	size=$(stat -c %s "$DIR/results.csv")
	truncate -s $((size - 7)) "$DIR/results.csv"
	cp "$DIR/runs.jsonl" "$BATS_TEST_TMPDIR/lines"
	run --separate-stderr "$HARNESS" --resume "$DIR"
	[ "$status" -eq 0 ]
	complete 8
	cmp "$DIR/runs.jsonl" "$BATS_TEST_TMPDIR/lines"
}

@test "--resume refuses another kernel's results, and a directory without any" {
	small_grid
	jq '.kernel = "2.6.32"' "$DIR/environment.json" > "$BATS_TEST_TMPDIR/other"
	cp "$BATS_TEST_TMPDIR/other" "$DIR/environment.json"
	run --separate-stderr "$HARNESS" --resume "$DIR"
	[ "$status" -eq 2 ]
	one_line "$stderr"
	[[ $stderr == *kernel*2.6.32* ]]
	run --separate-stderr "$HARNESS" --resume "$BATS_TEST_TMPDIR"
	[ "$status" -eq 2 ]
	one_line "$stderr"
}

@test "--resume refuses where other transports can run than then" {
	small_grid
	jq '.left_out = [{transport: "uring_zc", code: "unsupported", why: "none"}]' "$DIR/environment.json" \
		> "$BATS_TEST_TMPDIR/other"
	cp "$BATS_TEST_TMPDIR/other" "$DIR/environment.json"
	run --separate-stderr "$HARNESS" --resume "$DIR"
	[ "$status" -eq 2 ]
	one_line "$stderr"
	[[ $stderr == *"'uring_zc'"* ]]
}

@test "a full disk ends it with a clear line and no half row, and --resume goes on" {
	mkdir "$BATS_TEST_TMPDIR/small"
	mount -t tmpfs -o size=64k tmpfs "$BATS_TEST_TMPDIR/small"
	DIR=$BATS_TEST_TMPDIR/small/out
	run --separate-stderr small_grid --repeat 5
	[ "$status" -eq 1 ]
	[[ $stderr == *"No space left on device"*"--resume"* ]]
	local rows
	rows=$(csv length)
	[ "$rows" -gt 0 ] && [ "$rows" -lt 40 ]
	complete "$rows"
	left_behind
	mount -o remount,size=1m "$BATS_TEST_TMPDIR/small"
	"$HARNESS" --resume "$DIR"
	complete 40
}

@test "Ctrl-C keeps what is complete" {
	"$HARNESS" --out "$DIR" --trace none --transport one_copy --seconds 0.1 --repeat 100 \
		--warm-up 0 > /dev/null 2> "$BATS_TEST_TMPDIR/err" 3>&- &
	background=$!
	for _ in $(seq 200); do
		[ "$(lines)" -ge 2 ] && break
		sleep 0.05
	done
	kill -INT "$background"
	local status=0
	wait "$background" || status=$?
	background=
	[ "$status" -eq 130 ]
	complete "$(wc -l < "$DIR/runs.jsonl")"
	grep -q 'of 100 runs are complete' "$BATS_TEST_TMPDIR/err"
	left_behind
}
