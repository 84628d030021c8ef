#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs the tests and adds them up.
#
# run.sh check                     linters and unit tests
# run.sh all                       these, then the system tests here and in machines
# run.sh kernels KERNEL...         all that runs in machines, with each of these kernels
# run.sh machines KERNEL/PART...   a machine each: rest, ledger, methods, paths, programs, watch, vmxnet3, plain or virtio;
#                                  of arm64: core, methods or calls
#
# Everything speaks TAP. prove(1) would add it up, too, but passes skipped tests and counts no retries; pytest would
# run the Python tests alone. A plan that is not kept counts as a failure, and so does a skipped test: what
# cannot run in a place is not listed for that place. What failed is repeated at the end; the last
# line is "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=0
skipped=0
retries=0 # on kernels that need some (tests/system/attached.table); elsewhere a retry fails its test
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

# descendants PID: what runs a machine is a job's child, and would outlive the job
descendants() {
	local child
	for child in $(pgrep -P "$1"); do
		echo "$child"
		descendants "$child"
	done
}
trap 'kill $(descendants $$) 2> /dev/null; exit 130' INT TERM

# start TITLE COMMAND...: runs a command that speaks TAP and keeps its output for finish_all
start() {
	local title=$1 log status=0 begun=$SECONDS
	shift
	log=$results/${title//[^[:alnum:].]/-}
	"$@" > "$log.tap" 2>&1 || status=$?
	printf '%s\n%s, %d s\n' "$status" "$title" $((SECONDS - begun)) > "$log.end"
}

# What did not pass, each with its own output: of a long log the end is what is kept, and looked at.
again=$results/again

# failures_of TITLE LOG: the tests of a log that failed or were skipped, with their remarks
failures_of() {
	awk -v title="$1" '
		/^(not )?ok / { shown = /^not / || /# [Ss][Kk][Ii][Pp]/ ? 40 : 0; if (shown) print title ": " $0; next }
		shown > 0 && /^#/ { shown--; print "  " $0; next }
		{ shown = 0 }' "$2"
}

# finish LOG STATUS TITLE: shows and counts the output of a started command
finish() {
	local log=$1 status=$2 title=$3 ok not_ok skip planned broken=
	printf '\n# %s\n' "$title"
	cat "$log"
	skip=$(grep -cE '^ok .*# [Ss][Kk][Ii][Pp]' "$log")
	ok=$(($(grep -c '^ok ' "$log") - skip))
	not_ok=$(grep -c '^not ok ' "$log")
	planned=$(sed -nE 's/^1\.\.([0-9]+).*/\1/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')
	if [ "$planned" -ne $((ok + not_ok + skip)) ] || [ "$planned" -eq 0 ]; then
		broken="planned $planned tests, saw $((ok + not_ok + skip))"
	elif [ "$status" -ne 0 ] && [ $((not_ok + skip)) -eq 0 ]; then
		broken="exit status $status although every test passed"
	fi
	failures_of "$title" "$log" >> "$again"
	if [ -n "$broken" ]; then
		echo "# $title: $broken" | tee -a "$again"
		not_ok=$((not_ok + 1))
	fi
	retries=$((retries + $(sed -n 's/^# retries: \([0-9]*\),.*/\1/p' "$log" | awk '{ sum += $1 } END { print sum + 0 }')))
	passed=$((passed + ok))
	failed=$((failed + not_ok))
	skipped=$((skipped + skip))
}

# All that was started, in the order of the titles. What has no end died, and counts.
finish_all() {
	local log end
	for log in "$results"/*.tap; do
		end=${log%.tap}.end
		[ -e "$end" ] || printf '1\n%s (died)\n' "${log##*/}" > "$end"
		finish "$log" "$(head -n 1 "$end")" "$(tail -n 1 "$end")"
		rm -f "$log" "$end"
	done
}

part() {
	start "$@"
	finish_all
}

# What a place's kernel lacks, of what tests are tagged with: these are left out there and no others.
lacks() {
	case $1 in
	here) echo ktls kprobes modules zcrx ;;
	5.10) echo ktls mptcp io_uring_zerocopy send_tracepoint zcrx ;;
	6.* | arm64-6.*) echo send_tracepoint zcrx ;;
	esac
}

# tests_of PLACE FILE...: the command that runs the tests of these files that can run there
tests_of() {
	local lack filter=
	for lack in $(lacks "$1"); do
		filter+=${filter:+,}!$lack
	done
	shift
	echo bats --timing --tap ${filter:+--filter-tags "$filter"} "$@"
}

unit_tests() {
	local test
	for test in build/san/tests/unit/test_*; do
		if [ ! -f "$test" ] || [ ! -x "$test" ]; then continue; fi
		case $test in *.o | *.d) continue ;; esac
		start "unit: ${test##*/}" env CMOCKA_MESSAGE_OUTPUT=TAP timeout 300 "$test"
	done
}

# The unit tests wait more than they compute: beside the linters.
check() {
	echo "# linters and unit tests: results when all are through"
	start "linters" bats --timing --tap tests/lint &
	unit_tests
	wait
	finish_all
}

