# SPDX-License-Identifier: GPL-2.0
# Every way to attach that this kernel has gives the same ledger for the same traffic.

load ../helpers

PATH=$PATH:/usr/sbin # bpftool

WAYS=(fentry tracepoint kprobe)
MIXED=$BATS_TEST_DIRNAME/../../build/mixed

# fixed_traffic FILE ARGS...: its ledger
fixed_traffic() {
	local file=$1
	shift
	ledger_in "$file" --trace all --transport all --size 1000,64K --threads 2 --messages 150 "$@"
}

# ledger_by WAY: the ledger of a fixed traffic, in $LEDGERS/WAY, made once for all tests
ledger_by() {
	[ -e "$LEDGERS/$1" ] || {
		fixed_traffic "$LEDGERS/$1.new" --attach "$1"
		mv "$LEDGERS/$1.new" "$LEDGERS/$1"
	}
}

setup() {
	LEDGERS=$BATS_FILE_TMPDIR
}

teardown() {
	[ -z "${process:-}" ] || kill -9 "$process" 2> /dev/null || true # its sides go with it, also one that stands still
}

# What must be equal: not how often a packet was sent again, nor how many calls it took.
bytes_of() {
	jq -cS '[.runs[] | {transport, message_bytes, messages, payload_bytes, residual, valid,
		sends: .system_calls.send,
		sites: (.sites | with_entries(.value |= .bytes) |
			.deferred_copy -= ([.deferred_copy - .send_pin, 0] | max))}]' "$1"
}

@test "each way alone gives an exact ledger, and all the same one" {
	local way first='' ways=()
	for way in "${WAYS[@]}"; do
		has_way "$way" || continue
		ledger_by "$way"
		ways+=("$way")
		every_run "$LEDGERS/$way" '.valid and .residual == {"send": 0, "receive": 0}'
		every_run "$LEDGERS/$way" --of zero_copy '(.sites.deferred_copy.bytes - .sites.send_pin.bytes)
			as $excess | $excess >= 0 and $excess <= .retransmits.bytes'
		first=${first:-$way}
		diff <(bytes_of "$LEDGERS/$first") <(bytes_of "$LEDGERS/$way")
	done
	echo "# ways: ${ways[*]}" >&3
	[ "${#ways[@]}" -gt 0 ]
}

@test "a forced way is the way that is used" {
	local way
	for way in "${WAYS[@]}"; do
		has_way "$way" || continue
		ledger_by "$way"
		jq -e --arg way "$way" '[.probes[] | select(.status == "attached" and .site == "receive_copy") |
			.attach] | length > 0 and all(. == $way)' "$LEDGERS/$way"
	done
}

# receives_by FILE: the programs that count what is received
receives_by() {
	jq -c '[.probes[] | select(.status == "attached" and .site == "receive_copy").program]' "$1"
}

# The tracepoint is the cheapest, and like a function's start it does not see what a fault gives back.
@test "a run counts its receives at the tracepoint unless it is told how, watch by what the function returned" {
	local watched=datagram_iovec
	ledger_by auto
	[ "$(receives_by "$LEDGERS/auto")" = '["datagram_iovec"]' ]
	if has_way fentry; then
		watched=datagram_iter_exit
		ledger_by fentry
		[ "$(receives_by "$LEDGERS/fentry")" = '["datagram_iter_enter"]' ]
	fi
	"$HARNESS" watch --json -- true > "$BATS_TEST_TMPDIR/watched"
	keep_json "$BATS_TEST_TMPDIR/watched"
	[ "$(receives_by "$BATS_TEST_TMPDIR/watched")" = "[\"$watched\"]" ]
}

@test "each way names the cause of a deferred copy alike" {
	local way causes=''
	for way in "${WAYS[@]}"; do
		has_way "$way" || continue
		ledger_by "$way"
		these=$(jq -c '[.runs[].sites.deferred_copy.causes[]? | [.cause, .function, .device]] | unique' \
			"$LEDGERS/$way")
		causes=${causes:-$these}
		[ "$these" = "$causes" ]
	done
	[[ $causes == *lo* ]]
}

