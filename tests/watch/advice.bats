# SPDX-License-Identifier: GPL-2.0
# What would avoid a copy: once, where it matters, and only what would.

load watch

# advice OPTION... -- COMMAND: the sentences below the table in $SAID. Whether the ledger is valid, other tests decide.
advice() {
	local status=0
	"$HARNESS" watch --output "$SAID" "$@" > /dev/null 2>&1 || status=$?
	grep "^INVALID" "$SAID" || true
	[ $status -le 1 ]
}

@test "advice is given once, however many connections it is about" {
	advice --by socket -- "$PROGRAMS/watched" connections
	[ "$(grep -c ' 127\.0\.0\.1:' "$SAID")" -ge 2000 ]
	[ "$(grep -c 'were copied by the send calls' "$SAID")" -eq 1 ]
	[ "$(grep -c 'were copied by the receive calls' "$SAID")" -eq 1 ]
}

@test "no MSG_ZEROCOPY for a peer on this host" {
	advice -- "$PROGRAMS/traffic" send 0.3
	grep -q 'by the send calls; .*MSG_ZEROCOPY would be copied all the same' "$SAID"
	run ! grep -q 'MSG_ZEROCOPY for large messages' "$SAID"
	advice -- "$PROGRAMS/traffic" zerocopy 0.3
	grep -q '^to avoid it: the peer is on this host, where MSG_ZEROCOPY copies all the same' "$SAID"
}

@test "advice is for a share of the bytes that matters" {
	advice --advice-above 49% -- "$PROGRAMS/traffic" send 0.3
	grep -q 'by the send calls' "$SAID"
	# each direction is half of all bytes; retransmitted ones are copied again
	advice --advice-above 51% -- "$PROGRAMS/traffic" send 0.3
	run ! grep -q 'by the send calls' "$SAID"
	watch --advice-above 70% -- "$PROGRAMS/traffic" zerocopy 0.3
	is '.notes | all(.code != "remedy" and .code != "receive_copies")'
}

@test "the device, and what of it is missing, where bytes are copied on the way to it" {
	local near=n$$ far=f$$ server client
	ip netns add $near
	ip netns add $far
	ip link add near0 netns $near type veth peer name far0 netns $far
	ip -n $near address add 10.99.2.1/24 dev near0
	ip -n $far address add 10.99.2.2/24 dev far0
	ip -n $near link set near0 up
	ip -n $far link set far0 up
	ip netns exec $far iperf3 -s > /dev/null 2>&1 3>&- &
	server=$!
	ip netns exec $far "$LISTENING" 5201
	ip netns exec $near iperf3 -c 10.99.2.2 -t 20 > /dev/null 2>&1 3>&- & # it lives while its devices are read
	client=$!
	advice --seconds 0.5 --pid $client
	run ! grep -q 'on the way to the device' "$SAID"
	ip netns exec $near ethtool -K near0 sg off > /dev/null
	advice --seconds 0.5 --pid $client
	kill $client $server
	ip netns del $near
	ip netns del $far
	grep -q 'were copied on the way to the device: near0: scatter-gather is off$' "$SAID"
}
