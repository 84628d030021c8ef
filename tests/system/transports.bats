# SPDX-License-Identifier: GPL-2.0
# The transports after the first four, by what the kernel references instead of copying.

load ../helpers

FURTHER=writev,sendfile,sendfile_corked,splice,zero_copy+mapped,splice+splice

# rings METHOD: those of io_uring whose sends the method sees. It does not where it counts system calls (send_call_*).
rings() {
	[[ $(row "$1") == *send_call_* ]] || echo ",$(row rings)"
}

# of TRANSPORT CONDITION: a condition for each run of a transport, if the ledger has some
of() {
	[ "$(jq --arg of "$1" '[.runs[] | select(.transport == $of)] | length' "$file")" -eq 0 ] ||
		every_run "$file" --of "$1" "$2"
}

# The ledger of each: bytes at each site, copies per byte. A header is 256 bytes, or an eighth of a small message.
check() {
	local file=$1
	every_run "$file" '.valid and .residual == {"send": 0, "receive": 0} and
		.payload_bytes == .messages * .message_bytes'
	every_run "$file" '.witness | [.send, .receive] | all(.equal)'
	every_run "$file" --of writev '.copies_per_byte == 2 and .sites.send_copy.bytes == .payload_bytes and
		.sites.receive_copy.bytes == .payload_bytes and .system_calls.send == .messages'
	every_run "$file" --of sendfile '.copies_per_byte == 1 and .sites.send_splice.bytes == .payload_bytes and
		.sites.receive_copy.bytes == .payload_bytes'
	every_run "$file" --of sendfile_corked '(.messages * ([256, (.message_bytes / 8 | floor)] | min)) as $headers |
		.sites.send_copy.bytes == $headers and .sites.send_splice.bytes == .payload_bytes - $headers and
		.sites.receive_copy.bytes == .payload_bytes'
	every_run "$file" --of splice '.copies_per_byte == 1 and .sites.send_splice.bytes == .payload_bytes and
		.sites.receive_copy.bytes == .payload_bytes'
	every_run "$file" --of splice+splice '.copies_per_byte == 0 and
		.sites.send_splice.bytes == .payload_bytes and .sites.receive_splice.bytes == .payload_bytes'
	every_run "$file" --of zero_copy+mapped '.sites.send_pin.bytes == .payload_bytes and
		.sites.receive_map.bytes + .sites.receive_copy.bytes == .payload_bytes'
	local transport
	# one request, and so one send, for each of the eight fields
	for transport in uring_send uring_send+uring; do
		of $transport '.copies_per_byte == 2 and .sites.send_copy.bytes == .payload_bytes and
			.sites.send_copy.calls >= .messages * 8 and .sites.receive_copy.bytes == .payload_bytes'
	done
	# on this host every pinned byte is copied at delivery, and each report of usage shows it
	for transport in uring_zc uring_zc+uring; do
		of $transport '.sites.send_pin.bytes == .payload_bytes and .sites.send_copy.bytes == 0 and
			.sites.receive_copy.bytes == .payload_bytes and
			.completions.expected == .completions.received and .completions.copied == .completions.received and
			.completions.received >= .messages * 8 and
			(.sites.deferred_copy.bytes - .payload_bytes) as $again | $again >= 0 and $again <= .retransmits.bytes'
	done
}

setup_file() {
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	ALL=$FURTHER$(rings auto)
	export ALL
	ledger_in "$LEDGER" --transport "$ALL" --size 8,4096,256K --threads 1,2 --messages 60
}

@test "each makes the copies that the kernel's rules give it, over the loopback" {
	[ "$(jq '.runs | length' "$LEDGER")" -eq $((6 * $(tr , '\n' <<< "$ALL" | wc -l))) ]
	check "$LEDGER"
}

@test "pages that the receiver maps are not copied by it: most of a large message, none of a small one" {
	every_run "$LEDGER" --of zero_copy+mapped '(.sites.receive_map.bytes / .payload_bytes) as $mapped |
		if .message_bytes < 4096 then $mapped == 0 elif .message_bytes > 4096 then $mapped > 0.5 else true end'
}

@test "each attach method counts the same" {
	local method
	for method in $(methods); do
		ledger_in "$BATS_TEST_TMPDIR/$method" --transport "$FURTHER$(rings "$method")" --attach "$method" --messages 40
		check "$BATS_TEST_TMPDIR/$method"
	done
}

@test "the first read of a connection counts like any other" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --transport splice+splice,zero_copy+mapped,sendfile+splice --messages 1
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .residual.receive == 0 and
		.sites.receive_splice.bytes + .sites.receive_map.bytes + .sites.receive_copy.bytes == 65536'
}

@test "between two namespaces splice to splice copies nothing either" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --transport "$ALL" --path veth --messages 40
	check "$BATS_TEST_TMPDIR/ledger"
}

@test "answers that are asked for, each byte verified" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --transport "$ALL" --mode rr --verify --size 8,64K --threads 2 --messages 40
	check "$BATS_TEST_TMPDIR/ledger"
}

@test "the largest message" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --transport "$ALL" --size 16M --messages 2 --verify
	check "$BATS_TEST_TMPDIR/ledger"
}

@test "a page that is written again too early is caught by --verify" {
	local transport
	for transport in sendfile sendfile_corked splice $(row rings | tr , '\n' | grep -x uring_zc); do
		run --separate-stderr "$HARNESS" --trace none --transport $transport --size 1M --messages 100 --verify \
			--inject early-reuse
		[ "$status" -eq 1 ]
		[[ $stderr == *"expected"* ]]
	done
}

