# SPDX-License-Identifier: GPL-2.0
# Events that the kernel keeps from a probe are seen to be missing: while a BPF map is updated no kprobe
# program runs on that processor, nor in the softirqs that interrupt it. Here the packets of loopback are
# received on a processor that does little else.

load ../../helpers

STORM=${BATS_TEST_DIRNAME%/machine/*}/../build/map_storm

setup() {
	echo 2 > /sys/class/net/lo/queues/rx-0/rps_cpus
}

teardown() {
	echo 0 > /sys/class/net/lo/queues/rx-0/rps_cpus
	[ -z "${storm:-}" ] || kill "$storm" 2> /dev/null || true
}

# a_run WAY: what an undisturbed run would get right; its sender and receiver stay off the second processor
a_run() {
	"$HARNESS" --attach "$1" --trace copies --transport zero_copy --size 64K --messages 2000 --cpus 0,0 \
		--json > "$BATS_TEST_TMPDIR/ledger"
}

start_storm() {
	taskset -c 1 "$STORM" 3>&- &
	storm=$!
}

@test "kprobes that were kept from running make a run invalid, which says so" {
	a_run kprobe
	start_storm
	run ! a_run kprobe
	kill -0 "$storm"
	every_run "$BATS_TEST_TMPDIR/ledger" '(.valid | not) and .tries == 5 and (.why_invalid | length > 0 and
		all(test("^the kernel skipped probe copy_ubufs_|packets passed the probes unseen$")))'
	jq -c '[.probes[] | select(.missed > 0) | [.function, .missed]], .runs[].why_invalid' \
		"$BATS_TEST_TMPDIR/ledger" >&3
}

@test "tracepoints do not mind" {
	start_storm
	a_run tracepoint
	kill -0 "$storm"
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .tries == 1'
}
