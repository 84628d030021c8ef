#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs the tests and adds them up.
#
# run.sh check                     linters and unit tests
# run.sh all                       these, then the system tests here and in machines
# run.sh kernels KERNEL...         the system tests in machines with these kernels
#
# Everything speaks TAP. A plan that is not kept counts as a failure, and so does a skipped test: what
# cannot run in a place is not listed for that place. The last line is "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1

passed=0
failed=0
skipped=0
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
trap 'exit 130' INT TERM

# part TITLE COMMAND...: runs a command that speaks TAP, shows it, counts it.
part() {
	local title=$1 log status ok not_ok skip planned
	shift
	log=$results/tap
	printf '\n# %s\n' "$title"
	"$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	skip=$(grep -cE '^ok .*# [Ss][Kk][Ii][Pp]' "$log")
	ok=$(($(grep -c '^ok ' "$log") - skip))
	not_ok=$(grep -c '^not ok ' "$log")
	planned=$(sed -nE 's/^1\.\.([0-9]+).*/\1/p' "$log" | paste -sd+ | bc)
	if [ "${planned:-0}" -ne $((ok + not_ok + skip)) ] || [ "${planned:-0}" -eq 0 ]; then
		echo "# $title: planned ${planned:-0} tests, saw $((ok + not_ok + skip))"
		not_ok=$((not_ok + 1))
	elif [ "$status" -ne 0 ] && [ $((not_ok + skip)) -eq 0 ]; then
		echo "# $title: exit status $status although every test passed"
		not_ok=$((not_ok + 1))
	fi
	passed=$((passed + ok))
	failed=$((failed + not_ok))
	skipped=$((skipped + skip))
}

unit_tests() {
	local test
	for test in build/san/tests/unit/test_*; do
		if [ ! -f "$test" ] || [ ! -x "$test" ]; then continue; fi
		case $test in *.o | *.d) continue ;; esac
		part "unit: ${test##*/}" env CMOCKA_MESSAGE_OUTPUT=TAP "$test"
	done
}

check() {
	part "linters" bats --tap tests/lint
	unit_tests
}

here() {
	part "system tests, here" bats --tap tests/system
	part "host tests" bats --tap tests/host
}

machine() {
	local kernel=$1 cards
	part "system tests, Linux $kernel" \
		scripts/vm.sh --kernel "$kernel" --time-limit 1500 -- bats --tap tests/system
	for cards in virtio vmxnet3; do
		part "two $cards cards, Linux $kernel" \
			scripts/vm.sh --kernel "$kernel" --nics $cards --time-limit 600 -- \
			bats --tap tests/machine/$cards.bats
	done
}

case ${1-} in
check)
	check
	;;
all)
	check
	here
	machine 6.1
	machine 6.12
	;;
kernels)
	shift
	for kernel; do
		machine "$kernel"
	done
	;;
*)
	sed -n '5,7s/^# //p' "$0" >&2
	exit 2
	;;
esac

echo
[ "$skipped" -eq 0 ] || echo "skipped tests count as failures: none may be skipped"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ] && [ "$passed" -gt 0 ]
