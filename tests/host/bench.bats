# SPDX-License-Identifier: GPL-2.0
# What the bench refuses, and that it gives its help. What it measures, the bench itself shows; its verdicts
# are tested in tests/analysis.

load ../helpers

BENCH=$BATS_TEST_DIRNAME/../bench/bench.sh

@test "bad words are refused before anything is measured: status 2, named, with the help" {
	local words
	for words in walk "--rounds 0" "--rounds x" --rounds "--walk"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$BENCH" $words
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		[[ $stderr == "bench.sh: "*"bench.sh [OPTION...] [PART...]"* ]]
	done
}

@test "--help names every part" {
	run --separate-stderr "$BENCH" --help
	[ "$status" -eq 0 ]
	for part in $(sed -nE 's/^part_([a-z]+)\(\).*/\1/p' "$BENCH"); do
		[[ $output == *"$part  "* ]]
	done
}

@test "as any user the bench ends with 77 and the command to run it" {
	run --separate-stderr setpriv --reuid 65534 --clear-groups "$BENCH" start
	[ "$status" -eq 77 ]
	[[ $stderr == *"sudo make bench"* ]]
}

@test "a thread that sends and receives by turns gets every byte and does not sleep; a bad size is refused" {
	local turns=$BATS_TEST_DIRNAME/../../build/tests/bench/turns
	run --separate-stderr "$turns" 1600 64 65536
	[ "$status" -eq 0 ]
	jq -s -e 'length == 6 and all(.bytes == .messages * .size and .switches == 0 and .fastest_ns > 0)' <<< "$output"
	run --separate-stderr "$turns" 1600 60
	[ "$status" -eq 2 ]
	[[ $stderr == *"60 bytes are not 8 equal fields"* ]]
}

@test "each part that a quick bench measures has numbers" {
	local part
	"$BENCH" --rounds 1 --out "$BATS_TEST_TMPDIR" --baseline "$BATS_TEST_TMPDIR/none" start turns
	for part in start turns; do
		jq -e --arg part $part '[.rows[] | select(.part == $part)] | length > 0 and all(.median != null or .values != [])' \
			"$BATS_TEST_TMPDIR/bench.json"
	done
}

@test "what could not be measured is named with the reason, and fails the bench" {
	cat > "$BATS_TEST_TMPDIR/harness" <<-END
		#!/bin/sh
		case "\$*" in
		*"--trace none"*) exec "$HARNESS" "\$@" ;;
		watch*/turns*)
			echo '{"runs": [{"sites": {"receive_copy": {"bytes": 100}}}]}' > "\$4"
			while [ "\$1" != -- ]; do shift; done
			shift
			exec "\$@"
			;;
		esac
		echo "no probe today" >&2
		exit 1
	END
	chmod +x "$BATS_TEST_TMPDIR/harness"
	HARNESS=$BATS_TEST_TMPDIR/harness run --separate-stderr "$BENCH" --rounds 1 --out "$BATS_TEST_TMPDIR" \
		--baseline "$BATS_TEST_TMPDIR/none" start turns
	[ "$status" -eq 1 ]
	[[ $output == *"lost: start, run: no result: no probe today"* ]]
	[[ $output == *"lost: turns, added by tracepoint: it did not count every byte"* ]]
	[[ $output == *"not measured"* ]]
}
