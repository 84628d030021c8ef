#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# machine.sh PART...: makes in a machine of arm64 what core.bats judges on the host. It prints lines: a
# name, a tab, and a document or text.
#
# PART: ledgers, compat, counters
# An emulated processor takes seconds to start jq and ten to attach: so each method attaches once.
set -u
HARNESS=./harness
work=$(mktemp -d)

# print NAME FILE: the file in one line
print() {
	printf '%s\t' "$1"
	tr '\n' ' ' < "$2"
	echo
}

# document NAME ARGS...: what the harness prints, its messages and its status
document() {
	local name=$1
	shift
	status=0
	"$HARNESS" "$@" > "$work/out" 2> "$work/err" || status=$?
	print "$name" "$work/out"
	print "$name.err" "$work/err"
	printf '%s.status\t%s\n' "$name" $status
}

# A ledger by each method, beside a packet tap; where one is refused, what doctor finds.
ledgers() {
	local method refused=false
	tcpdump -i lo -w /dev/null 2> "$work/tcpdump" &
	# shellcheck disable=SC2016 # the inner shell expands
	timeout 60 sh -c 'until grep -q listening "$1"; do sleep 0.5; done' sh "$work/tcpdump"
	for method in fentry kprobe tracepoint; do
		document $method --attach $method --warm-up 0 --trace copies,sched --threads 2 --messages 30 --json
		[ $status != 77 ] || refused=true
	done
	kill $!
	! $refused || document doctor doctor --json
}

# A 32-bit program, by the method that knows a send by its system call (before 6.16).
compat() {
	document compat watch --attach tracepoint --json --output "$work/ledger" -- build/compat
	print compat.ledger "$work/ledger"
}

# counted NAME MESSAGES: a run under perf stat, which also counts the harness's own process and the setup
counted() {
	perf stat -x, -o "$work/perf" -e cycles,instructions,cache-misses \
		"$HARNESS" --trace counters --warm-up 0 --transport one_copy,zero_copy --size 4K,64K --messages "$2" --json \
		--out "$work/$1" > "$work/out"
	print "$1" "$work/out"
	awk -F, -v name="$1" 'NF > 3 { sub(/:.*/, "", $3); printf "%s.%s\t%s\n", name, $3, $1 }' "$work/perf"
}

counters() {
	counted run 400
	counted nothing 1 # after it, so that both find the program in memory
	print environment "$work/run/environment.json"
	sed 's/^/runs\t/' "$work/run/runs.jsonl"
}

for part; do
	"$part"
done
printf 'kernel\t%s\n' "$(uname -r)"
