# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # jq expands what is in single quotes
# `harness watch` over two cards on a hub.

load ../watch/watch

# back_home DEVICE...: waits until they are in the first namespace again
back_home() {
	local device
	for device; do
		for _ in $(seq 100); do
			[ ! -e "/sys/class/net/$device" ] || continue 2
			sleep 0.1
		done
		return 1
	done
}

# card DEVICE NAMESPACE ADDRESS
card() {
	ip netns add "$2"
	ip link set "$1" netns "$2"
	ip -n "$2" address add "$3/24" dev "$1"
	ip -n "$2" link set "$1" up
}

# A card's packets are mostly not payload, so that a loss may fill a buffer; what the kernel then copies
# together remembers no interface.
@test "what was copied together in a full receive queue came in by hardware all the same" {
	card eth0 near 10.98.0.1
	card eth1 far 10.98.0.2
	# whether the kernel comes to copy them together is a matter of when each side gets a processor
	for _ in 1 2 3 4 5 6; do
		watch -- "$PROGRAMS/watched" full 60 800 35000 near far 10.98.0.2
		! is '.collapsed_bytes > $moved.pieces / 2' || break
	done
	ip netns del near
	ip netns del far
	back_home eth0 eth1
	exact
	is '.received_bytes == $moved.received and .collapsed_bytes > $moved.pieces / 2 and
		.sites.dma_in.bytes == .sites.receive_copy.bytes'
}

# upon CARD NAMESPACE NUMBER: a bond of the one card there, and a VLAN on the bond
upon() {
	ip netns add "$2"
	ip link set "$1" netns "$2"
	ip -n "$2" link add bond0 type bond mode active-backup
	ip -n "$2" link set "$1" master bond0
	ip -n "$2" link set "$1" up
	ip -n "$2" link set bond0 up
	ip -n "$2" address add "10.98.0.$3/24" dev bond0
	ip -n "$2" link add link bond0 name bond0.5 type vlan id 5
	ip -n "$2" address add "10.99.0.$3/24" dev bond0.5
	ip -n "$2" link set bond0.5 up
}

@test "what comes by a bond, or a VLAN on it, came in by the hardware below" {
	upon eth0 near 1
	upon eth1 far 2
	for address in 10.98.0.2 10.99.0.2; do
		watch -- "$PROGRAMS/watched" across near far $address
		is '.received_bytes == $moved.received and
			.sites.dma_in.bytes == .sites.receive_copy.bytes'
	done
	ip netns del near
	ip netns del far
	back_home eth0 eth1
}

# late: VLANs on both cards, made when packets of these have passed already
late() {
	local name card number
	while read -r name card number; do
		ip -n $name link add link $card name late type vlan id 7
		ip -n $name address add 10.97.0.$number/24 dev late
		ip -n $name link set late up
	done <<< 'near eth0 1
		far eth1 2'
}

@test "what is put on hardware later counts as well" {
	card eth0 near 10.98.0.1
	card eth1 far 10.98.0.2
	export -f late
	watch -- bash -c '"$1" across near far 10.98.0.2 && late && "$1" across near far 10.97.0.2' sh "$PROGRAMS/watched"
	ip netns del near
	ip netns del far
	back_home eth0 eth1
	jq -e --argjson received "$(jq -s 'map(.received) | add' "$MOVED")" '.runs | length == 1 and
		(.[0] | .received_bytes == $received and .sites.receive_copy.bytes == $received and
			.sites.dma_in.bytes == $received)' "$LEDGER"
}