# What was tried to pin, where it is counted (fentry), is what was pinned and what was given back.
@test "sendfile, plain, zero-copy and failing sends that take turns on a socket are told apart" {
	local way status said=0
	for way in "${WAYS[@]}"; do
		status=0
		"$MIXED" "$way" > "$BATS_TEST_TMPDIR/mixed" 2> /dev/null || status=$?
		[ $status -ne 77 ] || continue
		cat "$BATS_TEST_TMPDIR/mixed"
		jq -e --arg way "$way" '.counted == .sent and (.sent | all(. > 0)) and .given_back > 0 and
			.lent_sends_counted == .lent_sends and
			.attempted == (if $way == "fentry" then .sent.send_pin + .given_back else null end)' \
			"$BATS_TEST_TMPDIR/mixed"
		said=$((said + 1))
	done
	[ $said -gt 0 ]
}

# Every system call of every process costs more than one place in TCP.
@test "tracepoints see a send in TCP where the kernel has a tracepoint there, else at the system call" {
	local wanted=sys_enter
	! bpftool btf dump file /sys/kernel/btf/vmlinux | grep -q "'btf_trace_tcp_sendmsg_locked'" ||
		wanted=tcp_sendmsg_locked
	ledger_by tracepoint
	jq -e --arg wanted $wanted '[.probes[] | select(.status == "set_aside" and .site == "send_copy").function] ==
		[$wanted]' "$LEDGERS/tracepoint"
}

# start_run ARGS...: a run with traffic until it is ended; its processes in $process and $sender
start_run() {
	env --default-signal=INT "$HARNESS" "$@" --size 64 --seconds 180 --json > /dev/null 2>&1 3>&- &
	process=$!
	sender=$(side "$process" harness-send) || {
		end_run
		return 1
	}
}

end_run() {
	kill -INT "$process"
	wait "$process" || true
	process=
}

# still COMMAND...: while the sender stands still, as beside traffic a look takes seconds
still() {
	local status=0
	kill -STOP "$sender"
	"$@" || status=$?
	kill -CONT "$sender"
	return $status
}

# walks_and_copies: how many stacks the run that is on has walked, and copies of lent pages it has counted
walks_and_copies() {
	{ bpftool -j map dump name scratches && bpftool -j map dump name causes; } |
		jq -rs '[.[0][0].formatted.values[].value] as $here |
			[($here | map(.walks) | add),
			([$here[].run.cause.counter.calls, .[1][].formatted.value.calls] | add)] | join(" ")'
}

# walks_once WAY MODE: in a run of the kind, sooner or later a stack was walked for one copy of ten at most: some
# page is allocated by another while a packet waits, and its stack is walked for nothing
walks_once() {
	local way=$1 mode=$2 walks=0 copies=0 few=no
	start_run --attach "$way" --mode "$mode" --transport zero_copy
	for _ in $(seq 40); do
		read -r walks copies < <(still walks_and_copies)
		if [ "$copies" -gt 1000 ] && [ "$copies" -gt $((10 * walks)) ]; then
			few=yes
			break
		fi
		sleep 1
	done
	end_run
	echo "$way, $mode: $walks walks, $copies copies"
	[ "$walks" -gt 0 ] && [ $few = yes ]
}

# A walk costs more than all else that is done for the packet: once is enough (bpf/stack.h).
@test "by fentry and tracepoints the stack of a deferred copy is walked once, then recognised" {
	local way mode said=0
	for way in fentry tracepoint; do
		has_way $way || continue
		for mode in stream rr; do
			walks_once $way $mode
		done
		said=$((said + 1))
	done
	[ $said -gt 0 ]
}

