# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the system tests share. HARNESS is the program under test.

bats_require_minimum_version 1.5.0
: "${HARNESS:=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)/harness}"
export HARNESS

# jq 1.6 -e calls an empty input true. Here a condition on nothing does not hold.
jq() {
	local said status=0
	[[ $1 =~ ^-[a-zA-Z]*e ]] || {
		command jq "$@"
		return
	}
	said=$(command jq "$@") || status=$?
	printf '%s\n' "$said"
	[ $status -ne 0 ] || [ -n "$said" ] || status=4
	return $status
}

# sockets_hidden COMMAND...: where, as some security modules have it (Yama), nobody gets another process's
# sockets. Then each send of a run is seen, and nothing that sees them is set aside.
sockets_hidden() {
	local calls status=0
	calls=$(mktemp -p "$BATS_TEST_TMPDIR")
	strace -f --seccomp-bpf -e trace=pidfd_getfd -e inject=pidfd_getfd:error=EPERM -o "$calls" "$@" || status=$?
	grep -q INJECTED "$calls" || return 1
	return $status
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
# which there must be one at least; says which runs break it.
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
	broken=$(jq -c --arg of "$of" "[.runs[] | select(\$of == \"\" or .transport == \$of)] |
		if length == 0 then \"no such run\" else
		.[] | select(($condition) | not) | {transport, message_bytes, threads, repeat, messages,
			payload_bytes, residual, copies_per_byte, retransmits, system_calls, completions,
			context_switches, reasons,
			sites: (.sites | map_values(.bytes))} end" <<< "$document") || return 1
	[ -z "$broken" ] || {
		printf 'not true of: %s\nin:\n%s\n' "$condition" "$broken"
		return 1
	}
}

# ledger_in FILE ARGS...: a ledger as JSON. The kernel skips a kprobe's program while another one runs on
# the processor, a preempted program likewise where it preempts everywhere (7.x), and packets may pass the
# probes unseen. All of it is said, such a run is invalid by right, and it is made again, three times at most.
ledger_in() {
	local file=$1 try
	shift
	for try in 1 2 3; do
		"$HARNESS" --json "$@" > "$file" && keep_json "$file" && return
		jq -e '[.runs[] | select(.valid | not) | [.reasons[].code]] | length > 0 and all(
			any(. == "missed_events") or
			all(IN("departures_unseen", "delivery_unseen", "linear_unseen")))' \
			"$file" > /dev/null || break
		echo "try $try: $(jq -c '[.runs[].reasons[]]' "$file")"
	done
	cat "$file"
	keep_json "$file"
	return 1
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

# has_way WAY: whether this kernel has one; asks the program, which tries, and remembers what it said.
# A way that fails for another reason than that there is none is there, and its test will fail.
has_way() {
	local known=$BATS_RUN_TMPDIR/way-$1 status=0
	[ -e "$known" ] || {
		"$HARNESS" --attach "$1" --transport one_copy --messages 1 --size 8 > /dev/null 2>&1 || status=$?
		echo $status > "$known"
	}
	[ "$(cat "$known")" -ne 77 ]
}
