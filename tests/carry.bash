# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2016 # jq expands what is in single quotes
# Payload that build/carry sends from $HTA to $HTB, watched. The expected values are from what it sent, and from TCP's
# own count of retransmits: each transmission is copied.

load ../helpers
load ../namespaces

CARRY=$BATS_TEST_DIRNAME/../../build/carry

# without DEVICE OFFLOAD [NAMESPACE]: switches an offload off
without() {
	ip netns exec "${3:-$HTA}" ethtool -K "$1" "$2" off > /dev/null
}

# upper: gives addresses to the devices of that name in both namespaces
upper() {
	ip -n $HTA address add 10.99.2.1/24 dev upper
	ip -n $HTB address add 10.99.2.2/24 dev upper
	ip -n $HTA link set upper up
	ip -n $HTB link set upper up
}

# router: puts the third namespace between the two
router() {
	pair $HTA 10.99.1.1 $HTR 10.99.1.2
	pair $HTR 10.99.3.1 $HTB 10.99.3.2
	ip netns exec $HTR sysctl -qw net.ipv4.ip_forward=1
	ip -n $HTA route add default via 10.99.1.2
	ip -n $HTB route add default via 10.99.3.1
}

# skipped FILE: its only fault is that the kernel skipped probes, on a kernel that does (attached.table)
skipped() {
	retries_allowed && jq -e '.lost_events == 0 and ([.probes[].missed | values] | add) > 0' "$1" > /dev/null
}

# watched METHOD HOW ADDRESS: the ledger is in $BATS_TEST_TMPDIR/ledger, the sent bytes in $BATS_TEST_TMPDIR/sent
watched() {
	local ledger=$BATS_TEST_TMPDIR/ledger
	for _ in 1 2 3 4 5; do
		! "$HARNESS" watch --json --by process --attach "$1" --output "$ledger" -- \
			"$CARRY" "$2" $HTA $HTB "$3" > "$BATS_TEST_TMPDIR/sent" 2> "$BATS_TEST_TMPDIR/messages" || return 0
		skipped "$ledger" || break
		count_retries 1 "${BATS_TEST_FILENAME##*/}"
	done
	cat "$BATS_TEST_TMPDIR/messages"
	jq -c '.lost_events, (.runs[] | {reasons, residual}), (.probes[] | select(.missed != null and .missed > 0))' "$ledger"
	return 1
}

# carries HOW ADDRESS CONDITION [METHOD...]: a jq condition on $sent, all sent bytes, and on the sums of the sites'
# bytes; by these methods, or by each method of this kernel
carries() {
	local how=$1 address=$2 condition=$3 method
	shift 3
	kernel_is_known
	for method in ${*:-$(methods)}; do
		watched "$method" "$how" "$address" || return 1
		keep_json "$BATS_TEST_TMPDIR/ledger"
		jq -e --slurpfile printed "$BATS_TEST_TMPDIR/sent" "
			(\$printed[0].sent + \$printed[0].again) as \$sent | \$printed[0] as \$carried |
			def bytes(\$site): [.runs[].sites[\$site].bytes | values] | add // 0;
			.valid and (.runs | all(.residual == {\"send\": 0, \"receive\": 0})) and
			bytes(\"receive_copy\") == \$carried.sent and
			bytes(\"send_copy\") == \$carried.plain and bytes(\"send_pin\") == \$carried.pinned and
			bytes(\"send_splice\") == \$carried.spliced and ($condition)" "$BATS_TEST_TMPDIR/ledger" > /dev/null || {
			printf 'not true by %s of what was sent %s: %s\n' "$method" "$how" "$condition"
			cat "$BATS_TEST_TMPDIR/sent"
			jq -c '.runs[] | {process, copies_per_byte, residual, reasons, notes,
				sites: (.sites | map_values(.bytes)), causes: .sites.deferred_copy.causes}' "$BATS_TEST_TMPDIR/ledger"
			return 1
		}
	done
}

# The sender's copies per sent byte, those of retransmits included.
ONCE_MORE='bytes("transmit_copy") == $sent and bytes("deferred_copy") == 0'
NOT_AGAIN='bytes("transmit_copy") == 0 and bytes("deferred_copy") == 0'
