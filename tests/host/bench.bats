# SPDX-License-Identifier: GPL-2.0
# What the bench refuses, and that it gives its help. What it measures, the bench itself shows; its verdicts
# are tested in tests/analysis.

load ../helpers

BENCH=$BATS_TEST_DIRNAME/../bench/bench.sh

@test "bad words are refused before anything is measured: status 2, named, with the help" {
	local words
	for words in walk "--modes walk" "--rounds 0" "--rounds x" --rounds "endurance soon" "--walk"; do
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

@test "as any user it says how to run it: status 77" {
	run --separate-stderr setpriv --reuid 65534 --clear-groups "$BENCH" start
	[ "$status" -eq 77 ]
	[[ $stderr == *"sudo make bench"* ]]
}

# holds PROCESS PROGRAM: it has a BPF program of that name
holds() {
	local ids
	ids=$(cat /proc/"$1"/fdinfo/* | awk '/^prog_id:/ { print $2 }' | jq -sc .)
	bpftool -j prog show | jq -e --argjson ids "$ids" --arg name "$2" 'any(.[]; .name == $name and (.id | IN($ids[])))'
}

# says FILE WORD...: it does, in the end, and nothing else
says() {
	local file=$1
	shift
	for _ in $(seq 100); do
		[ "$(tr '\n' ' ' < "$file")" != "$* " ] || return 0
		sleep 0.1
	done
	cat "$file"
	return 1
}

@test "the programs of a way can be attached idle, taken off and put on; what is not the harness's is refused" {
	local idle said=$BATS_TEST_TMPDIR/said
	"${BENCH%/*}/idle.sh" tracepoint one_copy > "$said" 2>&1 3>&- &
	idle=$!
	says "$said" ready
	# what a run sets aside where no pages are lent is not there
	holds $idle datagram_iovec
	! holds $idle page_alloc || false
	kill -USR1 $idle
	says "$said" ready off
	kill -USR1 $idle
	says "$said" ready off ready
	kill $idle
	run --separate-stderr "${BENCH%/tests/*}/build/tests/bench/idle" page_alloc no_such_program
	[ "$status" -eq 1 ]
	[[ $stderr == *"1 of 2 programs are the harness's" ]]
}
