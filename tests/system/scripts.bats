# SPDX-License-Identifier: GPL-2.0
# The bpftrace script that `make bench` compares with counts what the harness counts.

load ../helpers

BENCH=$BATS_TEST_DIRNAME/../bench
PAYLOAD=$((4096 * 2000)) # of each transport

setup() {
	unshare -m --kill-child sh -c '
		mount -t tracefs tracefs /sys/kernel/tracing && mount -t debugfs debugfs /sys/kernel/debug
		cat "$("$1/script.sh")" "$1/attempts.bt" > "$2/script.bt"
		# by tracepoints alone, where there are no kprobes
		[ -e /sys/bus/event_source/devices/kprobe ] || cp "$("$1/script.sh")" "$2/script.bt"
		exec bpftrace -B none -f json "$2/script.bt"' sh "$BENCH" "$BATS_TEST_TMPDIR" \
		> "$BATS_TEST_TMPDIR/said" 2> "$BATS_TEST_TMPDIR/errors" 3>&- &
	SCRIPT=$!
}

teardown() {
	kill $SCRIPT 2> /dev/null || true
}

# sum MAP REGEX: of a map's values whose keys match
sum() {
	command jq -s --arg map "@$1" --arg key "$2" '[.[] | select(.type == "map").data | select(has($map))[$map] |
		to_entries[] | select(.key | test($key)).value] | add // 0' "$BATS_TEST_TMPDIR/said"
}

# What happens in softirq a script may miss, for the kernel keeps its programs from interrupting each other:
# the harness finds that out. It may count more, too: what is sent again.
near() {
	echo "$1: $2 of $3"
	[ "$2" -ge $(($3 * 9 / 10)) ] && [ "$2" -le $(($3 * 11 / 10)) ]
}

@test "the bench's bpftrace script counts the same bytes at each site" {
	timeout 120 sh -c 'until grep -q ready "$1"; do kill -0 "$2" && sleep 0.1 || exit; done' sh \
		"$BATS_TEST_TMPDIR/said" $SCRIPT
	"$HARNESS" --json --trace none --transport one_copy,zero_copy --size 4K --messages 2000 > "$BATS_TEST_TMPDIR/ledger"
	pkill -INT -P $SCRIPT
	wait $SCRIPT || true
	cat "$BATS_TEST_TMPDIR/errors"
	near sent "$(sum sent .)" $((2 * PAYLOAD))
	near receive_copy "$(sum receive_copy ',1$')" $((2 * PAYLOAD))
	near left "$(sum left ',lo$')" $((2 * PAYLOAD))
	near left_pinned "$(sum left_pinned ',lo$')" $PAYLOAD
	near deferred_copy "$(sum deferred_copy 'lo$')" $PAYLOAD
	# no tracepoint tells these
	! grep -q @send_pin "$BATS_TEST_TMPDIR/script.bt" || near send_pin "$(sum send_pin .)" $PAYLOAD
	! grep -q @pin_attempted "$BATS_TEST_TMPDIR/script.bt" || near pin_attempted "$(sum pin_attempted .)" $PAYLOAD
}
