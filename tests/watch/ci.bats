# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2314 # inner shells expand what is in single quotes
# For scripts and CI jobs: when counting begins, and what the exit status means.

load watch

@test "when the count begins stderr says with which attach method and of which process" {
	run --separate-stderr "$HARNESS" watch --attach tracepoint --output /dev/null -- sleep 0.01
	[[ $stderr =~ "harness: counting (tracepoint): process "[0-9]+" (sleep 0.01)" ]]
	traffic send
	run --separate-stderr "$HARNESS" watch --pid "$TRAFFIC" --seconds 0.1 --output /dev/null
	[[ $stderr =~ "harness: counting ("[a-z" "]+"): process $TRAFFIC (traffic)" ]]
}

@test "--ready-fd: a line comes when the count begins, and the end of the file with it" {
	local line
	mkfifo "$BATS_TEST_TMPDIR/ready"
	"$HARNESS" watch --all --seconds 600 --ready-fd 7 --output "$LEDGER" --json \
		7> "$BATS_TEST_TMPDIR/ready" 2> "$SAID" 3>&- &
	WATCHING=$!
	# cat ends although the watch runs: the descriptor is closed
	line=$(cat "$BATS_TEST_TMPDIR/ready")
	[[ $line == "counting ("*"): all processes" ]]
	kill -0 "$WATCHING"
	# bytes sent from now on are counted
	"$PROGRAMS/traffic" send 0.2 > /dev/null
	end_follow
	jq -e '[.runs[] | select(.process.command == "traffic") | .sent_bytes] | add > 0' "$LEDGER"
}

@test "--ready-fd of a descriptor that is closed, or open for reading, is refused" {
	run -2 --separate-stderr "$HARNESS" watch --all --seconds 0.1 --ready-fd 99
	one_line "$stderr"
	[[ $stderr == *"--ready-fd 99"*"Bad file descriptor"* ]]
	run -2 --separate-stderr "$HARNESS" watch --all --seconds 0.1 --ready-fd 7 7< /dev/null
	one_line "$stderr"
	[[ $stderr == *"reading only"* ]]
}

@test "--exit-with-command: the command's status, or 128 and its signal" {
	run -5 "$HARNESS" watch --exit-with-command --output /dev/null -- sh -c 'exit 5'
	run -137 "$HARNESS" watch --exit-with-command --output /dev/null -- sh -c 'kill -9 $$'
	# if the command succeeds, the ledger decides the status
	run -1 "$HARNESS" watch --exit-with-command --map-entries 1 --output /dev/null -- \
		"$PROGRAMS/traffic" send 0.3
}

# family: a shell, its child, and its grandchild, which sends; the shell's pid in $TRAFFIC
family() {
	sh -c 'sh -c "\"$1\" send 600 5000; true" sh "$1"; true' sh "$PROGRAMS/traffic" > /dev/null 3>&- &
	TRAFFIC=$!
	timeout 20 sh -c 'until pgrep -P "$(pgrep -P "$1")" traffic; do sleep 0.05; done' sh "$TRAFFIC"
	OUTSIDE=$(pgrep -P "$(pgrep -P "$TRAFFIC")" traffic)
}

# descendants PID: the number of its descendants
descendants() {
	local child count=0
	for child in $(pgrep -P "$1"); do
		count=$((count + 1 + $(descendants "$child")))
	done
	echo $count
}

@test "--pid counts the children that a process has, unless --no-children" {
	local children
	family
	sleep 0.3 # until the traffic has its own children
	children=$(descendants "$TRAFFIC")
	[ "$children" -ge 2 ]
	"$HARNESS" watch --json --output "$LEDGER" --pid "$TRAFFIC" --seconds 0.5 2> "$SAID" || only_skipped
	jq -e '.runs[0].sent_bytes > 0' "$LEDGER"
	grep -q ": process $TRAFFIC (sh) and $children children\$" "$SAID"
	keep_json "$LEDGER"
	"$HARNESS" watch --json --output "$LEDGER" --pid "$TRAFFIC" --no-children --seconds 0.5 2> "$SAID" ||
		only_skipped
	jq -e '.runs[0].sent_bytes == 0' "$LEDGER"
	grep -q ": process $TRAFFIC (sh)\$" "$SAID"
}

