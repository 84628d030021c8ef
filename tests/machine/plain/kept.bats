# SPDX-License-Identifier: GPL-2.0
# A bridge that keeps packets for a while, others coming in meanwhile: needs sch_netem, which Debian's kernels have.

load ../../helpers

setup() {
	local name
	for name in left middle right; do
		ip netns add $name
	done
	ip link add to-middle netns left type veth peer name to-left netns middle
	ip link add to-right netns middle type veth peer name to-middle netns right
	ip -n middle link add between type bridge
	ip -n middle link set to-left master between up
	ip -n middle link set to-right master between up
	ip -n middle link set between up
	ip -n left address add 10.9.0.1/24 dev to-middle
	ip -n right address add 10.9.0.2/24 dev to-middle
	ip -n left link set to-middle up
	ip -n right link set to-middle up
}

teardown() {
	ip netns del left
	ip netns del middle
	ip netns del right
}

# Each packet is received twice, and copied the second time, when others have been received since the first. That
# messages differ in length shows whose bytes were counted.
@test "what a bridge keeps for a while is copied once, where it ends" {
	local method
	# the kernel skips a program that an interrupt meets within itself, and the delay makes interrupts
	PROVOKED=netem
	kernel_is_known
	ip netns exec middle tc qdisc replace dev to-right root netem delay 2ms limit 10000
	for method in $(methods); do
		ledger_in "$BATS_TEST_TMPDIR/$method" --path netns:left,right --trace all --attach $method --verify \
			--transport zero_copy --size 1000,9000,64K --threads 2 --messages 200
		every_run "$BATS_TEST_TMPDIR/$method" '.valid and .residual == {"send": 0, "receive": 0} and
			.sites.send_pin.bytes == .payload_bytes and
			.sites.deferred_copy.bytes >= .sites.send_pin.bytes and
			.sites.deferred_copy.bytes <= .sites.send_pin.bytes + .retransmits.bytes and
			(.sites.deferred_copy.causes | all(.device == "to-middle"))'
	done
	echo "# kept: $(ip netns exec middle tc -s -j qdisc show dev to-right | jq '.[0].packets')" >&3
}
