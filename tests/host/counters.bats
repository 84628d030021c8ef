# SPDX-License-Identifier: GPL-2.0
# The CPU's and the scheduler's counters: each is right, or null with its reason.

load ../helpers

setup_file() {
	export LEDGER=$BATS_FILE_TMPDIR/ledger.json
	"$HARNESS" --trace all --size 512,64K --threads 1,4 --seconds 0.2 --json > "$LEDGER"
	keep_json "$LEDGER"
}

@test "context switches from sched_switch are the kernel's own count of those threads" {
	every_run "$LEDGER" '.kernel_switches.sender.total != null and
		.kernel_switches.receiver.total != null'
	every_run "$LEDGER" '(.context_switches | map_values({voluntary, involuntary})) ==
		(.kernel_switches | map_values({voluntary, involuntary}))'
}

@test "a counter has a number or a reason, never both and never a 0 for want of one" {
	every_run "$LEDGER" '.counters | [.sender, .receiver] | all(. as $side |
		["cycles", "instructions", "cache_references", "cache_misses", "l1d_load_misses",
		 "llc_load_misses", "dtlb_load_misses", "branch_misses", "task_clock_ns",
		 "context_switches", "migrations", "page_faults"] |
		all(. as $name | $side | has($name) and ((.[$name] == null) == (.why | has($name)))))'
}

@test "the kernel's own counters are there, and agree with what else is known" {
	every_run "$LEDGER" '.counters.sender.task_clock_ns > 0 and .counters.receiver.task_clock_ns > 0'
	# of the same threads from go to the end, which is a little less than until all are parked
	every_run "$LEDGER" '[.counters.sender.context_switches, .kernel_switches.sender.total] |
		.[0] <= .[1] and .[1] - .[0] <= 64'
}

@test "counters that were not asked for are null" {
	"$HARNESS" --trace none --transport one_copy --messages 10 --json > "$BATS_TEST_TMPDIR/plain"
	keep_json "$BATS_TEST_TMPDIR/plain"
	every_run "$BATS_TEST_TMPDIR/plain" '.counters.sender.task_clock_ns == null and
		.counters.sender.why_codes.task_clock_ns == "not_asked"'
}

# Every event of a thread makes each of its context switches dearer.
@test "no event is opened for what the kernel accounts anyway" {
	local process sender events
	"$HARNESS" --trace counters --transport two_copy --seconds 2 --json > "$BATS_TEST_TMPDIR/ledger" &
	process=$!
	timeout 20 sh -c 'until pgrep -P "$1" harness-send > /dev/null; do sleep 0.05; done; sleep 0.5' sh $process
	sender=$(pgrep -P $process harness-send)
	events=$(find "/proc/$sender/fd" -lname '*perf_event*' | wc -l)
	wait $process
	keep_json "$BATS_TEST_TMPDIR/ledger"
	# those that there are count user and kernel apart
	every_run "$BATS_TEST_TMPDIR/ledger" '.counters.sender | .task_clock_ns > 0 and
		([.cycles, .instructions, .cache_references, .cache_misses, .l1d_load_misses, .llc_load_misses,
		.dtlb_load_misses, .branch_misses] | map(values) | length * 2) == '"$events"
}

@test "--cpus keeps each side where it should be" {
	"$HARNESS" --trace none --transport one_copy --messages 10 --cpus 0,0 --json > "$BATS_TEST_TMPDIR/pinned"
	keep_json "$BATS_TEST_TMPDIR/pinned"
	every_run "$BATS_TEST_TMPDIR/pinned" '.cpus == {"sender": 0, "receiver": 0}'
	run --separate-stderr "$HARNESS" --trace none --transport one_copy --messages 10 --cpus 0,1023
	[ "$status" -eq 1 ]
	one_line "$stderr"
	[[ $stderr == *"processor 1023"* ]]
}

