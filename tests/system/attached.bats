# SPDX-License-Identifier: GPL-2.0
# The programs that attach are those of attached.table for this kernel: the tests do not ask the program under test.

load ../helpers

PATH=$PATH:/usr/sbin # bpftool

setup_file() {
	kernel_is_known
	"$BATS_TEST_DIRNAME/../attached.sh" > "$BATS_FILE_TMPDIR/attached"
}

# attaches METHOD: attaches exactly the programs of the table
attaches() {
	diff <(printf '%s\n' "$KERNEL $1" $(row "$1")) \
		<(printf '%s\n' "$KERNEL $1" $(sed -n "s/^$KERNEL $1 //p" "$BATS_FILE_TMPDIR/attached"))
}

@test "fentry attaches what the table says, or is refused where it says so" {
	attaches fentry
}

@test "kprobes attach what the table says, or are refused where it says so" {
	attaches kprobe
}

@test "tracepoints attach what the table says" {
	attaches tracepoint
}

@test "a refused method is refused for the reason of the table" {
	local method doctor=$BATS_TEST_TMPDIR/doctor
	for method in fentry kprobe tracepoint; do
		[ "$(row $method)" = refused ] || continue
		[ -e "$doctor" ] || "$HARNESS" doctor --json > "$doctor" || true
		refused_as_known "$doctor" $method
	done
}

@test "without --attach what attaches is what the table says" {
	attaches auto
}

@test "in each run and for each transport --trace all attaches the same programs and every hook it must" {
	local transport status document=$BATS_TEST_TMPDIR/document probes=$BATS_TEST_TMPDIR/probes
	[ -n "$(row hooks)" ]
	for transport in two_copy eight_sends one_copy zero_copy; do
		status=0
		"$HARNESS" --trace all --transport $transport --size 64 --messages 1 --warm-up 0 --json > "$document" || status=$?
		# if retries are counted, five may not be enough
		[ $status -eq 0 ] || { [ $status -eq 1 ] && retries_allowed && only_missed "$document"; }
		keep_json "$document"
		jq -r '.probes[] | select(.status == "attached") | "\(.program) \(.function)"' "$document" > "$probes"
		echo "$transport: programs"
		diff <(row auto | tr ' ' '\n') <(cut -d ' ' -f 1 "$probes" | sort -u)
		echo "$transport: hooks without a probe"
		comm -23 <(row hooks | tr ' ' '\n' | sort -u) <(cut -d ' ' -f 2 "$probes" | sort -u) > "$BATS_TEST_TMPDIR/absent"
		cat "$BATS_TEST_TMPDIR/absent"
		[ ! -s "$BATS_TEST_TMPDIR/absent" ]
	done
}

# kernel_lists: the names of all programs that the kernel has attached; before 5.15 kprobes have no link
kernel_lists() {
	{ bpftool -j prog show && bpftool -j link show && bpftool -j perf show; } |
		jq -rs '(.[0] | map({(.id | tostring): .name}) | add) as $names |
			[.[1:][][] | .prog_id // empty] | unique[] | $names[tostring] // empty' | cut -c 1-15
}

@test "the kernel itself lists each of these programs while a run lasts" {
	local status=0 process sender
	"$HARNESS" --trace all --transport one_copy --seconds 90 --warm-up 0 > /dev/null 3>&- &
	process=$!
	sender=$(side $process harness-send) || status=$?
	[ $status -ne 0 ] || kill -STOP "$sender"
	kernel_lists > "$BATS_TEST_TMPDIR/listed"
	kill -9 $process
	wait $process || true
	[ $status -eq 0 ]
	printf '%s\n' $(row auto) | cut -c 1-15 | sort | comm -23 - <(sort -u "$BATS_TEST_TMPDIR/listed") > "$BATS_TEST_TMPDIR/absent"
	cat "$BATS_TEST_TMPDIR/absent"
	[ ! -s "$BATS_TEST_TMPDIR/absent" ]
}
