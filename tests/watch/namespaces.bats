# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # inner shells expand what is in single quotes
# In a container, and from outside it: processes are followed by the kernel's numbers, and shown by their numbers in the
# harness's own namespace and by their names, which anyone may choose.

load watch

# contained COMMAND...: runs it in its own PID, mount, cgroup and network namespaces
contained() {
	unshare -pf --mount-proc -C -n sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

# followed PID: the process has the bytes of `watched peek`
followed() {
	exact
	jq -e --argjson pid "$1" '.runs | length == 1 and (.[0] |
		.process.pid == $pid and .sent_bytes == 20000 and .received_bytes == 20000)' "$LEDGER" || {
		jq -c '.runs[] | {process, sent_bytes, received_bytes}' "$LEDGER"
		return 1
	}
}

PEEK='echo $$ > "$1"; exec "$2" peek'

@test "watch in a container: its command, by the container's numbers" {
	in_container -- sh -c "$PEEK" sh "$BATS_TEST_TMPDIR/pid" "$PROGRAMS/watched"
	followed "$(cat "$BATS_TEST_TMPDIR/pid")"
	[ "$(cat "$BATS_TEST_TMPDIR/pid")" -lt 100 ]
}

# in_container OPTION...: a watch in a container, by processes
in_container() {
	contained "$HARNESS" watch --json --output "$LEDGER" --by process "$@" > "$MOVED" 2> "$SAID" || only_skipped
}

@test "watch --pid in a container: its process, and none outside with the same number" {
	contained sh -c '"$1/traffic" send 600 5000 > /dev/null 3>&- &
		"$2" watch --json --output "$3" --by process --seconds 0.5 --pid $!; kill $!' \
		sh "$PROGRAMS" "$HARNESS" "$LEDGER" 2> "$SAID" || only_skipped
	[ "$(sum traffic .sent_bytes)" -gt 0 ]
	jq -e '.runs | all(.process.pid < 100 and .process.command == "traffic")' "$LEDGER"
}

@test "watch of a command that makes a container: the numbers of outside" {
	watch --by process -- unshare -Urpf --mount-proc -C -n sh -c 'ip link set lo up; exec "$0" peek' "$PROGRAMS/watched"
	exact
	jq -e '[.runs[] | select(.sent_bytes > 0)] | length == 1 and (.[0] |
		.process.pid > 1 and .process.command == "watched" and .sent_bytes == 20000)' "$LEDGER"
}

@test "watch --pid of the init of a container: the number of outside" {
	unshare -Urpf --kill-child --mount-proc -n sh -c 'ip link set lo up; exec "$0" send 600 5000' "$PROGRAMS/traffic" > /dev/null 3>&- &
	for _ in $(seq 100); do
		! inside=$(pgrep -P $! -x traffic) || break
		sleep 0.1
	done
	follow --by process --pid "$inside" --seconds 0.5
	wait "$WATCHING" || only_skipped
	WATCHING=
	kill -KILL "$inside" # the init of a container ignores other signals
	jq -e --argjson pid "$inside" '.runs | any(.process.pid == $pid and .sent_bytes > 0)' "$LEDGER"
}

@test "watch --all in a container: a process outside has no number" {
	traffic send
	in_container --all --seconds 0.5
	jq -e '[.runs[] | select(.sent_bytes > 0 and .process.command == "traffic")] |
		length > 0 and all(.process.pid == null)' "$LEDGER"
}

@test "run in a container counts its own processes" {
	contained "$HARNESS" --json --trace all --size 64K --messages 100 > "$LEDGER" || only_missed "$LEDGER"
	jq -e '.runs | length == 4 and all(.payload_bytes == 6553600 and .sites.receive_copy.bytes == 6553600)' "$LEDGER"
}

@test "another time namespace: a send that began before counting did is no lost event" {
	local offset
	offset=$((1 - $(cut -d. -f1 /proc/uptime)))
	"$PROGRAMS/watched" wait "$BATS_TEST_TMPDIR/go" > /dev/null 3>&- &
	TRAFFIC=$!
	unshare -fT --monotonic "$offset" "$HARNESS" watch --json --attach tracepoint --output "$LEDGER" --pid "$TRAFFIC" 2> "$SAID" 3>&- &
	WATCHING=$!
	for _ in $(seq 300); do
		! grep -q counting "$SAID" || break
		sleep 0.1
	done
	touch "$BATS_TEST_TMPDIR/go"
	wait "$WATCHING" || only_skipped
	WATCHING=
	jq -e '.lost_events == 0 and ([.runs[].in_flight.calls] | add) > 0' "$LEDGER"
}

@test "what cannot be followed is refused: another namespace's /proc, a user namespace" {
	for command in 'watch --pid 1' '--trace all'; do
		# shellcheck disable=SC2086 # words
		run -77 --separate-stderr unshare -pf "$HARNESS" $command
		# shellcheck disable=SC2154
		[[ $stderr == "harness: /proc is another PID namespace's"* ]] && one_line "$stderr"
	done
	run -77 --separate-stderr unshare -Urpf --mount-proc "$HARNESS" watch -- true
	[[ $stderr == *"initial user namespace"* ]] && one_line "$stderr"
}

@test "a name of another user is printed without its control characters, and no key is lost" {
	bash -c 'printf "\033[2J\377x" > /proc/$$/comm; sleep 600; :' 3>&- &
	OUTSIDE=$!
	for _ in $(seq 100); do
		! grep -q '2J' "/proc/$OUTSIDE/comm" || break
		sleep 0.05
	done
	"$HARNESS" watch --json --output "$LEDGER" --pid "$OUTSIDE" --seconds 0.1 2> "$SAID" || only_skipped
	jq -e '.runs[0].process.command == "?[2J?x"' "$LEDGER"
	! grep -q $'\033' "$SAID"
}