# by_perf NAME ARGS...: a run under perf stat, which counts the harness's own process and all that is set up
# too: the ledger in NAME.json, each event's count in NAME.perf
by_perf() {
	local name=$BATS_TEST_TMPDIR/$1 stolen
	shift
	stolen=$(stolen_ms)
	perf stat -x, -o "$name.csv" -e task-clock,context-switches,cpu-migrations,page-faults \
		-e cycles,instructions,cache-references,cache-misses,branch-misses \
		-e L1-dcache-load-misses,LLC-load-misses,dTLB-load-misses \
		"$HARNESS" --trace counters --transport two_copy --json "$@" > "$name.json"
	keep_json "$name.json"
	awk -F, 'NF > 3 { sub(/:.*/, "", $3); print $3, $1 }' "$name.csv" > "$name.perf"
	echo "stolen $(($(stolen_ms) - stolen))" >> "$name.perf"
}

# stolen_ms: what a hypervisor took of all processors until now
stolen_ms() {
	awk -v tick="$(getconf CLK_TCK)" '$1 == "cpu" { printf "%d\n", $9 * 1000 / tick }' /proc/stat
}

# perf_says NAME EVENT
perf_says() {
	awk -v event="$2" '$1 == event { print $2 }' "$BATS_TEST_TMPDIR/$1.perf"
}

# both_sides NAME COUNTER
both_sides() {
	jq ".runs[0].counters | .sender.$2 + .receiver.$2" "$BATS_TEST_TMPDIR/$1.json"
}

# What perf counts more is what a run of one message costs, twice at most, a fiftieth, and a few. A thread
# that is moved twice before it runs has migrated twice, and for perf once.
@test "the kernel's counters agree with perf stat on the same run" {
	by_perf nothing --size 64K --threads 2 --messages 1
	by_perf run --size 64K --threads 2 --messages 40000
	while read -r event counter unit; do
		echo "$event: perf $(perf_says run "$event"), nothing $(perf_says nothing "$event"), both sides $(both_sides run "$counter"), stolen $(perf_says run stolen)"
		awk -v all="$(perf_says run "$event")" -v nothing="$(perf_says nothing "$event")" -v stolen="$(perf_says run stolen)" \
			-v sides="$(both_sides run "$counter")" -v unit="$unit" -v event="$event" 'BEGIN { sides /= unit
				# perf stops its clock around a context switch, but not while a hypervisor has the processor
				if (event == "task-clock")
					exit !(sides <= all * 1.05 && all - sides <= 2 * nothing + all / 20 + stolen + 10)
				exit !(all != "" && sides <= all + (event == "cpu-migrations" ? 5 : 0) && all - sides <= 2 * nothing + all / 50 + 10) }'
	done <<- END
		task-clock task_clock_ns 1000000
		context-switches context_switches 1
		cpu-migrations migrations 1
		page-faults page_faults 1
	END
	[ "$(both_sides run context_switches)" -gt 100 ]
	# the buffer that two_copy packs into is written the first time in the run: 16M in pages of 4K
	by_perf faults --size 16M --messages 3
	[ "$(jq '.runs[0].counters.sender.page_faults' "$BATS_TEST_TMPDIR/faults.json")" -ge 4096 ]
	[ "$(both_sides faults page_faults)" -le "$(perf_says faults page-faults)" ]
}

@test "what perf says the machine does not support is null, with that reason; what it counts is a number" {
	by_perf run --size 64K --messages 20000
	while read -r event counter; do
		local reported
		reported=$(perf_says run "$event")
		echo "$event: $reported"
		case $reported in
		'<not') # <not supported>, <not counted>
			every_run "$BATS_TEST_TMPDIR/run.json" ".counters | [.sender, .receiver] |
				all(.$counter == null and (.why_codes.$counter | IN(\"no_counter\", \"took_turns\")))"
			;;
		*)
			every_run "$BATS_TEST_TMPDIR/run.json" ".counters | [.sender, .receiver] |
				all(.$counter > 0)"
			;;
		esac
	done <<- END
		cycles cycles
		instructions instructions
		cache-references cache_references
		cache-misses cache_misses
		branch-misses branch_misses
		L1-dcache-load-misses l1d_load_misses
		LLC-load-misses llc_load_misses
		dTLB-load-misses dtlb_load_misses
	END
}