# One after the other: they look at what the whole system has attached and left.
here() {
	start "options and unprivileged runs, sanitized" \
		env HARNESS="$PWD/build/san/harness" bats --timing --tap tests/system/usage.bats
	start "fuzz targets" tests/fuzz/run.sh 10
	start "random faults" tests/faults/run.sh 15 1
	start "analysis" env HARNESS="$PWD/harness" /usr/bin/python3 -B tests/analysis/tap.py
	# shellcheck disable=SC2046 # words, none with a space in it
	start "system tests, here" $(tests_of here tests/system)
	start "host tests" bats --timing --tap tests/host
	# shellcheck disable=SC2046
	start "other people's programs, watched, here" $(tests_of here tests/watch)
}

# What a kernel decides first: what attaches, and the same ledger by each attach method.
LEDGER_TESTS=$(echo tests/system/{attached,ledger,methods,oracle,prove,time}.bats)
# Then where else it copies: devices without offloads, taps, bridges, tunnels, by each attach method.
PATH_TESTS=$(echo tests/system/{offloads,stacked,below}.bats)

# The bench's scripts name functions that older kernels do not have.
script_tests() {
	case $1 in
	5.* | 6.1) ;;
	*) echo tests/system/scripts.bats ;;
	esac
}

# all_but "NAME..." NAME...: those of the second list that are not in the first
all_but() {
	local not=$1 name
	shift
	for name; do
		[[ " $not " == *" $name "* ]] || echo "$name"
	done
}

# machine KERNEL PART: one machine's run of a part of the tests
machine() {
	local kernel=$1 part=$2 title command
	case $part in
	ledger)
		title="the ledger" command="bats --timing --tap $LEDGER_TESTS"
		;;
	paths)
		# shellcheck disable=SC2046,SC2086 # words, none with a space in it
		title="copies on the path" command=$(tests_of "$kernel" $PATH_TESTS $(script_tests "$kernel"))
		;;
	plain)
		title="losses and misses" command="bats --timing --tap tests/machine/plain"
		;;
	rest)
		title="all but the ledger and the paths" command="bats --timing --tap $(all_but "$LEDGER_TESTS $PATH_TESTS tests/system/scripts.bats" tests/system/*.bats)"
		;;
	methods) # of the ledger, what an older kernel or another processor decides
		title="its attach methods" command="bats --timing --tap $(echo tests/system/{attached,ledger,methods}.bats)"
		;;
	calls)
		title="the calls of a 32-bit program" command="bats --timing --tap --filter-tags compat tests/watch/odd.bats"
		;;
	programs) # of tests/watch, what a kernel decides
		title="other people's programs, watched"
		command=$(tests_of "$kernel" tests/watch/{programs,odd,layers}.bats tests/machine/{watch,readers,wireguard}.bats)
		;;
	watch)
		title="harness watch" command=$(tests_of "$kernel" tests/watch tests/machine/{watch,readers,wireguard}.bats)
		;;
	core) # of arm64: judged here, because its processor is slow
		start "Linux $kernel, what the processor decides" env VM_KERNEL="$kernel" bats --timing --tap tests/arm64
		return
		;;
	*)
		title="two $part cards" command="bats --timing --tap tests/machine/$part*.bats"
		set -- --nics "$part"
		;;
	esac
	[ "${1-}" = --nics ] || set --
	# shellcheck disable=SC2086 # words, none with a space in it
	start "Linux $kernel, $title" \
		scripts/vm.sh --kernel "$kernel" "$@" --time-limit 3600 -- $command
}

# KERNEL/PART...: a machine each. It keeps one processor busy, so as many jobs at a time as there are
# processors; the longest first. `here` is a job as well, and goes on beside them.
machines() {
	local job
	for job; do
		while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
			wait -n
		done
		echo "# Linux ${job%/*}, ${job#*/}: started after $SECONDS s"
		machine "${job%/*}" "${job#*/}" &
	done
	wait
	finish_all
}

case ${1-} in
check)
	check
	;;
all)
	check
	echo "# here, and in machines; results when all are through"
	here &
	# What a kernel decides, on one with the newest methods; on 6.1, whose sends are counted otherwise, its methods. The
	# rest is tested here and by `kernels`, which runs all on all.
	machines 6.12/{programs,paths,ledger,plain} 6.1/methods arm64-6.12/core 6.12/{vmxnet3,virtio}
	;;
kernels)
	shift
	jobs_of=()
	for kernel; do
		case $kernel in
		arm64-*-16k) jobs_of+=("$kernel/core") ;;
		arm64-*) jobs_of+=("$kernel"/{methods,core,calls}) ;;
		*) jobs_of+=("$kernel"/{rest,ledger,paths,watch,vmxnet3,plain,virtio}) ;;
		esac
	done
	machines "${jobs_of[@]}"
	;;
machines)
	shift
	machines "$@"
	;;
*)
	sed -n '5,9s/^# //p' "$0" >&2
	exit 2
	;;
esac

if [ -s "$again" ]; then
	printf '\n# What did not pass\n'
	cat "$again"
fi
echo
[ "$skipped" -eq 0 ] || echo "skipped tests count as failures: none may be skipped"
echo "$retries retries, on kernels where they are counted"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ] && [ "$passed" -gt 0 ]
