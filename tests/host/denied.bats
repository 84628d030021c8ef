# SPDX-License-Identifier: GPL-2.0
# What a container, a limit or a filter denies: one line that names it, the right status, and nothing left.

load ../helpers

# shellcheck disable=SC2034 # split into words
RUN="run --transport one_copy --messages 50 --warm-up 0"

# without DIRECTORY COMMAND...: the harness where nothing is mounted there
without() {
	local directory=$1
	shift
	# shellcheck disable=SC2016
	run --separate-stderr unshare --mount sh -c 'mount -t tmpfs none "$0" && exec "$@"' "$directory" "$HARNESS" "$@"
}

# limited LIMIT COMMAND...: under a ulimit
limited() {
	local limit=$1
	shift
	# shellcheck disable=SC2016
	run --separate-stderr sh -c "ulimit $limit"'; exec "$@"' sh "$HARNESS" "$@"
}

@test "without /proc nothing is counted: 77, and a line that says so" {
	# shellcheck disable=SC2086
	for command in "$RUN" "watch -- touch $BATS_TEST_TMPDIR/started"; do
		without /proc $command
		[ "$status" -eq 77 ]
		one_line "$stderr"
		[[ $stderr == *"/proc is not mounted"* ]]
	done
	[ ! -e "$BATS_TEST_TMPDIR/started" ]
}

@test "without /sys a run names the file that it lacks, and doctor the types" {
	# shellcheck disable=SC2086
	without /sys $RUN
	[ "$status" -eq 77 ]
	one_line "$stderr"
	[[ $stderr == *"/sys/devices/system/cpu/possible: No such file"* ]]
	without /sys doctor --json
	[ "$status" -eq 77 ]
	jq -e '.checks.btf.status == "missing"' <<< "$output"
}

@test "pidfd_open denied: each command names it and ends, and what it would watch is not started" {
	local number=434 # the same on every architecture
	# shellcheck disable=SC2086
	for command in "$RUN" "watch --pid $$ --seconds 1" "watch -- touch $BATS_TEST_TMPDIR/started"; do
		run --separate-stderr "$BATS_TEST_DIRNAME/../../build/deny" $number "$HARNESS" $command
		[ "$status" -eq 77 ]
		one_line "$stderr"
		[[ $stderr == *"pidfd_open: Operation not permitted"* ]]
	done
	[ ! -e "$BATS_TEST_TMPDIR/started" ]
	left_behind
}

# some_are_valid ULIMIT WORDS VALUE...: under some values of this limit a run is valid, under the others it names it
some_are_valid() {
	local limit=$1 words=$2 value valid=0
	shift 2
	for value; do
		# shellcheck disable=SC2086
		limited "$limit $value" $RUN --json
		[ "$status" -ne 0 ] || { valid=$((valid + 1)) && continue; }
		[ "$status" -eq 1 ]
		one_line "$stderr"
		[[ $stderr == *": $words" ]]
	done
	[ $valid -gt 0 ] && [ $valid -lt $# ]
	left_behind
}

@test "too few files: a run is valid, or the line names the limit" {
	some_are_valid -n "Too many open files" 12 20 40 60 200
}

@test "too little memory: a run is valid, or the line names it" {
	some_are_valid -v "Cannot allocate memory" 20000 30000 40000 60000 1000000
}

@test "a file that may not grow: the line names it, and it is no crash" {
	# shellcheck disable=SC2086
	limited "-f 1" $RUN --out "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 1 ]
	[[ $stderr == *"File too large"* ]]
	# shellcheck disable=SC2086
	limited "-f 1" watch --output "$BATS_TEST_TMPDIR/ledger" --json -- true
	[ "$status" -eq 1 ]
	[[ $stderr == *"File too large"* ]]
}

@test "a receiver that is stopped: the run ends and names it" {
	local transport err receiver status
	declare -A runs
	for transport in one_copy uring_send uring_zc; do
		"$HARNESS" --trace none --transport $transport --seconds 60 --warm-up 0 > /dev/null \
			2> "$BATS_TEST_TMPDIR/$transport" 3>&- &
		runs[$transport]=$!
		receiver=$(side ${runs[$transport]} harness-recv)
		kill -STOP "$receiver"
	done
	for transport in "${!runs[@]}"; do
		status=0
		wait "${runs[$transport]}" || status=$?
		err=$(cat "$BATS_TEST_TMPDIR/$transport")
		echo "$transport: $status: $err"
		[ "$status" -eq 1 ]
		one_line "$err"
		[[ $err == *"the process of the other side is stopped"* ]]
	done
	left_behind
}
