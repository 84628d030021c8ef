# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016,SC2314 # jq and inner shells expand what is in single quotes
# shellcheck shell=bash
# What the tests of `harness watch` share.

load ../helpers
# shellcheck disable=SC2034 # the tests use it
PROGRAMS=$BATS_TEST_DIRNAME/../../build
export LISTENING=$BATS_TEST_DIRNAME/../watch/listening

setup() {
	LEDGER=$BATS_TEST_TMPDIR/ledger.json
	SAID=$BATS_TEST_TMPDIR/messages
	MOVED=$BATS_TEST_TMPDIR/moved
}

# only_skipped: nothing is wrong in $LEDGER but that the kernel skipped probes. It does so while the same
# program is preempted on that processor, as kernels from 7 on may; it is reported, and invalid by right.
only_skipped() {
	jq -es 'map(select(.runs)) | length > 0 and all(.lost_events == 0 and
		(.valid or ([.probes // .missed | .[].missed | values] | add) > 0))' "$LEDGER" > /dev/null
}

# all_seen: no row of $LEDGER says that bytes sent did not leave. Where retries are counted they may have passed the
# probes.
all_seen() {
	jq -es '[.[].runs[]?.notes[] | select(.code == "departures_pending" or .code == "copies_pending")] == []' "$LEDGER" > /dev/null
}

# watch [OPTION...] -- COMMAND...: the ledger in $LEDGER, the command's output in $MOVED. Where retries are counted
# (attached.table) one with missed events is repeated and counted, at last by tracepoints.
watch() {
	local again status
	for again in '' '' '--attach tracepoint'; do
		status=0
		# shellcheck disable=SC2086 # an option and its word
		"$HARNESS" watch --json --output "$LEDGER" $again "$@" > "$MOVED" 2> "$SAID" || status=$?
		[ ! -s "$LEDGER" ] || keep_json "$LEDGER"
		if [ $status -eq 0 ] && { ! retries_allowed || all_seen; }; then return 0; fi
		[ $status -eq 0 ] || only_skipped || break
		retries_allowed || break
		count_retries 1 "${BATS_TEST_FILENAME##*/}"
	done
	[ $status -ne 0 ] || return 0 # so be it: what the test wants decides
	cat "$SAID"
	jq -c '[.lost_events, .runs[]?.reasons,
		(.probes[]? | select(.missed != null and .missed > 0) | {program, missed})]' "$LEDGER"
	return 1
}

# exact: every row is valid, its residuals 0, nothing lost
exact() {
	jq -e '.valid and .lost_events == 0 and (.runs | length > 0) and
		(.runs | all(.valid and .residual == {"send": 0, "receive": 0}))' "$LEDGER" > /dev/null || {
		jq -c '.lost_events, (.runs[] | {process, residual, reasons})' "$LEDGER"
		return 1
	}
}

# is CONDITION: a jq condition on the only row, $moved being what the program printed in JSON
is() {
	jq -e --slurpfile printed "$MOVED" ".runs[0] as \$run | \$printed[0] as \$moved | \$run | $1" "$LEDGER" \
		> /dev/null || {
		printf 'not true: %s\n' "$1"
		cat "$MOVED"
		jq -c '.runs[0] | {sent_bytes, received_bytes, peeked_bytes, discarded_bytes, in_flight,
			not_covered, completions, sites: (.sites | map_values(.bytes)), notes}' "$LEDGER"
		return 1
	}
}

# sum PROGRAM KEY: over the rows of one program
sum() {
	jq --arg name "$1" "[.runs[] | select(.process.command == \$name) | $2] | add" "$LEDGER"
}

# intervals OPTION... CONDITION: a jq condition on the array of intervals, without the first line
intervals() {
	tail -n +2 "$LEDGER" | jq -es "$@"
}

# exact_lines: the same for each document of intervals, of which the last may be empty
exact_lines() {
	only_skipped
	intervals 'length > 1 and all(.[].runs[]; .valid and .residual == {"send": 0, "receive": 0})' > /dev/null || {
		jq -c '.lost_events, (.runs[]? | {residual, reasons})' "$LEDGER"
		return 1
	}
}

# traffic HOW: runs until the test ends, and leaves room for others; its process in $TRAFFIC
traffic() {
	"$PROGRAMS/traffic" "$1" 600 5000 > /dev/null 3>&- &
	TRAFFIC=$!
}

# follow OPTION...: a watch in the background, its documents in $LEDGER
follow() {
	"$HARNESS" watch --json --output "$LEDGER" "$@" 2> "$SAID" 3>&- &
	WATCHING=$!
}

# end_follow: Ctrl-C, and what it found must hold
end_follow() {
	kill -INT "$WATCHING"
	wait "$WATCHING" || only_skipped
	WATCHING=
}

# lines N: waits until so many intervals are printed
lines() {
	for _ in $(seq 1200); do
		[ "$(wc -l < "$LEDGER" 2> /dev/null || echo 0)" -gt "$1" ] && return 0
		sleep 0.05
	done
	return 1
}

# What a test started runs no longer than it.
teardown() {
	local process
	for process in ${WATCHING-} ${TRAFFIC-} ${OUTSIDE-}; do
		kill "$process" 2> /dev/null || continue
		wait "$process" || true
	done
	keep_ledger
}

# keep_ledger: the documents of the last watch, unless it wrote a table
keep_ledger() {
	local first=
	[ ! -s "$LEDGER" ] || read -r -N 1 first < "$LEDGER"
	[ "$first" != "{" ] || keep_json "$LEDGER"
}
