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

# a_run WAY: what an undisturbed run would get right; its sender and receiver stay off the second processor.
# It has a terminal, whose progress is in $BATS_TEST_TMPDIR/shown.
a_run() {
	script -qec "'$HARNESS' --attach $1 --trace copies --transport zero_copy --size 64K --messages 2000 --cpus 0,0 \
		--json > '$BATS_TEST_TMPDIR/ledger'" "$BATS_TEST_TMPDIR/shown" > /dev/null < /dev/null
	keep_json "$BATS_TEST_TMPDIR/ledger"
}

start_storm() {
	PROVOKED=yes
	taskset -c 1 "$STORM" 3>&- &
	storm=$!
}

# Whether a run is disturbed is chance; that it goes unseen is what must not happen. A run that was made but
# once has every byte.
@test "kprobes that were kept from running are seen: the run is repeated or invalid, with the reason" {
	local try
	for try in 1 2 3; do
		a_run kprobe
		! jq -e '.runs[0].tries == 1' "$BATS_TEST_TMPDIR/ledger" || break
		retries_allowed || break
		count_retries 1 misses.bats
	done
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .tries == 1'
	start_storm
	for try in 1 2 3 4 5 6 7 8; do
		a_run kprobe || true
		kill -0 "$storm"
		every_run "$BATS_TEST_TMPDIR/ledger" '(.valid and .sites.deferred_copy.bytes >= .sites.send_pin.bytes) or
			(.tries == 5 and (.reasons | length > 0 and all(.code |
			IN("missed_events", "departures_unseen", "delivery_unseen", "linear_unseen"))))'
		# what the probes missed is that of the run as it stands
		jq -e '(.runs[0] | .reasons + .notes | any(.code | IN("missed_events", "missed_elsewhere"))) ==
			(([.probes[].missed | values] | add) > 0)' "$BATS_TEST_TMPDIR/ledger"
		jq -c '.runs[] | [.tries, .reasons]' "$BATS_TEST_TMPDIR/ledger" | sed 's/^/# /' >&3
		! jq -e '.runs[0].tries > 1' "$BATS_TEST_TMPDIR/ledger" > /dev/null || {
			grep -q 'run 1 of 1, try 2: zero_copy' "$BATS_TEST_TMPDIR/shown"
			return
		}
	done
	return 1
}

# preempts: whether this kernel preempts its own code, BPF programs too, by what the ledger says of it
preempts() {
	jq -e '.environment.preemption | . != null and (ascii_downcase | test("full|lazy|^preempt$"))' \
		"$BATS_TEST_TMPDIR/ledger" > /dev/null
}

# The program on mm_page_alloc runs for the storm's pages too; what interrupts it there, and receives packets,
# does so without it. A kernel that preempts programs (7.x) skips others besides. It is always counted.
@test "tracepoints do not mind, or the kernel says that it skipped them" {
	local try
	start_storm
	for try in 1 2 3; do
		! a_run tracepoint || break
	done
	kill -0 "$storm"
	every_run "$BATS_TEST_TMPDIR/ledger" '(.valid and .sites.deferred_copy.bytes >= .sites.send_pin.bytes and
			(.tries == 1 or any(.notes[]; .code == "retried" and (.reasons | contains("missed_events"))))) or
		(.tries == 5 and (.reasons | any(.code == "missed_events")))'
	preempts || every_run "$BATS_TEST_TMPDIR/ledger" '.valid'
}