# hung: the names of all programs that are attached, a line each; kprobes before 5.15 by no link
hung() {
	{ bpftool -j prog show && bpftool -j link show && bpftool -j perf show; } |
		jq -rs '(.[0] | map({(.id | tostring): .name}) | add) as $names |
			[.[1:][][] | .prog_id // empty] | unique[] | $names[tostring] // empty'
}

# look WAY "TRANSPORT OPTION...": what hangs while there is such a run, for hangs
look() {
	local transport
	read -ra transport <<< "$2"
	start_run --attach "$1" --transport "${transport[@]}"
	still hung > "$BATS_TEST_TMPDIR/hung"
	end_run
	echo "by $1, $2: $(paste -sd ' ' "$BATS_TEST_TMPDIR/hung")"
	grep -qx start_xmit "$BATS_TEST_TMPDIR/hung"
}

# hangs COUNT PROGRAM...: so many of these did
hangs() {
	local count=$1
	shift
	echo "wanted: $count of $*"
	[ "$(grep -cx "$(printf '%s\n' "$@")" "$BATS_TEST_TMPDIR/hung")" -eq "$count" ]
}

# They cost every packet and every page.
@test "by tracepoints what looks for copies of lent pages is attached only where some are lent" {
	look tracepoint one_copy
	hangs 0 page_alloc device_receive
	look tracepoint zero_copy
	hangs 2 page_alloc device_receive
}

# It costs every send; the sockets are known before. A program on fentry that was taken off cannot be put on
# again before 5.13, and stays.
@test "what sees sends begin is not attached where those of each process are alike" {
	local way transport said=0 idle
	for way in "${WAYS[@]}"; do
		has_way "$way" || continue
		idle=0
		[ "$way" != fentry ] || printf '5.13\n%s\n' "$(uname -r)" | sort -VC || idle=1
		for transport in one_copy zero_copy "zero_copy --mode rr"; do
			look "$way" "$transport"
			hangs $idle sendmsg_enter sendmsg_locked syscall_enter sendmsg_probe
			[ "$way" != fentry ] || case $transport in
			one_copy) hangs 1 iter_stream_exit ;;
			*) hangs $idle iter_stream_exit ;;
			esac
		done
		said=$((said + 1))
	done
	[ $said -gt 0 ]
}

# The packets that leave are what tells that no page was lent.
@test "where no packet is seen to leave, sends are seen, but for fentry" {
	local way seen said=0
	for way in "${WAYS[@]}"; do
		has_way "$way" || continue
		"$HARNESS" --json --attach "$way" --without net_dev_start_xmit --transport one_copy --size 64 --messages 9 \
			> "$BATS_TEST_TMPDIR/ledger" || true # some sites are unknown then
		keep_json "$BATS_TEST_TMPDIR/ledger"
		seen=$(jq -r '[.probes[] | select(.site == "send_copy" and .status != "refused" and .status != "not_needed" and
			(.program | test("^(sendmsg|syscall)_"))).status] | unique | join(" ")' "$BATS_TEST_TMPDIR/ledger")
		case $way in
		fentry) [[ $seen != *attached* ]] || ! printf '5.13\n%s\n' "$(uname -r)" | sort -VC ;;
		*) [ "$seen" = attached ] ;;
		esac
		said=$((said + 1))
	done
	[ $said -gt 0 ]
}

@test "where the sockets of a process cannot be had, its sends are seen, and the ledger is exact" {
	local way said=0
	for way in "${WAYS[@]}"; do
		has_way "$way" || continue
		sockets_hidden "$HARNESS" --json --attach "$way" --transport eight_sends,one_copy --size 64 --messages 200 \
			> "$BATS_TEST_TMPDIR/ledger"
		keep_json "$BATS_TEST_TMPDIR/ledger"
		every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual == {send: 0, receive: 0} and
			.sites.send_copy.bytes == .payload_bytes'
		jq -e '[.probes[] | select(.site == "send_copy" and .status == "attached")] | length > 0' \
			"$BATS_TEST_TMPDIR/ledger"
		said=$((said + 1))
	done
	[ $said -gt 0 ]
}

# told TRANSPORTS: how the document speaks of these programs after such runs
told() {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --attach tracepoint --transport "$1" --size 4K --messages 100
	jq -c '[.probes[] | select(.program == "page_alloc" or .program == "device_receive") | [.status, .missed, .why]] | unique' \
		"$BATS_TEST_TMPDIR/ledger"
}

@test "a program that was set aside in all runs is said to be, and what it missed is not known" {
	[ "$(told one_copy)" = '[["set_aside",null,"no page was to be lent"]]' ]
	[[ $(told zero_copy) =~ ^'[["attached",'(0|null)',null]]'$ ]] # null before 5.12
	[[ $(told one_copy,zero_copy) =~ ^'[["attached",'(0|null)',null]]'$ ]]
}

