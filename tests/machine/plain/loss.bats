# SPDX-License-Identifier: GPL-2.0
# A path that loses packets: needs sch_netem, which Debian's kernels have. Two namespaces with a veth pair.

load ../../helpers

setup() {
	ip netns add left
	ip netns add right
	ip link add to-right netns left type veth peer name to-left netns right
	ip -n left address add 10.9.0.1/24 dev to-right
	ip -n right address add 10.9.0.2/24 dev to-left
	ip -n left link set to-right up
	ip -n right link set to-left up
}

teardown() {
	[ -z "${background:-}" ] || kill -9 "$background" 2> /dev/null || true
	ip netns del left
	ip netns del right
}

# lose PERCENT: of what either side sends
lose() {
	ip netns exec left tc qdisc replace dev to-right root netem loss "$1%"
	ip netns exec right tc qdisc replace dev to-left root netem loss "$1%"
}

dropped() {
	ip netns exec left tc -s -j qdisc show dev to-right | jq '.[0].drops'
}

@test "5% loss: residuals stay 0, every run is valid, and what was sent again is shown" {
	local method
	PROVOKED=loss # its timers interrupt, and a program that meets itself is skipped
	kernel_is_known
	lose 5
	for method in $(methods); do
		ledger_in "$BATS_TEST_TMPDIR/$method" --path netns:left,right --trace all --attach $method --verify \
			--size 1000,64K --threads 2 --messages 150
		every_run "$BATS_TEST_TMPDIR/$method" '.valid and .residual == {"send": 0, "receive": 0} and
			.payload_bytes == 150 * .message_bytes and
			.sites.receive_copy.bytes == .payload_bytes and
			.sites.send_copy.bytes + .sites.send_pin.bytes == .payload_bytes'
		# what is sent again is not copied again, but for what was pinned and is delivered here
		every_run "$BATS_TEST_TMPDIR/$method" --of one_copy '.copies_per_byte == 2'
		every_run "$BATS_TEST_TMPDIR/$method" --of two_copy '.copies_per_byte == 3'
		every_run "$BATS_TEST_TMPDIR/$method" --of zero_copy '
			.sites.deferred_copy.bytes >= .sites.send_pin.bytes and
			.sites.deferred_copy.bytes <= .sites.send_pin.bytes + .retransmits.bytes'
		jq -e '[.runs[].retransmits.segments] | add > 0' "$BATS_TEST_TMPDIR/$method"
		every_run "$BATS_TEST_TMPDIR/$method" 'if .transport != "zero_copy" and .retransmits.segments > 0
			then (.notes | any(.code == "retransmits")) else true end'
	done
	echo "# packets dropped: $(dropped)" >&3
	[ "$(dropped)" -gt 0 ]
}

@test "5% loss in requests and answers: the same, and the longest answer waited for it" {
	PROVOKED=loss
	lose 5
	ledger_in "$BATS_TEST_TMPDIR/ledger" --path netns:left,right --mode rr --trace all \
		--transport one_copy,zero_copy --size 1000,64K --messages 150
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual == {"send": 0, "receive": 0} and
		.requests == {"count": 150, "bytes": 150, "residual": {"send": 0, "receive": 0}}'
	jq -e '[.runs[].retransmits.segments] | add > 0' "$BATS_TEST_TMPDIR/ledger"
}

segments_again() {
	ip netns exec left nstat -asz TcpRetransSegs | awk '/Retrans/ { print $2 }'
}

@test "retransmitted segments are those of TcpRetransSegs" {
	local before ledger=$BATS_TEST_TMPDIR/ledger moved=$BATS_TEST_TMPDIR/moved
	before=$(segments_again)
	"$HARNESS" watch --by process --json --output "$ledger" -- "$BATS_TEST_DIRNAME/../../../build/watched" \
		across left right 10.9.0.2 "ip netns exec left tc qdisc add dev to-right root netem loss 3%; sleep 1
			ip netns exec left tc qdisc del dev to-right root" > "$moved" || true
	jq -e --slurpfile moved "$moved" --argjson segments $(($(segments_again) - before)) '.runs[] |
		select(.process.pid == $moved[0].sender) | .retransmits.segments == $segments and
		$segments > 0 and .retransmits.bytes == $moved[0].again' "$ledger"
}

@test "everything lost in the middle of a run: it ends, says so, and leaves the path as it was" {
	"$HARNESS" --path netns:left,right --trace all --transport zero_copy --seconds 60 \
		> "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" 3>&- &
	background=$!
	local sender=
	for _ in $(seq 600); do
		sender=$(pgrep -P "$background" -x harness-send) &&
			[ "$(awk '{ print $14 + $15 }' "/proc/$sender/stat")" -gt 50 ] && break
		sleep 0.1
	done
	lose 100
	local status=0
	wait "$background" || status=$?
	background=
	[ "$status" -eq 1 ]
	cat "$BATS_TEST_TMPDIR/err"
	grep -q 'nothing got through the path' "$BATS_TEST_TMPDIR/err"
	left_behind
}
