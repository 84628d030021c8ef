# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2016 # jq and inner shells expand what is in single quotes
# What a row is, and which connections it has.

load watch

PEERS=$BATS_TEST_DIRNAME/peers

# rows KEY: "KEY sent received" of each row, sorted
rows() {
	jq -r ".runs[] | \"\\($1) \\(.sent_bytes) \\(.received_bytes)\"" "$LEDGER" | sort
}

@test "--by peer: a row an address, whatever the socket's family" {
	watch --by peer -- "$PEERS" 5751 5752
	exact
	[ "$(rows .peer)" = "127.0.0.1 0 4000
127.0.0.2 1000 0
127.0.0.3 3000 0" ]
	# threads have context switches, connections have none
	jq -e '.runs | all(.process == {"pid": null, "command": null} and .context_switches.voluntary == null and
		.context_switches.blocked_in.send == null)' "$LEDGER"
}

@test "--port and --peer: these connections and no others, in one row or by any other" {
	watch --port 5751 -- "$PEERS" 5751 5752
	exact
	[ "$(rows .process.command)" = "$PEERS 5751 5752 1000 1000" ]
	watch --peer 127.0.0.3/32 -- "$PEERS" 5751 5752
	exact
	[ "$(rows .process.command)" = "$PEERS 5751 5752 3000 0" ]
	watch --peer 127.0.0.2/31 --by peer -- "$PEERS" 5751 5752
	[ "$(rows .peer)" = "127.0.0.2 1000 0
127.0.0.3 3000 0" ]
	watch --port 1,5752 --by process -- "$PEERS" 5751 5752
	exact
	[ "$(rows .process.command)" = "peers 3000 3000" ]
	watch --port 1 -- "$PEERS" 5751 5752
	[ "$(rows .process.command)" = "$PEERS 5751 5752 0 0" ]
	jq -e '.without_a_row_bytes == 0' "$LEDGER"
}

@test "what has no row of its own is in a row without a name, and credited to no other process" {
	local by
	for by in process peer socket; do
		watch --by $by --rows 4 -- sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do "$0" peek & done; wait' "$PROGRAMS/watched"
		exact
		jq -e --arg by $by '([.runs[].sent_bytes] | add) == 200000 and ([.runs[].received_bytes] | add) == 200000 and
			([.runs[].peeked_bytes] | add) >= 200000 and .without_a_row_bytes > 0 and
			(.notes | any(.code == "without_a_row")) and
			($by != "process" or (.without_a_row_bytes ==
				([.runs[] | select(.process.pid == null) | .sent_bytes + .received_bytes] | add) and
				([.runs[] | select(.process.pid != null)] | length >= 2 and all(.process.command == "watched" and
					.sent_bytes == 20000 and .received_bytes == 20000))))' "$LEDGER"
	done
}

@test "--by cgroup and --by container: by the path of the process" {
	local root id=9ec39b91f3d70e1beff50a308f77067065ea6be0d91a3378375056cd4422cf3d group moved
	root=$(awk '$3 == "cgroup2" {print $2; exit}' /proc/mounts)
	group=/harness-rows-$$/docker-$id.scope
	mkdir -p "$root$group"
	sh -c 'echo $$ > "$1/cgroup.procs"; exec "$2" send 600 5000' sh "$root$group" \
		"$PROGRAMS/traffic" > /dev/null 3>&- &
	TRAFFIC=$!
	sleep 0.3
	"$HARNESS" watch --json --output "$LEDGER" --pid "$TRAFFIC" --by cgroup --seconds 0.5 || only_skipped
	moved=$(jq --arg group "$group" '.runs | select(length == 1) | .[0] | select(.cgroup == $group) | .sent_bytes' "$LEDGER")
	keep_json "$LEDGER"
	[ "$moved" -gt 0 ]
	"$HARNESS" watch --json --output "$LEDGER" --all --by container --seconds 0.5 || only_skipped
	keep_json "$LEDGER"
	"$HARNESS" watch --output "$MOVED" --pid "$TRAFFIC" --by container --seconds 0.5 || true
	kill "$TRAFFIC"
	wait "$TRAFFIC" || true
	TRAFFIC=
	for _ in $(seq 100); do
		rmdir -p "$root$group" 2> /dev/null || [ ! -e "$root$group" ] && break
		sleep 0.1
	done
	jq -e --arg id "$id" '[.runs[] | select(.container.id == $id)] | length == 1 and .[0].sent_bytes > 0 and
		.[0].container == {"known": true, "runtime": "docker", "id": $id, "name": null, "pod": null}' "$LEDGER"
	grep -q "^docker ${id:0:12} " "$MOVED"
}

@test "waiting for completions is null of a program that has none" {
	watch -- "$PROGRAMS/traffic" send 0.3
	is '.context_switches.voluntary > 0 and .context_switches.blocked_in.completions == null and
		.context_switches.voluntary == (.context_switches.blocked_in | .send + .receive + .elsewhere)'
	watch -- "$PROGRAMS/traffic" zerocopy 0.3
	is '.context_switches.blocked_in.completions != null'
}
