# SPDX-License-Identifier: GPL-2.0
# Bad input: one clear line, exit status 2 (77 if the kernel or the privileges do not allow it).

load ../helpers

# refused WHAT ARGS...: exit 2, nothing on stdout, one line on stderr that names WHAT
refused() {
	local what=$1
	shift
	run --separate-stderr "$HARNESS" "$@"
	[ "$status" -eq 2 ] || {
		echo "'$*' ended with status $status"
		return 1
	}
	[ -z "$output" ]
	one_line "$stderr"
	[[ $stderr == *"$what"* ]] || {
		echo "'$*' printed: $stderr"
		return 1
	}
}

@test "an unknown transport is refused, and the known ones named" {
	refused three_copy --transport three_copy
	refused zero_copy --transport three_copy
	refused "" --transport one_copy,
}

@test "sizes that are no message are refused" {
	for size in 0 7 -1 10G 12x '' 4K,, 17M; do
		refused "--size" --size "$size"
	done
}

@test "thread counts out of range are refused" {
	for threads in 0 100000 -1 1x; do
		refused "--threads" --threads "$threads"
	done
}

@test "a run ends by seconds or by messages, and not at once" {
	refused "--seconds" --seconds 0
	refused "--seconds" --seconds nan
	refused "--seconds" --seconds -1
	refused "--messages" --messages 0
	refused "--seconds" --seconds 1 --messages 1
}

@test "unknown options, words and attach methods are refused" {
	refused "--colour" --colour
	refused "walk" walk
	refused "kretfunc" --attach kretfunc
	refused "everything" --trace everything
	refused "--colour" watch --colour
	refused "--colour" doctor --colour
	refused "walk" doctor walk
}

@test "a wrong word is answered with the nearest right one" {
	refused "unknown command 'verfy'; did you mean 'verify'?" verfy
	refused "unknown option '--trasnport'; did you mean '--transport'?" --trasnport all
	refused "did you mean 'zero_copy'?" run --transport zerocopy
	refused "did you mean 'sched'?" --trace copies,shed
	refused "did you mean 'kprobe'?" doctor --attach kprobes
	refused "did you mean 'kprobe'?" watch --attach kporbe --all
	refused "did you mean 'nic:'?" --path nics:a,b
	refused "did you mean 'netns:'?" doctor --path netnss:a,b
}

@test "--help of the harness lists the commands, with examples" {
	run --separate-stderr "$HARNESS" --help
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	for command in run doctor watch verify report help; do
		grep -qE "^  $command +[a-z]" <<< "$output"
	done
	[ "$(sed -n '/^Examples:/,/^$/p' <<< "$output" | grep -c '^  sudo harness ')" -eq 4 ]
	diff <(echo "$output") <("$HARNESS" help)
}

@test "--help of a command and --version answer on stdout" {
	for command in run doctor watch; do
		run --separate-stderr "$HARNESS" $command --help
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[[ $output == *sage:\ harness\ $command* ]]
		diff <(echo "$output") <("$HARNESS" help $command)
	done
	run --separate-stderr "$HARNESS" run --help
	for option in trace transport size threads seconds messages verify attach json path mode; do
		[[ $output == *"--$option"* ]]
	done
	run --separate-stderr "$HARNESS" --version
	[ "$status" -eq 0 ]
	[[ $output == harness\ * ]]
}

# invalid_by_right: this kernel needs retries (attached.table), and the table in $output names missed events
invalid_by_right() {
	retries_allowed || return 1
	tr -s '\n ' ' ' <<< "$output" | grep -qE '\[(missed_events|departures_unseen|delivery_unseen|linear_unseen)\]'
}

@test "an attach method that this kernel lacks ends with 77" {
	for method in fentry tracepoint kprobe; do
		run --separate-stderr "$HARNESS" --attach $method --transport one_copy --messages 1
		[ "$status" -ne 0 ] || continue
		[ "$status" -ne 1 ] || { invalid_by_right && continue; }
		[ "$status" -eq 77 ]
		one_line "$stderr"
		[[ $stderr == *"--attach $method"* ]]
	done
	# on any kernel: BTF from a file means that the kernel has none, and fentry needs it
	run --separate-stderr "$HARNESS" --attach fentry --btf /sys/kernel/btf/vmlinux \
		--transport one_copy --messages 1
	[ "$status" -eq 77 ]
	one_line "$stderr"
	[[ $stderr == *"--attach fentry"*"BTF"* ]]
}

@test "types from a file that has none are refused" {
	run --separate-stderr "$HARNESS" --btf /etc/passwd --transport one_copy --messages 1
	[ "$status" -eq 2 ]
	one_line "$stderr"
	[[ $stderr == *"/etc/passwd"* ]]
}

@test "without privileges tracing ends with 77 and says what is missing" {
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$HARNESS" --messages 1
	[ "$status" -eq 77 ]
	one_line "$stderr"
	[[ $stderr == *CAP_BPF* && $stderr == *CAP_PERFMON* ]]
}

