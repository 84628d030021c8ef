# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # jq expands what is in single quotes
# Devices over devices, offloads one by one, routers, taps, encryption: plain, pinned and spliced payload, by each
# attach method. The expected values are from the sent bytes (tests/carry.bash).

load ../carry

vlan() {
	ip -n $HTA link add upper link to-$HTB type vlan id 5
	ip -n $HTB link add upper link to-$HTA type vlan id 5
	upper
}

# tunnel KIND OPTION...: a tunnel between the ends of the pair
tunnel() {
	local kind=$1
	shift
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	ip -n $HTA link add upper mtu 1400 type "$kind" "$@" local 10.99.1.1 remote 10.99.1.2
	ip -n $HTB link add upper mtu 1400 type "$kind" "$@" local 10.99.1.2 remote 10.99.1.1
	upper
}

# listening NAMESPACE DEVICE: a tcpdump on that device
listening() {
	local log
	log=$(mktemp -p "$BATS_TEST_TMPDIR")
	ip netns exec "$1" tcpdump -s 96 -i "$2" -w - 3>&- > /dev/null 2> "$log" &
	tap="${tap-} $!"
	for _ in $(seq 100); do
		! grep -q listening "$log" || return 0
		sleep 0.1
	done
	return 1
}

# Copies for taps' clones, without those into rings, which tracepoints do not see.
CLONED='([.runs[].sites.tap_copy | .bytes - ([.causes[]? | select(.code == "packet_ring").bytes] | add // 0)] | add)'
# All deferred copies were for the delivery of the packet.
DELIVERED='bytes("deferred_copy") == $sent and bytes("transmit_copy") == 0 and
	([.runs[].sites.deferred_copy.causes[]?.code] | unique | . == ["local_delivery"] or . == ["local_receive"])'

# bats test_tags=modules
@test "a VLAN over a device without checksum offload: copied once, on the VLAN" {
	link $HTA $HTB
	without to-$HTB tx
	vlan
	carries spliced 10.99.2.2 "$ONCE_MORE"
	carries plain 10.99.2.2 "$NOT_AGAIN"
}

# bats test_tags=modules
@test "a VLAN over a device that loses scatter-gather: copied once, below" {
	link $HTA $HTB
	vlan
	without to-$HTB sg
	carries plain 10.99.2.2 "$ONCE_MORE"
}

@test "a tunnel over a device without checksum offload: no header is payload" {
	tunnel vxlan id 7 dstport 4789
	without to-$HTB tx
	carries plain 10.99.2.2 "$NOT_AGAIN"
	carries spliced 10.99.2.2 "$ONCE_MORE"
}

# bats test_tags=modules
@test "an IP tunnel over a device without checksum offload: no header is payload" {
	tunnel ipip
	without to-$HTB tx
	carries plain 10.99.2.2 "$NOT_AGAIN"
	carries spliced 10.99.2.2 "$ONCE_MORE"
}

@test "two taps at the sender's device: one copy for both, and none of it is delivery" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	listening $HTA to-$HTB
	listening $HTA to-$HTB
	carries pinned 10.99.1.2 "$DELIVERED and $CLONED == \$sent"
}

@test "two taps at the receiver's device: delivery as without" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	listening $HTB to-$HTA
	listening $HTB to-$HTA
	carries pinned 10.99.1.2 "$DELIVERED and $CLONED == 0"
}

@test "two taps at a router: what is copied for them is not copied at delivery" {
	router
	listening $HTR to-$HTA
	listening $HTR to-$HTA
	carries pinned 10.99.3.2 "bytes(\"deferred_copy\") == \$sent and $CLONED == 0 and
		([.runs[].sites.deferred_copy.causes[]?.code] | unique | . == [\"local_receive\"])"
}

@test "a router without checksum offload copies a file's bytes, plain ones not" {
	router
	without to-$HTB tx $HTR
	carries spliced 10.99.3.2 "$ONCE_MORE"
	carries plain 10.99.3.2 "$NOT_AGAIN"
}

# Each packet leaves by the bridge's two other ports, once as a clone.
@test "a bridge that floods copies nothing, though the sender's device does" {
	local port
	link $HTA $HTR
	link $HTR $HTB
	ip -n $HTR link add floods type bridge ageing_time 0
	ip -n $HTR link add idle type veth peer name nowhere
	ip -n $HTR link set nowhere up
	for port in to-$HTA to-$HTB idle floods; do
		[ $port = floods ] || ip -n $HTR link set $port master floods
		ip -n $HTR link set $port up
	done
	ip -n $HTA address add 10.99.1.1/24 dev to-$HTR
	ip -n $HTB address add 10.99.1.2/24 dev to-$HTR
	without to-$HTR sg
	carries plain 10.99.1.2 "$ONCE_MORE"
}

# others METHOD: starts another harness that counts by that method
others() {
	"$HARNESS" watch --attach "$1" --all > /dev/null 2> "$BATS_TEST_TMPDIR/other" 3>&- &
	tap=$!
	for _ in $(seq 300); do
		! grep -q counting "$BATS_TEST_TMPDIR/other" || return 0
		sleep 0.1
	done
	return 1
}

# The other harness's fexit program or kretprobe makes skb_copy_ubufs return to a trampoline.
# bats test_tags=kprobes
@test "another tracer on the function that copies is not the cause" {
	local method
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	for method in fentry kprobe; do
		others $method
		carries pinned 10.99.1.2 "$DELIVERED" tracepoint
		kill -INT $tap
		wait $tap || true
		tap=
	done
}

# esp: encryption between the ends of the pair, without offload: each packet is segmented by copying, then encrypted
esp() {
	local name key='rfc4106(gcm(aes)) 0x0102030405060708090a0b0c0d0e0f1011121314 128'
	for name in $HTA $HTB; do
		# shellcheck disable=SC2086 # words
		ip -n $name xfrm state add src 10.99.1.1 dst 10.99.1.2 proto esp spi 1 mode transport aead $key
		# shellcheck disable=SC2086
		ip -n $name xfrm state add src 10.99.1.2 dst 10.99.1.1 proto esp spi 2 mode transport aead $key
	done
	ip -n $HTA xfrm policy add src 10.99.1.1 dst 10.99.1.2 dir out tmpl proto esp mode transport
	ip -n $HTA xfrm policy add src 10.99.1.2 dst 10.99.1.1 dir in tmpl proto esp mode transport
	ip -n $HTB xfrm policy add src 10.99.1.2 dst 10.99.1.1 dir out tmpl proto esp mode transport
	ip -n $HTB xfrm policy add src 10.99.1.1 dst 10.99.1.2 dir in tmpl proto esp mode transport
}

# bats test_tags=modules
@test "encrypted packets: by tracepoints an upper bound and so labelled, else exact" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	esp
	carries plain 10.99.1.2 'bytes("transmit_copy") >= $sent and bytes("transmit_copy") < 1.1 * $sent and
		([.runs[] | select(.sent_bytes > 0) | .sites.transmit_copy.evidence] == ["upper_bound"]) and
		any(.runs[].notes[]; .code == "payload_hidden")' tracepoint
	! has_method fentry || carries plain 10.99.1.2 "$ONCE_MORE" fentry
	! has_method kprobe || carries plain 10.99.1.2 "$ONCE_MORE" kprobe
}
