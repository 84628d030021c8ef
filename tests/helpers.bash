# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Functions of all system tests. HARNESS is the program under test.

bats_require_minimum_version 1.5.0
: "${HARNESS:=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)/harness}"
export HARNESS

# jq 1.6 -e takes empty input as true. Here a condition on nothing is false.
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

# The table of kernels: which programs attach by each method, and other facts that tests need.
TABLE=${BASH_SOURCE[0]%/*}/system/attached.table
KERNEL=$(uname -r | cut -d. -f1,2)

# row KIND: the words of the running kernel's row; nothing if it has no such row
row() {
	awk -v kernel="$KERNEL" -v kind="$1" '$1 == kernel && $2 == kind { $1 = $2 = ""; sub(/^ +/, ""); print }' "$TABLE"
}

# kernel_is_known: each test of what attaches calls it first
kernel_is_known() {
	[ -n "$(row auto)" ] || {
		echo "tests/system/attached.table has no rows for Linux $KERNEL: add the output of tests/attached.sh once it is right"
		return 1
	}
}

# methods: the attach methods of this kernel, from the table. They are not from the program under test, so a method that
# stops attaching fails the tests that use it.
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

# keep_output: keeps the document in $output
keep_output() {
	local file=$BATS_TEST_TMPDIR/output.json
	printf '%s\n' "$output" > "$file"
	keep_json "$file"
}

# end_documents: validates all documents that a file's tests kept by their schemas in docs/schema. Python starts once
# per file, because a start takes seconds in a machine.
end_documents() {
	[ ! -d "$BATS_FILE_TMPDIR/documents" ] ||
		"${BASH_SOURCE[0]%/*}/validate.py" "$BATS_FILE_TMPDIR/documents"/*
}

# A file with its own teardown_file calls end_documents there.
teardown_file() {
	end_documents
}

# every_run FILE [--of TRANSPORT] CONDITION: a jq condition that holds for each run of a ledger, at least one and no
# retry; prints the runs that break it.
every_run() {
	local file=$1 of='' condition document broken
	shift
	if [ "$1" = --of ]; then
		of=$2
		shift 2
	fi
	condition=$1
	document=$(cat "$file")
	[ -n "$document" ] || return 1
	retries_allowed "$document" || condition="(.tries == null or .tries == 1) and ($condition)"
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

# Some kernels run no BPF program in a task, so packets pass the probes. The program detects that and repeats the run.
# The table names these kernels. There retries are counted, and tests/run.sh prints their number; elsewhere a retry
# fails the test.

# A test that provokes retries sets PROVOKED. Of a ledger by kprobes they are counted on every kernel: the kernel skips
# a kprobe in an interrupt that comes while another one's program runs (kprobe_running()).
# retries_allowed [LEDGER]
retries_allowed() {
	[ -n "${PROVOKED:-}$(row retries)" ] || by_kprobes "${1-}"
}

# missed_nothing FILE: no probe of a ledger missed an event; on a kernel that needs retries, none that a number depends on
missed_nothing() {
	jq -e --arg retries "$(row retries)" '[.probes[] | select(.missed != null and .missed > 0).program] -
		(if $retries == "" then [] else [.runs[].notes[] | select(.code == "missed_elsewhere").probe] end) == []' "$1"
}

# by_kprobes LEDGER: a probe was attached as a kprobe
by_kprobes() {
	[[ $1 =~ \"attach\":\ \"kprobe\",[[:space:]]*\"status\":\ \"attached\" ]]
}

# count_retries N WHY
count_retries() {
	{ echo "# retries: $1, $2" >&3; } 2> /dev/null || true
}

# first_try FILE: no run of a ledger was a retry, or the kernel is one of those that need retries
first_try() {
	local retries
	retries=$(jq '[.runs[] | .tries - 1] | add' "$1")
	[ "$retries" -gt 0 ] || return 0
	retries_allowed "$(cat "$1")" || {
		echo "$retries retries on a kernel where none is needed: $(jq -c '[.runs[] | select(.tries > 1) | {transport, tries, notes}]' "$1")"
		return 1
	}
	count_retries "$retries" "${BATS_TEST_FILENAME##*/}"
}

# ledger_in FILE ARGS...: a valid ledger as JSON, without retries. If retries are counted, a run that five tries did not
# make valid is repeated and counted, three times at most.
ledger_in() {
	local file=$1 try
	shift
	for try in 1 2 3; do
		! "$HARNESS" --json "$@" > "$file" || {
			keep_json "$file"
			first_try "$file"
			return
		}
		retries_allowed "$(cat "$file")" && only_missed "$file" || break
		count_retries 5 "${BATS_TEST_FILENAME##*/}"
	done
	cat "$file"
	keep_json "$file"
	return 1
}

# missed_in TEXT: a table has an invalid ledger with the code of missed events
missed_in() {
	grep -qE '^INVALID.*\[(missed_events|departures_unseen|delivery_unseen|pinned_bytes_uncopied)\]' <<< "$1"
}

# only_missed FILE: each invalid run has missed events as its reason
only_missed() {
	jq -e '[.runs[] | select(.valid | not) | [.reasons[].code]] | length > 0 and all(
		any(. == "missed_events") or all(IN("departures_unseen", "delivery_unseen", "linear_unseen",
			"witness_disagrees", "pinned_bytes_uncopied")))' "$1" > /dev/null
}

# one_line TEXT: an error message is a single line that starts with the program's name
one_line() {
	[ "$(printf '%s\n' "$1" | wc -l)" -eq 1 ] && [[ $1 == "harness: "* ]]
}

# left_behind: fails if a process of the harness under test still runs; other harnesses are ignored
left_behind() {
	local pid program
	program=$(realpath "$HARNESS")
	for pid in $(pgrep -x 'harness|harness-send|harness-recv|harness-guard'); do
		[ "$(readlink "/proc/$pid/exe")" != "$program" ] || return 1
	done
}

# side PROCESS NAME: the process of that side (harness-send, harness-recv) of this harness's run, once its CPU time
# shows that traffic flows. From then until the end of the run all programs are attached.
side() {
	local pid
	for _ in $(seq 600); do
		pid=$(pgrep -P "$1" -x "$2") && [[ $pid != *$'\n'* ]] && works "$pid" && echo "$pid" && return
		sleep 0.1
	done
	return 1
}

# Starts no process: in a machine with traffic each takes a second.
works() {
	local tasks=("/proc/$1/task"/*) stat
	read -ra stat < "/proc/$1/stat" && [ ${#tasks[@]} -ge 2 ] && [ $((stat[13] + stat[14])) -gt 20 ]
} 2> /dev/null
