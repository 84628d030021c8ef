# SPDX-License-Identifier: GPL-2.0
# The runner of virtual machines itself: what a test in one says is what its caller hears.
# VM_KERNEL names the kernel (6.1).
# shellcheck disable=SC2016 # the shell in the machine expands

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	vm=(scripts/vm.sh --kernel "${VM_KERNEL:-6.1}" --time-limit 120)
}

@test "the exit status, the directory, the arguments and named variables are handed on" {
	export WORD="it's \$x"
	VM_ENV=WORD run -7 "${vm[@]}" -- sh -c 'echo "$WORD|$1|$PWD"; exit 7' sh 'a  "b"'
	[ "$output" = "it's \$x|a  \"b\"|$PWD" ]
}

@test "standard output and error stay apart, to the byte" {
	local blob=build/vm/blob.$BATS_TEST_NUMBER.$$ status=0
	head -c 1048576 /dev/urandom >"$blob"
	"${vm[@]}" -- sh -c 'echo noise >&2; cat "$1"' sh "$blob" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
	cmp "$blob" "$BATS_TEST_TMPDIR/out" || status=1
	rm "$blob"
	[ "$status" = 0 ]
	[ "$(cat "$BATS_TEST_TMPDIR/err")" = noise ]
}

@test "a machine that panics is 125, with its words" {
	run -125 "${vm[@]}" -- sh -c 'echo c >/proc/sysrq-trigger; sleep 60'
	[[ $output == *"died or ended without reporting a status"*"Kernel panic"* ]]
}

@test "a machine that ends without a status is 125" {
	run -125 "${vm[@]}" -- sh -c 'echo b >/proc/sysrq-trigger; sleep 60'
	[[ $output == *"died or ended without reporting a status"* ]]
}

@test "a machine over its time limit is 125" {
	run -125 "${vm[@]}" --time-limit 5 -- sleep 100
	[[ $output == *"killed after the time limit of 5 s"* ]]
}

@test "a warning of the kernel is 125, though the command succeeded" {
	run -125 "${vm[@]}" -- sh -c 'echo "<4>WARNING: CPU: 0 PID: 1 at made/up.c:1" >/dev/kmsg'
	[[ $output == *"kernel complained"*"WARNING: CPU: 0 PID: 1 at made/up.c:1"* ]]
}

@test "a terminated runner takes its machine along and leaves no files" {
	local status=0
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
	"${vm[@]}" -- sh -c 'echo up; sleep 100' >"$BATS_TEST_TMPDIR/out" 2>&1 &
	timeout 60 sh -c 'until grep -q up "$1"; do sleep 0.1; done' sh "$BATS_TEST_TMPDIR/out"
	kill $!
	wait $! || status=$?
	[ "$status" = 143 ]
	[ -z "$(ls -A "$TMPDIR")" ]
	run ! grep -lz "$TMPDIR" /proc/[0-9]*/cmdline 2>/dev/null
}
