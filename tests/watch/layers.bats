# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2314 # jq and inner shells expand what is in single quotes
# Bytes of sockets that other code serves than tcp_sendmsg and tcp_recvmsg, counted where probes see the copies, and
# uncovered by name elsewhere.

load watch

# uncovered ACTION SENT RECEIVED CONDITION [OPTION...]: the watch ends with status 1, and names these uncovered bytes of each
# direction
uncovered() {
	run -1 --separate-stderr "$HARNESS" watch --json --output "$LEDGER" "${@:5}" -- "$PROGRAMS/watched" "$1"
	printf '%s\n' "$output" > "$MOVED"
	is ".uncovered == {\"send\": $2, \"receive\": $3} and (.valid | not) and
		([.reasons[] | select(.code == \"uncovered_bytes\").bytes] | sort) ==
			([$2, $3 | select(. != 0)] | sort) and ($4)"
}

# counts_layers METHOD: copies outside tcp_sendmsg and tcp_recvmsg are counted by it: by fentry, and by kprobe where a
# tracepoint ends receives (6.3). `msg_` programs: 5.10 lacks a function of sockmaps.
counts_layers() {
	[ "$1" != tracepoint ] && row "$1" | grep -q 'inet_recvmsg_exit\|receive_length'
}

# All that it sent was seen to leave by its subflows. Where it is not counted, a peek counts with the bytes.
# bats test_tags=mptcp
@test "MPTCP copies each byte once a side, and is uncovered by name where it is not seen" {
	local method
	for method in $(methods); do
		if ! counts_layers $method; then
			uncovered mptcp '$moved.sent' '($moved.received + $moved.discarded + $moved.peeked)' \
				'.sent_bytes == 0 and .received_bytes == 0 and
				.not_covered.mptcp == .uncovered.send + .uncovered.receive and
				(.notes | any(.code == "not_covered" and .sockets == "mptcp" and
					.bytes == $run.not_covered.mptcp))' --attach $method
			continue
		fi
		watch --attach $method -- "$PROGRAMS/watched" mptcp
		exact
		is '.sent_bytes == $moved.sent and .sites.send_copy.bytes == $moved.sent and
			.received_bytes == $moved.received and .peeked_bytes == $moved.peeked and
			.discarded_bytes == $moved.discarded and
			.sites.receive_copy.bytes == $moved.received + $moved.peeked and
			.not_covered.mptcp == 0 and .uncovered == {"send": 0, "receive": 0} and
			(.notes | all(.code != "departures_pending"))'
	done
}

@test "a BPF sockmap copies each byte once a side, and is uncovered by name where it is not seen" {
	local method
	for method in $(methods); do
		if ! counts_layers $method || ! row $method | grep -q ' msg_'; then
			uncovered sockmap '$moved.sockmap' 0 '.sent_bytes == $moved.sent and
				.received_bytes == $moved.received and .not_covered.sockmap == $moved.sockmap and
				(.notes | any(.code == "not_covered" and .sockets == "sockmap" and
					.bytes == $moved.sockmap))' --attach $method
			continue
		fi
		watch --attach $method -- "$PROGRAMS/watched" sockmap
		exact
		is '.sent_bytes == $moved.sent + $moved.sockmap and .sites.send_copy.bytes == .sent_bytes and
			.received_bytes == $moved.received and .sites.receive_copy.bytes == $moved.received and
			.not_covered.sockmap == 0 and (.notes | all(.code != "departures_pending"))'
		# straight to the messages of the receiver: nothing leaves
		"$HARNESS" watch --json --attach $method --output "$LEDGER" -- "$PROGRAMS/watched" ingress > "$MOVED"
		exact
		is '([.notes[] | select(.code == "departures_pending").bytes] == [$moved.sent - 1000]) and
			.sent_bytes == $moved.sent and .sites.send_copy.bytes == $moved.sent and
			.received_bytes == $moved.received and .peeked_bytes == $moved.peeked and
			.sites.receive_copy.bytes == $moved.received + $moved.peeked and .not_covered.sockmap == 0 and
			.uncovered_readers == []'
	done
}

@test "what a BPF sockmap takes from one socket and sends on another is uncovered" {
	uncovered redirect '$moved.redirected' '$moved.redirected' '.sent_bytes == $moved.sent and
		.sites.receive_copy.bytes == $moved.received and
		([.uncovered_readers[] | .bytes] | add) == $moved.redirected and
		(.uncovered_readers | all(.function | startswith("sk_psock_"))) and
		(.reasons | any(.side == "receive" and (.by | startswith("sk_psock_"))))'
}

# bats test_tags=ktls
@test "what the ledger does not cover is named, and invalid: kTLS" {
	uncovered tls '($moved.tls / 2)' '($moved.tls / 2)' '.sent_bytes == $moved.sent and
		.received_bytes == $moved.received and
		.not_covered.ktls == $moved.tls and .sites.send_splice.bytes == 0'
}

# bats test_tags=zcrx
@test "what io_uring's zero-copy receive copies is counted, and uncovered by name where it is not seen" {
	local method
	for method in fentry kprobe; do
		watch --attach $method -- "$PROGRAMS/uring" zcrx
		exact
		# the kernel's own count of what it copied is the oracle; without a device it copies all
		is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and $moved.copied == $moved.received and
			.sites.receive_copy.bytes == $moved.copied and
			.sites.receive_map.bytes == $moved.received - $moved.copied and
			.not_covered.io_uring_zcrx == 0 and .uncovered == {"send": 0, "receive": 0}'
	done
	run -1 --separate-stderr "$HARNESS" watch --attach tracepoint --json --output "$LEDGER" -- "$PROGRAMS/uring" zcrx
	printf '%s\n' "$output" > "$MOVED"
	is '.sent_bytes == $moved.sent and .received_bytes == $moved.received and $moved.received > 0 and
		.sites.receive_copy.bytes == 0 and .uncovered == {"send": 0, "receive": $moved.received} and
		.not_covered.io_uring_zcrx == $moved.received and
		([.reasons[] | select(.code == "uncovered_bytes") | [.side, .bytes, .by]] ==
			[["receive", $moved.received, "io_uring_zcrx"]])'
}
