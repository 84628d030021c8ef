# SPDX-License-Identifier: GPL-2.0
# Advice on what avoids a copy: once, if it matters, and only what helps.

load watch

# advice OPTION... -- COMMAND: its notes in $LEDGER. Other tests check whether the ledger is valid.
advice() {
	local status=0
	"$HARNESS" watch --json --output "$LEDGER" "$@" > /dev/null 2> "$SAID" || status=$?
	[ $status -le 1 ]
}

# once CODE CONDITION: one note of all rows together has this code, and the condition holds for it
once() {
	jq -e "[.notes[] | select(.code == \"$1\")] | length == 1 and (.[0] | $2)" "$LEDGER"
}

# none CODE: no note has this code
none() {
	jq -e --arg code "$1" '.notes | all(.code != $code)' "$LEDGER"
}

@test "advice is given once, however many connections it is about" {
	advice --by socket -- "$PROGRAMS/watched" connections
	jq -e '[.runs[] | select(.socket.remote | startswith("127.0.0.1:"))] | length >= 2000' "$LEDGER"
	once send_copies .
	once receive_copies .
}

@test "no MSG_ZEROCOPY for a peer on this host" {
	advice -- "$PROGRAMS/traffic" send 0.3
	once send_copies '.to == "host"'
	advice -- "$PROGRAMS/traffic" zerocopy 0.3
	once remedy '.cause == "local_delivery" or .cause == "local_receive"'
}

@test "advice is for a share of the bytes that matters" {
	advice --advice-above 49% -- "$PROGRAMS/traffic" send 0.3
	once send_copies .
	# each direction has half of all bytes; retransmits are copied again
	advice --advice-above 51% -- "$PROGRAMS/traffic" send 0.3
	none send_copies
	advice --advice-above 70% -- "$PROGRAMS/traffic" zerocopy 0.3
	none remedy
	none receive_copies
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
	ip netns exec $near iperf3 -c 10.99.2.2 -t 20 > /dev/null 2>&1 3>&- & # it runs while its devices are read
	client=$!
	advice --seconds 0.5 --pid $client
	none transmit_copies
	ip netns exec $near ethtool -K near0 sg off > /dev/null
	advice --seconds 0.5 --pid $client
	kill $client $server
	ip netns del $near
	ip netns del $far
	once transmit_copies '.devices == "near0:scatter_gather_off"'
}