@test "several --pid are counted together, and the watch ends when the last of them does" {
	local first second
	"$PROGRAMS/traffic" send 600 5000 > /dev/null 3>&- &
	first=$!
	traffic send
	second=$TRAFFIC
	OUTSIDE=$first
	sleep 0.3
	follow --pid "$first,$second" --by process --interval 0.3
	lines 2
	kill "$first"
	wait "$first" || true
	lines 5
	kill -0 "$WATCHING"
	OUTSIDE=
	kill "$second"
	wait "$WATCHING" || only_skipped # it ends by itself
	WATCHING=
	intervals --argjson first "$first" --argjson second "$second" '[.[].runs[].process.pid] |
		contains([$first]) and contains([$second])'
	grep -q ": processes $first, $second and [0-9]* child" "$SAID"
}

@test "--comm is every process of that name, and of a name that none has is refused" {
	cp "$PROGRAMS/traffic" "$BATS_TEST_TMPDIR/named-(x) y"
	"$BATS_TEST_TMPDIR/named-(x) y" send 600 5000 > /dev/null 3>&- &
	TRAFFIC=$!
	"$PROGRAMS/traffic" send 600 5000 > /dev/null 3>&- &
	OUTSIDE=$!
	sleep 0.3
	"$HARNESS" watch --json --output "$LEDGER" --comm 'named-(x) y' --by process --seconds 0.5 || only_skipped
	jq -e --argjson pid "$TRAFFIC" '.runs | any(.process.pid == $pid) and
		all(.process.command == "named-(x) y") and ([.[].sent_bytes] | add) > 0' "$LEDGER"
	run -2 --separate-stderr "$HARNESS" watch --comm no-such-name --seconds 1
	one_line "$stderr"
	[[ $stderr == *"--comm no-such-name: no process has this name"* ]]
}

@test "a shell that watches itself does not count the watch" {
	run --separate-stderr sh -c '"$HARNESS" watch --pid $$ --seconds 0.1 --output /dev/null; true'
	[[ $stderr =~ ": process "[0-9]+" (sh)"$ ]]
}

# expect STATUS LIST MODE: traffic of a mode, repeated if events were missed
expect() {
	local try
	for try in 1 2 3; do
		run --separate-stderr "$HARNESS" watch --expect "$2" --json --output "$LEDGER" -- \
			"$PROGRAMS/traffic" "$3" 0.3
		[ "$status" -ne 1 ] || [ "$try" -eq 3 ] || continue
		break
	done
	[ "$status" -eq "$1" ] || {
		echo "status $status: $stderr"
		return 1
	}
}

@test "--expect: 0 when all of it holds, 3 with the expectation, the value and the cause when not" {
	local bytes cause
	expect 0 'copies_per_byte.send <= 1, deferred_copy == 0, residual == 0' send
	! grep -q 'harness: expected' <<< "$stderr"
	expect 3 'copies_per_byte.send <= 1, deferred_copy == 0, residual == 0' zerocopy
	bytes=$(jq '.runs[0].sites.deferred_copy.bytes' "$LEDGER")
	cause=$(jq -r '.runs[0].sites.deferred_copy.causes[0].cause' "$LEDGER")
	[ "$(grep 'harness: expected deferred_copy' <<< "$stderr")" = \
		"harness: expected deferred_copy == 0, but it is $bytes: deferred_copy $bytes bytes ($cause on lo)" ]
	expect 3 'send_copy < 1' send
	[[ $stderr == *"expected send_copy < 1, but it is "[1-9]* ]]
}

@test "--expect of a number that is not known does not hold" {
	run -3 --separate-stderr "$HARNESS" watch --expect 'copies_per_byte.send <= 1' --output /dev/null -- true
	[[ $stderr == *"expected copies_per_byte.send <= 1, but it is not known"* ]]
}

