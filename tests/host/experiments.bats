# SPDX-License-Identifier: GPL-2.0
# scripts/run_experiments.sh: a report's grid is interrupted and continued. The grid over lo is looked at by answers.bats.

load ../helpers

cd "$BATS_TEST_DIRNAME/../.." || exit 1
SCRIPT=scripts/run_experiments.sh
OUT=$BATS_FILE_TMPDIR/out

teardown() {
	[ -z "${harness:-}" ] || kill -9 "$harness" 2> /dev/null || true
}

# whole NAME RUNS
whole() {
	/usr/bin/python3 -B tests/rows.py "$OUT/$1" "$2" docs/output.md
}

lines() {
	cat "$OUT/$1/runs.jsonl" 2> /dev/null | wc -l
}

# start_until RUNS: the same command as ever, with runs so short that interruptions take no time, until so many runs are kept; the harness's pid in $harness
start_until() {
	"$SCRIPT" --quick --seconds 0.03 --path veth --out "$OUT/veth" default > /dev/null 2> "$BATS_TEST_TMPDIR/err" 3>&- &
	script=$!
	for _ in $(seq 1200); do
		harness=$(pgrep -P "$script" -x harness) || true
		[ "$(lines veth/default)" -ge "$1" ] && [ -n "$harness" ] && return
		sleep 0.1
	done
	cat "$BATS_TEST_TMPDIR/err"
	return 1
}

# ends STATUS: the script does, with that
ends() {
	local status=0
	wait "$script" || status=$?
	harness=
	[ "$status" -eq "$1" ] || {
		echo "status $status"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

@test "over veth, interrupted by Ctrl-C and by kill -9: no row is lost, none is there twice" {
	start_until 10
	kill -INT "$harness"
	ends 130
	cp "$OUT/veth/default/runs.jsonl" "$BATS_TEST_TMPDIR/first"
	start_until 30
	kill -9 "$harness"
	ends 137
	cp "$OUT/veth/default/runs.jsonl" "$BATS_TEST_TMPDIR/second"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/first")" -lt "$(wc -l < "$BATS_TEST_TMPDIR/second")" ]
	"$SCRIPT" --quick --seconds 0.03 --path veth --out "$OUT/veth" default
	whole veth/default 128
	for before in first second; do
		head -n "$(wc -l < "$BATS_TEST_TMPDIR/$before")" "$OUT/veth/default/runs.jsonl" |
			cmp - "$BATS_TEST_TMPDIR/$before"
	done
	# and with nothing left to do
	cp "$OUT/veth/default/results.csv" "$BATS_TEST_TMPDIR/third"
	"$SCRIPT" --quick --seconds 0.03 --path veth --out "$OUT/veth" default
	cmp "$OUT/veth/default/results.csv" "$BATS_TEST_TMPDIR/third"
}

@test "each report's grid is its own" {
	run "$SCRIPT" --dry-run --out "$OUT/none" r1 r2 r3 r4 r5
	[ "$status" -eq 0 ]
	[[ $output == *"--size 512,4096,16384,65536 --threads 1,2,4,8 --seconds 5 --path veth"*"$OUT/none/r1"* ]]
	[[ $output == *"--size 64,256,1024,4096 --threads 1,2,4,8 --seconds 5 --path veth"*"$OUT/none/r2"* ]]
	[[ $output == *"--size 64,512,4096,65536 --threads 1,2,4,8 --seconds 10 --path lo"*"$OUT/none/r3"* ]]
	[[ $output == *"--size 1024,4096,16384,65536 --threads 1,2,4,8 --seconds 5 --path lo"*"$OUT/none/r4"* ]]
	[ ! -e "$OUT/none" ]
	[[ $output != *"--repeat 12"* ]]
	run "$SCRIPT" --dry-run
	[[ $output == *"--transport two_copy,eight_sends,one_copy,zero_copy "*"--seconds 0.05 "*"--repeat 12 "* ]]
	[[ $output == *"--warm-up 0 "* ]]
	run "$SCRIPT" --dry-run --quick
	[[ $output == *"--seconds 0.2 "*"--repeat 1 "* ]]
	run "$SCRIPT" --dry-run --seconds 0.3 --path lo r1
	[[ $output == *"--seconds 0.3 --path lo"* && $output != *veth* && $output != *"--warm-up"* ]]
}

# seconds COMMAND: of traffic that a grid plans, with a baseline run for each run
seconds() {
	/usr/bin/python3 - "$1" <<- 'END'
		import argparse, sys
		parser = argparse.ArgumentParser()
		for name, default in (("size", "64K"), ("threads", "1"), ("transport", "1,2,3,4"), ("seconds", 1),
		                      ("repeat", 1), ("warm-up", 0.1)):
		    parser.add_argument("--" + name, default=default)
		plan, _ = parser.parse_known_args(sys.argv[1].split())
		runs = 2 * int(plan.repeat)
		for values in (plan.size, plan.threads, plan.transport):
		    runs *= len(values.split(","))
		print(round(runs * (float(plan.seconds) + float(plan.warm_up))))
	END
}

@test "the default grid plans less traffic than the one of three transports and one repeat of 2 s did" {
	run "$SCRIPT" --dry-run
	local former="--transport two_copy,one_copy,zero_copy --size 512,4096,16384,65536 --threads 1,2,4,8 --seconds 2"
	[ "$(seconds "$former")" -eq 202 ]
	[ "$(seconds "${lines[-1]}")" -eq 77 ]
}

@test "an unknown experiment is refused, with the usage" {
	run --separate-stderr "$SCRIPT" r6
	[ "$status" -eq 2 ]
	[[ $stderr == *"r6: unknown experiment"*"--quick"* ]]
	run --separate-stderr "$SCRIPT" --seconds
	[ "$status" -eq 2 ]
	[[ $stderr == *"want a value"* ]]
}
