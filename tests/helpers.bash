# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the system tests share. HARNESS is the program under test.

bats_require_minimum_version 1.5.0
: "${HARNESS:=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)/harness}"
export HARNESS

# jq 1.6 -e calls an empty input true. Here a condition on nothing does not hold.
jq() {
	local text status=0
	[[ $1 =~ ^-[a-zA-Z]*e ]] || {
		command jq "$@"
		return
	}
	text=$(command jq "$@") || status=$?
	printf '%s\n' "$text"
	[ $status -ne 0 ] || [ -n "$text" ] || status=4
	return $status
}

# What is written down of a kernel: which programs attach by each method, and what else its tests must know.
TABLE=${BASH_SOURCE[0]%/*}/system/attached.table
KERNEL=$(uname -r | cut -d. -f1,2)

# row KIND: the words of the running kernel's row; nothing if it has no such row
row() {
	awk -v kernel="$KERNEL" -v kind="$1" '$1 == kernel && $2 == kind { $1 = $2 = ""; sub(/^ +/, ""); print }' "$TABLE"
}

# kernel_is_known: every test of what attaches begins here
kernel_is_known() {
	[ -n "$(row auto)" ] || {
		echo "tests/system/attached.table has no rows for Linux $KERNEL: add the output of tests/attached.sh once it is right"
		return 1
	}
}

# methods: the attach methods of this kernel, from the table and not from the program under test: a method that
# stops attaching fails the tests that use it
methods() {
	local method
	kernel_is_known >&2 || return 1
	for method in fentry tracepoint kprobe; do
		[ "$(row $method)" = refused ] || echo $method
	done
}

has_method() {
	methods | grep -qx "$1"
}

# keep_json FILE...: documents of the harness, which end_documents validates
keep_json() {
	local file documents=$BATS_FILE_TMPDIR/documents
	[ -d "$documents" ] || mkdir "$documents"
	for file; do
		cp "$file" "$documents/test${BATS_TEST_NUMBER:-0}.$RANDOM$RANDOM@${file##*/}"
	done
}

# keep_output: the same of a document in $output
keep_output() {
	local file=$BATS_TEST_TMPDIR/output.json
	printf '%s\n' "$output" > "$file"
	keep_json "$file"
}

# end_documents: every document that the tests of a file kept is valid by its schema in docs/schema. Python
# starts once a file of tests, as a start takes seconds in a machine.
end_documents() {
	[ ! -d "$BATS_FILE_TMPDIR/documents" ] ||
		"${BASH_SOURCE[0]%/*}/validate.py" "$BATS_FILE_TMPDIR/documents"/*
}

# A file with a teardown_file of its own calls end_documents there.
teardown_file() {
	end_documents
}

# every_run FILE [--of TRANSPORT] CONDITION: a jq condition that must hold for each run of a ledger, of
# which there must be one at least, and none a retry; prints the runs that break it.
every_run() {
	local file=$1 of='' condition document broken
	shift
	if [ "$1" = --of ]; then
		of=$2
		shift 2
	fi
	condition=$1
	retries_allowed || condition="(.tries == null or .tries == 1) and ($condition)"
	document=$(cat "$file")
	[ -n "$document" ] || return 1
	broken=$(jq -c --arg of "$of" "[.runs[] | select(\$of == \"\" or .transport == \$of)] |
		if length == 0 then \"no such run\" else
		.[] | select(($condition) | not) | {transport, message_bytes, threads, repeat, messages,
			payload_bytes, residual, copies_per_byte, retransmits, system_calls, completions,
			context_switches, tries, reasons, notes,
			sites: (.sites | map_values(.bytes))} end" <<< "$document") || return 1
	[ -z "$broken" ] || {
		printf 'not true of %s runs: %s\nsuch as:\n%s\n' "$(wc -l <<< "$broken")" "$condition" "$(head -n 3 <<< "$broken")"
		return 1
	}
}

# A kernel that keeps BPF away from tasks lets packets pass the probes: the program finds that out and repeats the run.
# The table names such kernels. There retries are counted, and tests/run.sh prints their number; elsewhere one fails.

# A test that provokes retries sets PROVOKED.
retries_allowed() {
	[ -n "${PROVOKED:-}$(row retries)" ]
}

# count_retries N WHY
count_retries() {
	{ echo "# retries: $1, $2" >&3; } 2> /dev/null || true
}

# first_try FILE: no run of a ledger was a retry, or the kernel is one of those
first_try() {
	local retries
	retries=$(jq '[.runs[] | .tries - 1] | add' "$1")
	[ "$retries" -gt 0 ] || return 0
	retries_allowed || {
		echo "$retries retries on a kernel where none is needed: $(jq -c '[.runs[] | select(.tries > 1) | {transport, tries, notes}]' "$1")"
		return 1
	}
	count_retries "$retries" "${BATS_TEST_FILENAME##*/}"
}

# ledger_in FILE ARGS...: a ledger as JSON, valid, of runs that were no retries. Where retries are counted, a run that
# five tries did not make valid is repeated and counted, three times at most.
ledger_in() {
	local file=$1 try
	shift
	for try in 1 2 3; do
		! "$HARNESS" --json "$@" > "$file" || {
			keep_json "$file"
			first_try "$file"
			return
		}
		retries_allowed && only_missed "$file" || break
		count_retries 5 "${BATS_TEST_FILENAME##*/}"
	done
	cat "$file"
	keep_json "$file"
	return 1
}

# missed_in TEXT: a table says that its ledger is invalid, by the code of something that no probe saw
missed_in() {
	grep -qE '^INVALID.*\[(missed_events|departures_unseen|delivery_unseen|pinned_bytes_uncopied)\]' <<< "$1"
}

# only_missed FILE: each invalid run is so because events were missed
only_missed() {
	jq -e '[.runs[] | select(.valid | not) | [.reasons[].code]] | length > 0 and all(
		any(. == "missed_events") or all(IN("departures_unseen", "delivery_unseen", "linear_unseen",
			"witness_disagrees", "pinned_bytes_uncopied")))' "$1" > /dev/null
}

# one_line TEXT: an error message is a single line that starts with the program's name
one_line() {
	[ "$(printf '%s\n' "$1" | wc -l)" -eq 1 ] && [[ $1 == "harness: "* ]]
}

# left_behind: no process of the harness under test is; another one's are its own business
left_behind() {
	local pid program
	program=$(realpath "$HARNESS")
	for pid in $(pgrep -x 'harness|harness-send|harness-recv|harness-guard'); do
		[ "$(readlink "/proc/$pid/exe")" != "$program" ] || return 1
	done
}

# side PROCESS NAME: the process of that side (harness-send, harness-recv) of the run this harness makes, once it
# has been on a processor long enough for its traffic to flow. Until the run ends all that it attaches is attached.
side() {
	local pid
	for _ in $(seq 600); do
		pid=$(pgrep -P "$1" -x "$2") && [[ $pid != *$'\n'* ]] && works "$pid" && echo "$pid" && return
		sleep 0.1
	done
	return 1
}

# Starts no process: beside traffic in a machine each takes a second.
works() {
	local tasks=("/proc/$1/task"/*) stat
	read -ra stat < "/proc/$1/stat" && [ ${#tasks[@]} -ge 2 ] && [ $((stat[13] + stat[14])) -gt 20 ]
} 2> /dev/null