# mixed_by_every_way WORD CONDITION: holds of what `mixed` prints, told WORD of what it was to lend
mixed_by_every_way() {
	local way said=0
	for way in "${WAYS[@]}"; do
		has_way "$way" || continue
		"$MIXED" "$way" "$1" > "$BATS_TEST_TMPDIR/mixed"
		cat "$BATS_TEST_TMPDIR/mixed"
		jq -e --arg way "$way" "$2" "$BATS_TEST_TMPDIR/mixed"
		said=$((said + 1))
	done
	[ $said -gt 0 ]
}

@test "pages lent where none were expected have their copies counted, or are said to be lost" {
	# shellcheck disable=SC2016 # $way is jq's
	mixed_by_every_way none 'if $way == "fentry" then .counted == .sent and .lost == 0 and
		.deferred_copy >= .sent.send_pin else .lost > 0 end'
}

# What is lent by who was not to, beside one who was. By fentry it is seen apart from the send before 5.13.
@test "pages lent by one of whom none were expected are said to be lost where another lends, too" {
	mixed_by_every_way other '.lost > 0 or .counted == .sent'
}

# The ledger holds the one number against the other (tests/unit/test_ledger.c).
@test "where each send was to lend and some did not, the number of those that did shows it" {
	mixed_by_every_way all '.lent_sends_counted == .lent_sends and .lent_sends > 0'
}

# What is refused may be the kernel's choice, but never for a fault in the program itself.
@test "no program is refused by the verifier" {
	local way
	for way in auto "${WAYS[@]}"; do
		has_way "$way" || continue
		ledger_by "$way"
		jq -e '[.probes[].why | values | select(test("program load failed"))] == []' "$LEDGERS/$way"
	done
}

# Of these a kernel has one or the other, so one is always missing.
@test "a hook that the user leaves out makes a number unknown, not the way impossible" {
	local hook nulls=0
	has_way fentry || return 0
	for hook in do_tcp_sendpages skb_splice_from_iter; do
		run --separate-stderr "$HARNESS" --attach fentry --transport one_copy --messages 10 --json \
			--without $hook
		keep_output
		[ "$status" -le 1 ]
		[ "$(jq '.runs[0].sites.send_copy.bytes' <<< "$output")" != null ] || nulls=$((nulls + 1))
	done
	[ $nulls -eq 1 ]
}

@test "types from a file give the same ledger as the kernel's own" {
	ledger_by auto
	fixed_traffic "$BATS_TEST_TMPDIR/ledger" --btf /sys/kernel/btf/vmlinux
	diff <(bytes_of "$LEDGERS/auto") <(bytes_of "$BATS_TEST_TMPDIR/ledger")
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid'
}

# helper_reads PROGRAM OPTION...: how often it, as it is loaded in such a run, reads memory through a helper
helper_reads() {
	local program=$1
	shift
	start_run "$@" --transport zero_copy
	still bpftool prog dump xlated name "$program" > "$BATS_TEST_TMPDIR/program"
	end_run
	grep -q exit "$BATS_TEST_TMPDIR/program"
	grep -c "call bpf_probe_read_kernel" "$BATS_TEST_TMPDIR/program" || true
}

# A helper takes as long as ten loads. Two remain: who a packet's owner is, when it is not the last one
# (bare_number).
@test "kernel memory is read by loads where the verifier can be told what is there" {
	[ "$(helper_reads start_xmit_raw --btf /sys/kernel/btf/vmlinux)" -gt 2 ]
	if bpftool btf dump file /sys/kernel/btf/vmlinux | grep -q "FUNC 'bpf_rdonly_cast'"; then
		[ "$(helper_reads start_xmit)" -le 2 ]
	else
		[ "$(helper_reads start_xmit)" -gt 2 ]
	fi
}

@test "many threads on both processors lose nothing" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace all --transport zero_copy,eight_sends --size 4K --threads 32 \
		--messages 6400
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual == {"send": 0, "receive": 0}'
	jq -e '[.probes[] | select(.missed != null) | .missed] | all(. == 0)' "$BATS_TEST_TMPDIR/ledger"
}

@test "a map that is too small is said, and makes the run invalid" {
	run --separate-stderr "$HARNESS" --trace copies --transport one_copy --size 4K --threads 8 \
		--messages 80 --map-entries 2 --json
	keep_output
	[ "$status" -eq 1 ]
	every_run <(echo "$output") '(.valid | not) and (.reasons | any(.code == "lost_events" and .events > 0))'
}
