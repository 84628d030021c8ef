# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # jq expands what is in single quotes
# A tunnel that encrypts: WireGuard, a module that the kernels in machines have.

load ../watch/watch

setup() {
	LEDGER=$BATS_TEST_TMPDIR/ledger.json
	SAID=$BATS_TEST_TMPDIR/messages
	MOVED=$BATS_TEST_TMPDIR/moved
	NEAR=near$$ FAR=far$$
	modprobe wireguard
	ip netns add $NEAR
	ip netns add $FAR
	ip -n $NEAR link add under type veth peer name under netns $FAR
	ip -n $NEAR address add 10.96.1.1/24 dev under
	ip -n $FAR address add 10.96.1.2/24 dev under
	ip -n $NEAR link set under up
	ip -n $FAR link set under up
	python3 "$BATS_TEST_DIRNAME/wireguard.py" $NEAR $FAR
}

teardown() {
	ip netns del $NEAR
	ip netns del $FAR
	keep_ledger
}

@test "over WireGuard every byte is copied on the way, and the advice names what encrypts" {
	watch --by process --attach fentry -- "$PROGRAMS/watched" across $NEAR $FAR 10.96.2.2
	exact
	jq -e --slurpfile printed "$MOVED" '$printed[0] as $moved |
		(.runs[] | select(.process.pid == $moved.sender)) as $sender |
		$sender.sent_bytes == $moved.sent and $sender.sites.transmit_copy.bytes >= $moved.sent and
		$sender.sites.transmit_copy.bytes <= $moved.sent + $sender.retransmits.bytes and
		$sender.sites.deferred_copy.bytes == 0 and ($sender.notes | any(.code == "transmit_copies"))' "$LEDGER"
	# its devices can be read only while the process runs
	watch --seconds 3 -- "$PROGRAMS/watched" across $NEAR $FAR 10.96.2.2 "sleep 60"
	is '.sites.transmit_copy.bytes > 0'
	jq -e '[.notes[] | select(.code == "transmit_copies").devices] == ["wg0:encrypts"]' "$LEDGER"
}
