# SPDX-License-Identifier: GPL-2.0
# Each attach method of this kernel gives the same ledger for the same traffic.

load ../helpers

# fixed_traffic FILE ARGS...: the ledger of fixed traffic
fixed_traffic() {
	local file=$1
	shift
	ledger_in "$file" --trace all --size 1000,64K --threads 2 --messages 150 "$@"
}

# The tests share a ledger by each method and one without --attach.
setup_file() {
	local method
	export LEDGERS=$BATS_FILE_TMPDIR METHODS
	METHODS=$(methods)
	for method in auto $METHODS; do
		fixed_traffic "$LEDGERS/$method" --attach "$method"
	done
	echo "# methods: "$METHODS >&3
}

# The numbers that must be equal: not retransmits, nor numbers of calls.
bytes_of() {
	jq -cS '[.runs[] | {transport, message_bytes, messages, payload_bytes, residual, valid,
		sends: .system_calls.send,
		sites: (.sites | with_entries(.value |= .bytes) |
			.deferred_copy -= ([.deferred_copy - .send_pin, 0] | max))}]' "$1"
}

@test "each method alone gives an exact ledger, and all the same one" {
	local method
	for method in $METHODS; do
		every_run "$LEDGERS/$method" '.valid and .residual == {"send": 0, "receive": 0}'
		every_run "$LEDGERS/$method" --of zero_copy '(.sites.deferred_copy.bytes - .sites.send_pin.bytes)
			as $excess | $excess >= 0 and $excess <= .retransmits.bytes'
		diff <(bytes_of "$LEDGERS/auto") <(bytes_of "$LEDGERS/$method")
	done
}

@test "a send is counted once for each call that took bytes, by each method" {
	local method
	for method in $METHODS; do
		every_run "$LEDGERS/$method" '([.sites.send_copy.calls, .sites.send_pin.calls, .sites.send_splice.calls] | add)
			== .system_calls.send'
	done
}

@test "a forced method is the method that is used" {
	local method
	for method in $METHODS; do
		jq -e --arg method "$method" '[.probes[] | select(.status == "attached" and
			(.site == "receive_copy" or .site == "send_copy" or .site == "send_pin")) |
			.attach] | length > 0 and all(. == $method or . == "tracepoint") and
			any(. == $method)' "$LEDGERS/$method"
	done
}

# programs_of FILE: the programs that are attached for the sites
programs_of() {
	jq -r '[.probes[] | select(.status == "attached" and .site != null) | "\(.site) \(.program)"] | unique[]' "$1"
}

@test "watch counts with the programs of a run" {
	"$HARNESS" watch --json --output "$BATS_TEST_TMPDIR/watched" -- true
	keep_json "$BATS_TEST_TMPDIR/watched"
	diff <(programs_of "$LEDGERS/auto") <(programs_of "$BATS_TEST_TMPDIR/watched")
}

@test "each method names the cause of a deferred copy alike" {
	local method causes='' these
	for method in $METHODS; do
		these=$(jq -c '[.runs[].sites.deferred_copy.causes[]? | [.cause, .function, .device]] | unique' \
			"$LEDGERS/$method")
		causes=${causes:-$these}
		[ "$these" = "$causes" ]
	done
	[[ $causes == *lo* ]]
}

# Pin attempts, if a method counts them, are the pinned bytes and those that failed sends unpinned.
@test "sendfile, plain, zero-copy and failing sends that take turns on a socket are distinguished" {
	local method attempts
	for method in $METHODS; do
		case " $(row "$method") " in
		*" sg_from_iter_"*) attempts=counted ;;
		*) attempts=null ;;
		esac
		"$HARNESS" watch --attach "$method" --json --output "$BATS_TEST_TMPDIR/ledger" -- \
			"$BATS_TEST_DIRNAME/../../build/mixed" > "$BATS_TEST_TMPDIR/sent"
		keep_json "$BATS_TEST_TMPDIR/ledger"
		echo "by $method, where pin attempts are $attempts:"
		cat "$BATS_TEST_TMPDIR/sent"
		jq -c '.runs[] | {pin_attempted_bytes, sent_bytes, received_bytes, residual, sites: (.sites | map_values(.bytes))}' \
			"$BATS_TEST_TMPDIR/ledger"
		jq -e --arg attempts $attempts --slurpfile sent "$BATS_TEST_TMPDIR/sent" '.lost_events == 0 and
			(.runs | length == 1) and (.runs[0] | $sent[0] as $sent | [.sites | .send_copy, .send_pin, .send_splice |
				.bytes] == ($sent | [.send_copy, .send_pin, .send_splice]) and
			($sent | all(. > 0)) and
			.sent_bytes == ($sent | .send_copy + .send_pin + .send_splice) and
			.received_bytes == .sent_bytes and .sites.receive_copy.bytes == .sent_bytes and
			.residual == {"send": 0, "receive": 0} and .sites.deferred_copy.bytes >= $sent.send_pin and
			.pin_attempted_bytes == (if $attempts == "null" then null else $sent.send_pin + $sent.unpinned end))' \
			"$BATS_TEST_TMPDIR/ledger" > /dev/null
	done
}

# The kernel may refuse a program, but never for a fault in the program itself.
@test "no program is refused by the verifier" {
	local method
	for method in auto $METHODS; do
		jq -e '.probes | length > 0 and all(.code != "load_failed")' "$LEDGERS/$method"
	done
}

# A kernel has one of these or the other, so one is always missing.
@test "a hook that the user leaves out makes a number unknown, not the method impossible" {
	local hook nulls=0
	case " $METHODS " in *fentry*) ;; *) return 0 ;; esac
	for hook in do_tcp_sendpages skb_splice_from_iter; do
		run --separate-stderr "$HARNESS" --attach fentry --transport one_copy --messages 10 --json \
			--without $hook
		[ "$status" -le 1 ]
		[ "$(jq '.runs[0].sites.send_copy.bytes' <<< "$output")" != null ] || nulls=$((nulls + 1))
	done
	[ $nulls -eq 1 ]
}

@test "types from a file give the same ledger as the kernel's own" {
	fixed_traffic "$BATS_TEST_TMPDIR/ledger" --btf /sys/kernel/btf/vmlinux
	diff <(bytes_of "$LEDGERS/auto") <(bytes_of "$BATS_TEST_TMPDIR/ledger")
}

@test "many threads on both processors lose nothing" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace all --transport zero_copy,eight_sends --size 4K --threads 32 \
		--messages 6400
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual == {"send": 0, "receive": 0}'
	jq -e '.probes | any(.missed != null)' "$BATS_TEST_TMPDIR/ledger"
	missed_nothing "$BATS_TEST_TMPDIR/ledger"
}

# Each message has at least one packet, so one missed event in 1,000 is several.
@test "8,000 requests and answers lose nothing" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace copies --mode rr --transport one_copy --size 1000 --threads 4 --messages 8000
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual == {"send": 0, "receive": 0}'
}

@test "a map that is too small makes the run invalid, and the document explains why" {
	run --separate-stderr "$HARNESS" --trace copies --transport one_copy --size 4K --threads 8 \
		--messages 80 --map-entries 2 --json
	[ "$status" -eq 1 ]
	every_run <(echo "$output") '(.valid | not) and (.reasons | any(.code == "lost_events" and .events > 0))'
}
