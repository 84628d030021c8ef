# SPDX-License-Identifier: GPL-2.0
# Devices over other devices: a packet of a socket leaves by one and then by another. Its payload is counted once, to
# the byte, by each attach method.

load ../helpers
load ../namespaces

# bridges: each end of the pair is a port of a bridge, which has the address
bridges() {
	local name
	for name in $HTA $HTB; do
		ip -n $name link add upper type bridge
	done
	ip -n $HTA link set to-$HTB master upper
	ip -n $HTB link set to-$HTA master upper
	ip -n $HTA address add 10.99.1.1/24 dev upper
	ip -n $HTB address add 10.99.1.2/24 dev upper
	ip -n $HTA link set upper up
	ip -n $HTB link set upper up
}

# tunnels: a VXLAN over the pair, between loopback addresses, which are on no path
tunnels() {
	link $HTA $HTB
	ip -n $HTA address add 10.99.1.1/32 dev lo
	ip -n $HTB address add 10.99.1.2/32 dev lo
	ip -n $HTA route add 10.99.1.2 dev to-$HTB src 10.99.1.1
	ip -n $HTB route add 10.99.1.1 dev to-$HTA src 10.99.1.2
	ip -n $HTA link add upper mtu 1450 type vxlan id 7 local 10.99.1.1 remote 10.99.1.2 dstport 4789
	ip -n $HTB link add upper mtu 1450 type vxlan id 7 local 10.99.1.2 remote 10.99.1.1 dstport 4789
	ip -n $HTA address add 10.99.2.1/24 dev upper
	ip -n $HTB address add 10.99.2.2/24 dev upper
	ip -n $HTA link set upper up
	ip -n $HTB link set upper up
}

# from_upper CONDITION ARGS...: by each method; the path begins at the upper device
from_upper() {
	by_every_method "$@"
	jq -e '.environment.path_details.sender.device == "upper"' "$BATS_TEST_TMPDIR/ledger"
}

without_scatter_gather() {
	ip netns exec $HTA ethtool -K to-$HTB sg off > /dev/null
}

ONCE_AT_THE_RECEIVER=".sites.deferred_copy.bytes == $SENT and .sites.transmit_copy.bytes == 0"
ONCE_ON_THE_WAY=".sites.transmit_copy.bytes == $SENT and .sites.deferred_copy.bytes == 0"

@test "from a bridge, pinned bytes are copied once, at the receiving end" {
	link $HTA $HTB
	bridges
	from_upper "$ONCE_AT_THE_RECEIVER" --transport zero_copy
}

@test "from a bridge whose port has no scatter-gather, every byte is copied once, on the way" {
	link $HTA $HTB
	bridges
	without_scatter_gather
	from_upper "$ONCE_ON_THE_WAY" --transport one_copy,zero_copy
}

@test "through a tunnel, pinned bytes are copied once, at the receiving end" {
	tunnels
	from_upper "$ONCE_AT_THE_RECEIVER" --transport zero_copy
}

@test "through a tunnel over a device without scatter-gather, every byte is copied once, on the way" {
	tunnels
	without_scatter_gather
	from_upper "$ONCE_ON_THE_WAY" --transport one_copy,zero_copy
}

# The lower device is in the third namespace, so packets of the upper ones never leave by it.
@test "between two devices on one, pinned bytes are copied once, at the receiving end" {
	link $HTR $HTB
	ip -n $HTR link add upper link to-$HTB netns $HTA type macvlan mode bridge
	ip -n $HTR link add upper link to-$HTB netns $HTB type macvlan mode bridge
	ip -n $HTA address add 10.99.1.1/24 dev upper
	ip -n $HTB address add 10.99.1.2/24 dev upper
	ip -n $HTA link set upper up
	ip -n $HTB link set upper up
	from_upper "$ONCE_AT_THE_RECEIVER" --transport zero_copy
}

# aside: packets of the pair go by another device, because of a mark they get after routing
aside() {
	ip link add aside netns $HTA type veth peer name aside netns $HTB
	ip -n $HTA link set aside up
	ip -n $HTB link set aside up
	ip -n $HTA route add 10.99.1.2 dev aside src 10.99.1.1 table 7
	ip -n $HTA rule add fwmark 7 table 7
	ip netns exec $HTA nft 'add table ip aside
		add chain ip aside out { type route hook output priority mangle; }
		add rule ip aside out ip daddr 10.99.1.2 meta mark set 7'
}

@test "by another device than its route's, what was sent is seen to leave" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	aside
	by_every_method "$ONCE_AT_THE_RECEIVER and (.sites.deferred_copy.causes | all(.device == \"aside\"))" \
		--transport zero_copy
	ip netns exec $HTA ethtool -K aside sg off > /dev/null
	by_every_method "$ONCE_ON_THE_WAY" --transport one_copy,zero_copy
}
