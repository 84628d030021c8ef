# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# An oracle without BPF: the kernel's own event trace of the same copies adds up to the same bytes. (Its histogram
# triggers could add, but 5.10 and many cloud kernels are built without them.)

PROOF_MESSAGES=64 # messages of the short run that proves user_memcpy, which the oracle counts too

setup() {
	TRACING=$BATS_TEST_TMPDIR/tracing
	mkdir "$TRACING"
	mount -t tracefs tracefs "$TRACING"
	echo 0 > "$TRACING/tracing_on"
	echo > "$TRACING/trace"
	echo 16384 > "$TRACING/buffer_size_kb"
	# only this test's processes, not another harness
	echo 1 > "$TRACING/options/event-fork"
	echo $BASHPID > "$TRACING/set_event_pid"
}

teardown() {
	echo 0 > "$TRACING/tracing_on"
	echo 0 > "$TRACING/events/enable"
	echo > "$TRACING/set_event_pid"
	echo 0 > "$TRACING/options/event-fork"
	[ ! -e "$TRACING/kprobe_events" ] || echo > "$TRACING/kprobe_events"
	echo > "$TRACING/trace"
	echo 1408 > "$TRACING/buffer_size_kb"
	echo 1 > "$TRACING/tracing_on"
	umount "$TRACING"
}

# record EVENT FILTER: starts to record an event
record() {
	echo "$2" > "$TRACING/events/$1/filter"
	echo 1 > "$TRACING/events/$1/enable"
	echo 1 > "$TRACING/tracing_on"
}

# total FIELD: the sum of a field over the trace, in which no event may be overwritten. A side's main thread moves no
# payload, only control messages over a Unix socket, and is left out.
total() {
	cat "$TRACING"/per_cpu/cpu*/stats | awk '/overrun/ { lost += $NF } END { exit lost > 0 }' || return 1
	sed -nE "s/^ *(harness-[a-z]+-[0-9]+) .*[ (]$1=([0-9]+).*/\1 \2/p" "$TRACING/trace" |
		awk '{ of[$1] += $2 } END { for (thread in of) if (of[thread] >= 65536) sum += of[thread]
			printf "%.0f\n", sum }'
}

# agrees SITE FIELD: a site's bytes in the ledger and in the proof runs equal those of the trace
agrees() {
	local counted traced runs
	counted=$(jq --arg site "$1" '[.runs[].sites[$site].bytes] | add' "$BATS_TEST_TMPDIR/ledger")
	runs=$(jq '.runs | length' "$BATS_TEST_TMPDIR/ledger")
	traced=$(total "$2")
	echo "ledger $counted in $runs runs, oracle $traced"
	[ $((counted + runs * PROOF_MESSAGES * 65536)) -eq "$traced" ]
}

# ledger_of TRANSPORTS: a ledger without a retry, because the trace has all tries. If retries are counted
# (attached.table), a ledger with retries is counted and replaced.
ledger_of() {
	local try
	for try in 1 2 3 4 5; do
		echo > "$TRACING/trace"
		ledger_in "$BATS_TEST_TMPDIR/ledger" --trace copies --transport "$1" --size 64K --threads 2 --messages 200 || return 1
		! jq -e 'all(.runs[]; .tries == 1)' "$BATS_TEST_TMPDIR/ledger" > /dev/null || return 0
	done
	return 1
}