@test "--trace none works without privileges" {
	run --separate-stderr setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$HARNESS" --trace none --transport all --size 4K --messages 50 --verify --json
	keep_output
	[ "$status" -eq 0 ]
	every_run <(echo "$output") '.payload_bytes == 50 * 4096 and .copies_per_byte == null and
		.residual.send == null and .sites.send_copy.bytes == null and
		.sites.user_memcpy.evidence == "self_reported"'
}

@test "the table goes to stdout, is ASCII, and nothing else does" {
	run --separate-stderr "$HARNESS" --trace all --transport two_copy,zero_copy --size 64K --messages 50
	[ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && invalid_by_right; }
	[[ $output == *two_copy* && $output == *zero_copy* && $output == *send_copy* ]]
	! LC_ALL=C grep -q '[^ -~]' <<< "$output"
	[[ $output == *"pinned byte"* ]]
}

@test "all transports fit a terminal of 80 columns, and the answer comes first" {
	run --separate-stderr "$HARNESS" --seconds 0.1
	[ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && invalid_by_right; }
	[ "$(wc -L <<< "$output")" -le 80 ]
	[[ ${lines[1]} == "two_copy: 3 copies per byte"* ]]
	# one head; below it one row per site, with one number per transport
	[ "$(grep -cE '^bytes +two_copy +eight_sends +one_copy +zero_copy$' <<< "$output")" -eq 1 ]
	[ "$(grep -cE '^receive_copy( +[0-9]{1,3}(,[0-9]{3})+){4}$' <<< "$output")" -eq 1 ]
	[[ $output == *"next: "* ]]
	[[ $output != *$'\033'* ]]
}

@test "repeats and grids: a row a combination, then comparisons; single runs with --rows" {
	run --separate-stderr "$HARNESS" --seconds 0.05 --size 4K,64K --repeat 2 --transport two_copy,one_copy
	[ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && invalid_by_right; }
	[ "$(wc -L <<< "$output")" -le 80 ]
	[ "$(grep -cE '^(two|one)_copy +(4|64)K ' <<< "$output")" -eq 4 ]
	[ "$(grep -cE '^(two|one)_copy was [0-9.]+ times as fast as (two|one)_copy at (4|64) KiB' <<< "$output")" -eq 2 ]
	! grep -q '^send_copy ' <<< "$output"
	run --separate-stderr "$HARNESS" --seconds 0.05 --size 4K,64K --repeat 2 --transport two_copy,one_copy --rows
	[ "$status" -eq 0 ] || { [ "$status" -eq 1 ] && invalid_by_right; }
	[ "$(grep -c '^repeat [12], messages of ' <<< "$output")" -eq 4 ]
	[ "$(grep -c '^send_copy ' <<< "$output")" -eq 4 ]
}

@test "an interruption: what was not run is named so, and --resume is next" {
	local dir=$BATS_TEST_TMPDIR/results harness status
	"$HARNESS" --messages 3 --transport two_copy,one_copy --repeat 200 --out "$dir" > "$BATS_TEST_TMPDIR/out" 3>&- &
	harness=$!
	for _ in $(seq 200); do
		[ "$(cat "$dir/results.csv" 2> /dev/null | wc -l)" -le 3 ] || break
		sleep 0.05
	done
	kill -TERM $harness # bash starts background commands with SIGINT ignored
	status=0
	wait $harness || status=$?
	[ "$status" -eq 143 ]
	tr -s '\n ' ' ' < "$BATS_TEST_TMPDIR/out" > "$BATS_TEST_TMPDIR/words"
	grep -qE '[0-9]+ of 800 runs are complete; the others were not run' "$BATS_TEST_TMPDIR/words"
	grep -qF "next: \`harness --resume $dir\` runs what is missing" "$BATS_TEST_TMPDIR/words"
}

@test "colours are for terminals, unless NO_COLOR" {
	local with without
	with=$(env -u NO_COLOR TERM=xterm script -qec "$HARNESS --trace none --messages 1" /dev/null < /dev/null)
	without=$(NO_COLOR=1 TERM=xterm script -qec "$HARNESS --trace none --messages 1" /dev/null < /dev/null)
	[[ $with == *$'\033[1m'two_copy* ]]
	[[ $without == *two_copy* && $without != *$'\033[1m'* ]]
}

@test "help to a full disk fails, in one line and without a traceback" {
	for command in run doctor watch verify report; do
		# the sanitized program has no analysis/ directory
		run --separate-stderr bash -c '"$1" "$2" --help > /dev/full' bash "$BATS_TEST_DIRNAME/../../harness" $command
		[ "$status" -eq 1 ]
		[ "$(wc -l <<< "$stderr")" -eq 1 ]
		[[ $stderr == "harness"*": standard output: No space left on device" ]]
	done
}