@test "--expect of a name that no ledger has is refused before the command starts" {
	run -2 --separate-stderr "$HARNESS" watch --expect 'deferred_copyx == 0' -- touch "$BATS_TEST_TMPDIR/started"
	one_line "$stderr"
	[[ $stderr == *"did you mean 'deferred_copy'?"* ]]
	[ ! -e "$BATS_TEST_TMPDIR/started" ]
}

# against MODE OPTION...: traffic of a mode against $BASELINE, repeated if events were missed
against() {
	local try mode=$1
	shift
	for try in 1 2 3; do
		run --separate-stderr "$HARNESS" watch --baseline "$BASELINE" "$@" --output /dev/null -- \
			"$PROGRAMS/traffic" "$mode" 0.3
		[ "$status" -eq 1 ] || break
	done
}

@test "--baseline: 3 when a byte is copied more often than before, with both numbers; TAP and JUnit" {
	BASELINE=$BATS_TEST_TMPDIR/before.json
	watch -- "$PROGRAMS/traffic" sendfile 0.3
	mv "$LEDGER" "$BASELINE"
	against sendfile --report "tap:$BATS_TEST_TMPDIR/tap"
	[ "$status" -eq 0 ]
	grep -q '^ok .* copies_per_byte.send <= 0.01 (baseline 0, tolerance 1%)$' "$BATS_TEST_TMPDIR/tap"
	grep -q '^ok .* valid == true$' "$BATS_TEST_TMPDIR/tap"
	run ! grep -q '^not ok' "$BATS_TEST_TMPDIR/tap"
	against send --tolerance 99% --report "junit:$BATS_TEST_TMPDIR/xml"
	[ "$status" -eq 3 ]
	[[ $stderr == *"expected copies_per_byte.send <= 0.99 (baseline 0, tolerance 99%), but it is 1: send_copy "* ]]
	python3 - "$BATS_TEST_TMPDIR/xml" <<-'END'
		import sys, xml.etree.ElementTree as tree
		suite = tree.parse(sys.argv[1]).getroot()[0]
		failed = [case.get("name").split()[0] for case in suite if case.find("failure") is not None]
		assert failed == ["copies_per_byte.send", "send_copy"], failed
		assert suite.get("failures") == "2" and int(suite.get("tests")) == len(suite)
	END
	against send --tolerance 100%
	[ "$status" -eq 0 ]
}

@test "--baseline of a file without one ledger is refused before the command starts" {
	echo '{}' > "$BATS_TEST_TMPDIR/none"
	for file in "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR/none/none"; do
		run -2 --separate-stderr "$HARNESS" watch --baseline "$file" -- touch "$BATS_TEST_TMPDIR/started"
		one_line "$stderr"
		[ ! -e "$BATS_TEST_TMPDIR/started" ]
	done
	run -2 --separate-stderr "$HARNESS" watch --report "tap:$BATS_TEST_TMPDIR/none/x" -- true
	one_line "$stderr"
}

@test "the command's own failure comes before an expectation that is not met" {
	run -7 "$HARNESS" watch --exit-with-command --expect 'sent_bytes > 0' --output /dev/null -- sh -c 'exit 7'
	run -3 "$HARNESS" watch --exit-with-command --expect 'sent_bytes > 0' --output /dev/null -- true
}

@test "a stream: environment and probes in the first line, then small lines, each with its time" {
	local before after
	before=$(date +%s%6N)
	"$HARNESS" watch --json --output "$LEDGER" --all --interval 0.2 --count 3 || only_skipped
	after=$(date +%s%6N)
	jq -es --argjson before "$before" --argjson after "$after" '[.[].time_unix_us] | length == 4 and
		. == sort and .[0] > $before and .[3] < $after and (.[3] - .[1] >= 200000)' "$LEDGER"
	head -1 "$LEDGER" | jq -e '.schema == "harness.watch_start/1" and (.environment | has("kernel")) and
		(.probes | any(.status == "attached"))'
	intervals 'all(.schema == "harness.watch_interval/1" and (has("environment") or has("probes") | not))'
	# without an interval there is one whole document
	"$HARNESS" watch --json --output "$LEDGER" --all --seconds 0.1 || only_skipped
	jq -es 'length == 1 and .[0].schema == "harness.ledger/1" and (.[0] | has("environment"))' "$LEDGER"
}