@test "a method that does not see what io_uring sends refuses it, or leaves it out of all" {
	local method
	for method in $(methods); do
		[[ $(row "$method") == *send_call_* ]] || continue
		run -77 --separate-stderr "$HARNESS" --transport two_copy,uring_send --messages 10 --attach "$method"
		[ -z "$output" ]
		one_line "$stderr"
		[[ $stderr == "harness: uring_send: only sends that are system calls are counted here"* ]]
		ledger_in "$BATS_TEST_TMPDIR/$method" --transport all --messages 10 --attach "$method"
		jq -e '([.runs[].transport] | any(startswith("uring")) | not) and
			(.environment.left_out | map([.transport, .code]) | index([["uring_send", "sends_not_seen"]]) != null)' \
			"$BATS_TEST_TMPDIR/$method"
	done
	# what is not counted need not be seen
	"$HARNESS" --trace sched --transport uring_send --messages 10
}

@test "what this kernel lacks is refused, or left out of all" {
	local transport
	for transport in uring_send uring_zc uring_send+uring; do
		[[ ,$(row rings), != *,$transport,* ]] || continue
		run -77 --separate-stderr "$HARNESS" --trace none --transport one_copy,$transport --messages 10
		[ -z "$output" ]
		one_line "$stderr"
		[[ $stderr == "harness: $transport: this kernel lacks "* ]]
	done
	"$HARNESS" --trace none --json --transport all --messages 10 > "$BATS_TEST_TMPDIR/ledger" 2> "$BATS_TEST_TMPDIR/err"
	keep_json "$BATS_TEST_TMPDIR/ledger"
	jq -e --arg has ",$(row rings)," --rawfile err "$BATS_TEST_TMPDIR/err" '. as $document |
		["uring_send", "uring_zc", "uring_send+uring"] | all(. as $name |
		if $has | contains(",\($name),") then
			any($document.runs[]; .transport == $name)
		else
			any($document.environment.left_out[]; .transport == $name and .code == "unsupported") and
			($err | contains("harness: \($name) is left out: this kernel lacks "))
		end)' "$BATS_TEST_TMPDIR/ledger"
}

@test "where io_uring is not permitted its transports are refused, and left out of all" {
	local denied=("$BATS_TEST_DIRNAME/../../build/deny" 425) # io_uring_setup
	run -77 --separate-stderr "${denied[@]}" "$HARNESS" --trace none --transport two_copy+uring --messages 10
	[ -z "$output" ]
	one_line "$stderr"
	[[ $stderr == *"io_uring_setup: not permitted"*"kernel.io_uring_disabled"*"seccomp"* ]]
	"${denied[@]}" "$HARNESS" --trace none --json --transport all --messages 10 > "$BATS_TEST_TMPDIR/ledger"
	keep_json "$BATS_TEST_TMPDIR/ledger"
	jq -e '(.runs | length) == 10 and all(.runs[]; .valid) and
		(.environment.left_out | map(.transport)) == ["uring_send", "uring_zc", "uring_send+uring"]' "$BATS_TEST_TMPDIR/ledger"
}

@test "without memory that may be locked io_uring is refused, and the line names the limit" {
	# shellcheck disable=SC2016 # the inner shell expands
	run -77 --separate-stderr bash -c 'ulimit -l 0; exec setpriv --reuid 65534 --clear-groups "$0" --trace none \
		--transport two_copy+uring --messages 10' "$HARNESS"
	one_line "$stderr"
	[[ $stderr == *RLIMIT_MEMLOCK* ]]
}

@test "a receiver of io_uring, or one that it sends to, is killed: the run ends with its name" {
	local transport pid status
	for transport in $(row rings | tr , ' '); do
		status=0
		"$HARNESS" --trace none --transport "$transport" --seconds 60 > /dev/null 2> "$BATS_TEST_TMPDIR/err" 3>&- &
		pid=$!
		kill -9 "$(side $pid harness-recv)"
		wait $pid || status=$?
		[ $status -eq 1 ]
		grep -q 'receiver.*killed' "$BATS_TEST_TMPDIR/err"
		[ "$(wc -l < "$BATS_TEST_TMPDIR/err")" -eq 1 ]
	done
}

@test "advise names what copies least, and nothing that was not measured" {
	run --separate-stderr "$HARNESS" advise --transport two_copy,sendfile,splice+splice --repeat 2 --messages 50
	[ "$status" -eq 0 ]
	[[ $output == *"fewest copies: splice+splice; 0.000 of each byte"* ]]
	[[ $output == *"splice needs a pipe"* ]]
	run --separate-stderr "$HARNESS" advise --json --transport sendfile,splice,one_copy --repeat 2 --messages 50
	[ "$status" -eq 0 ]
	jq -e '.advice | .fewest_copies.transports == ["sendfile", "splice"] and .fewest_copies.copies_per_byte == 1 and
		(.fastest, .least_cpu | .value.median > 0 and .value.low == null and (.undecided | length) == 2 and .next == null)' \
		<<< "$output"
}

@test "advise is about one setting, with the copies counted, and keeps nothing" {
	local wrong
	for wrong in "--size 4K,64K" "--threads 1,2" "--out $BATS_TEST_TMPDIR/kept" "--trace none"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr "$HARNESS" advise $wrong
		[ -z "$output" ]
		[[ $(head -1 <<< "$stderr") == "harness: advise: want "* ]]
	done
	[ ! -e "$BATS_TEST_TMPDIR/kept" ]
}
