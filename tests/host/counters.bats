# SPDX-License-Identifier: GPL-2.0
# The CPU's and the scheduler's counters: each is right, or null with its reason.

load ../helpers

setup_file() {
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	"$HARNESS" --trace all --size 512,64K --threads 1,4 --seconds 0.2 --json > "$LEDGER"
}

@test "context switches from sched_switch are the kernel's own count of those threads" {
	every_run "$LEDGER" '.kernel_switches.sender.total != null and
		.kernel_switches.receiver.total != null'
	every_run "$LEDGER" '(.context_switches | map_values({voluntary, involuntary})) ==
		(.kernel_switches | map_values({voluntary, involuntary}))'
}

@test "a counter has a number or a reason, never both and never a 0 for want of one" {
	every_run "$LEDGER" '.counters | [.sender, .receiver] | all(. as $side |
		["cycles", "instructions", "cache_references", "cache_misses", "l1d_load_misses",
		 "llc_load_misses", "dtlb_load_misses", "branch_misses", "task_clock_ns",
		 "context_switches", "migrations", "page_faults"] |
		all(. as $name | $side | has($name) and ((.[$name] == null) == (.why | has($name)))))'
}

@test "the kernel's own counters are there, and agree with what else is known" {
	every_run "$LEDGER" '.counters.sender.task_clock_ns > 0 and .counters.receiver.task_clock_ns > 0'
	# of the same threads from go to the end, which is a little less than until all are parked
	every_run "$LEDGER" '[.counters.sender.context_switches, .kernel_switches.sender.total] |
		.[0] <= .[1] and .[1] - .[0] <= 64'
}

@test "counters that were not asked for are null" {
	"$HARNESS" --trace none --transport one_copy --messages 10 --json > "$BATS_TEST_TMPDIR/plain"
	every_run "$BATS_TEST_TMPDIR/plain" '.counters.sender.task_clock_ns == null and
		.counters.sender.why.task_clock_ns == "not asked for"'
}

@test "--cpus keeps each side where it is told to" {
	"$HARNESS" --trace none --transport one_copy --messages 10 --cpus 0,0 --json > "$BATS_TEST_TMPDIR/pinned"
	every_run "$BATS_TEST_TMPDIR/pinned" '.cpus == {"sender": 0, "receiver": 0}'
	run --separate-stderr "$HARNESS" --trace none --transport one_copy --messages 10 --cpus 0,1023
	[ "$status" -eq 1 ]
	one_line "$stderr"
	[[ $stderr == *"processor 1023"* ]]
}
