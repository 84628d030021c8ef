# SPDX-License-Identifier: GPL-2.0
# Lost paths, harnesses that are killed on them, and existing devices: what the harness made is removed, what it did not
# make is unchanged.

load ../helpers

teardown() {
	[ -z "${background:-}" ] || kill -9 "$background" 2> /dev/null || true
}

# long_run ARGS...: a run that must be ended; its pid in $background
long_run() {
	"$HARNESS" --trace sched --size 64K --seconds 90 --warm-up 0 "$@" \
		> "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" 3>&- &
	background=$!
}

# flowing: waits until both sides of the long run work; their pids in $sender and $receiver
flowing() {
	sender=$(side "$background" harness-send) && receiver=$(side "$background" harness-recv) && return
	cat "$BATS_TEST_TMPDIR/err"
	return 1
}

# end STATUS: the long run ended by itself before its time, with this status
end() {
	local status=0
	for _ in $(seq 400); do
		[ -e "/proc/$background/exe" ] && readlink "/proc/$background/exe" > /dev/null || break
		sleep 0.1
	done
	! readlink "/proc/$background/exe" 2> /dev/null || return 1
	wait "$background" || status=$?
	background=
	[ "$status" -eq "$1" ] || {
		echo "ended with status $status:"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

# The namespaces of both sides, read while they exist.
namespaces() {
	readlink "/proc/$sender/ns/net" "/proc/$receiver/ns/net"
}

# gone PID... -- NAMESPACE...: neither these processes nor a process in these namespaces is left
gone() {
	local what
	for _ in $(seq 50); do
		what=$(remaining "$@")
		[ -n "$what" ] || return 0
		sleep 0.1
	done
	echo "left: $what"
	return 1
}

remaining() {
	while [ "$1" != -- ]; do
		[ ! -e "/proc/$1/exe" ] || ! readlink "/proc/$1/exe" || echo "process $1"
		shift
	done
	shift
	for namespace; do
		ls -l /proc/[0-9]*/fd /proc/[0-9]*/ns/net 2> /dev/null | grep -F "$namespace" || true
		grep -F "$namespace" /proc/[0-9]*/mountinfo 2> /dev/null || true
	done
}

@test "a link that is lost ends the run with its name, and leaves nothing" {
	local transport mode
	while read -r transport mode; do
		long_run --path veth --transport "$transport" --mode "$mode"
		flowing
		mapfile -t spaces < <(namespaces)
		[ ${#spaces[@]} -eq 2 ] && [ "${spaces[0]}" != "${spaces[1]}" ]
		local harness=$background
		nsenter -t "$sender" -n ip link set veth0 down
		end 1
		grep -qx "harness: --path veth: veth0 is down" "$BATS_TEST_TMPDIR/err"
		grep -q 'is a link down?$' "$BATS_TEST_TMPDIR/err"
		gone "$harness" "$sender" "$receiver" -- "${spaces[@]}"
	done <<- END
		one_copy stream
		zero_copy rr
	END
}

@test "kill -9 of the harness takes its namespaces, its processes and its links along" {
	local links
	links=$(ip -j link | jq -c 'map(.ifindex)')
	long_run --path veth --transport zero_copy --out "$BATS_TEST_TMPDIR/kept"
	flowing
	mapfile -t spaces < <(namespaces)
	kill -9 "$background"
	gone "$background" "$sender" "$receiver" -- "${spaces[@]}"
	wait "$background" || true
	background=
	[ "$(ip -j link | jq -c 'map(.ifindex)')" = "$links" ]
	# no partial row is left, and the next start works
	[ "$(wc -l < "$BATS_TEST_TMPDIR/kept/results.csv")" -eq 1 ]
	[ ! -s "$BATS_TEST_TMPDIR/kept/runs.jsonl" ]
	"$HARNESS" --path veth --trace none --transport one_copy --messages 20
}

@test "kill -9 of a side on a path: its name, status 1, and nothing is left" {
	local side
	for side in sender receiver; do
		long_run --path veth --transport zero_copy
		flowing
		mapfile -t spaces < <(namespaces)
		local harness=$background
		kill -9 "${!side}"
		end 1
		grep -q "the $side .* was killed by signal 9" "$BATS_TEST_TMPDIR/err"
		gone "$harness" "$sender" "$receiver" -- "${spaces[@]}"
	done
}

# in_a_world COMMAND: bash in its own network and mount namespaces, which have links and namespaces with the names and
# addresses that the harness and the reports use
in_a_world() {
	HARNESS=$(realpath "$HARNESS") unshare --mount --net bash -euc '
		mount -t tmpfs none /run
		mkdir /run/netns
		ip link set lo up
		ip link add veth0 type veth peer name veth1
		for name in server_ns client_ns; do ip netns add $name; done
		ip -n server_ns link add veth0 type veth peer name veth1 netns client_ns
		ip address add 10.1.1.1/24 dev veth0
		ip address add 10.1.1.2/24 dev veth1
		ip link set veth0 up
		ip link set veth1 up
		everything() {
			for at in "" "-n server_ns" "-n client_ns"; do
				ip $at -j address | jq -c "[.[] | {ifindex, ifname, address, operstate,
					addr_info: [.addr_info[] | {local, prefixlen}]}]"
				ip $at route
			done
			ls -i /run/netns
		}
		# IPv6 adds its own addresses a little later
		for at in "" "-n server_ns" "-n client_ns"; do
			for link in veth0 veth1; do
				ip $at link set $link addrgenmode none 2> /dev/null || true
			done
		done
		ip -6 address flush scope link
		'"$1"
}

@test "links, addresses and namespaces of the same names stay as they were" {
	RETRIES=$(row retries) in_a_world '
		everything > /tmp/before.$$
		"$HARNESS" --path veth --trace copies --transport one_copy --messages 20 --json |
			jq -e --arg retries "$RETRIES" ".runs[0] | .valid and .tries == 1 or (\$retries != \"\" and
				(.valid or (.reasons | all(.code |
				IN(\"missed_events\", \"departures_unseen\", \"delivery_unseen\", \"linear_unseen\")))))"
		everything | diff /tmp/before.$$ -
		rm /tmp/before.$$'
}

@test "what is not there, or only in part, is an error, and what is there stays" {
	in_a_world '
		everything > /tmp/before.$$
		for path in netns:server_ns,absent netns:absent,client_ns nic:veth0,nosuch nic:nosuch,veth1; do
			status=0
			"$HARNESS" --path $path --trace none --messages 1 2> /tmp/err.$$ || status=$?
			[ $status -eq 2 ]
			[ "$(wc -l < /tmp/err.$$)" -eq 1 ]
			grep "no.*\(absent\|nosuch\)" /tmp/err.$$
		done
		# the namespaces exist but have no address
		status=0
		"$HARNESS" --path netns:server_ns,client_ns --trace none --messages 1 2> /tmp/err.$$ || status=$?
		[ $status -eq 1 ]
		grep "server_ns has no IPv4 address" /tmp/err.$$
		everything | diff /tmp/before.$$ -
		rm /tmp/before.$$ /tmp/err.$$'
}

@test "interfaces are given back, also after kill -9, also virtual ones" {
	in_a_world '
		links() { ip -j link show type veth | jq -c "sort_by(.ifindex) | map([.ifindex, .ifname, .address])"; }
		before=$(links)
		"$HARNESS" --path nic:veth0,veth1 --trace none --transport one_copy --messages 20
		[ "$(links)" = "$before" ]
		"$HARNESS" --path nic:veth0,veth1 --trace none --transport one_copy --seconds 90 \
			> /dev/null 2>&1 3>&- &
		for try in $(seq 300); do
			[ "$(links)" = "[]" ] && pgrep -P $! -x harness-recv && break
			sleep 0.1
		done
		[ "$(links)" = "[]" ]
		kill -9 $!
		for try in $(seq 100); do
			[ "$(links)" = "$before" ] && break
			sleep 0.1
		done
		[ "$(links)" = "$before" ]
		"$HARNESS" --path nic:veth0,veth1 --trace none --transport one_copy --messages 20'
}

# The instants cover a whole run, from before its interfaces are moved until they are back.
@test "an interface is never lost: the harness or its guard is killed at 60 instants" {
	in_a_world '
		at_home() { local table=$(< /proc/net/dev); [[ $table == *veth0:* && $table == *veth1:* ]]; }
		guard() {
			local child name
			for child in $(< "/proc/$1/task/$1/children"); do
				read -r name < "/proc/$child/comm"
				[ "$name" != harness-guard ] || echo "$child"
			done
		} 2> /dev/null
		run() { exec "$HARNESS" --path nic:veth0,veth1 --trace none --transport one_copy --messages 20; }
		moved=0
		started=${EPOCHREALTIME/./}
		(run) > /dev/null
		whole=$((${EPOCHREALTIME/./} - started))
		for try in $(seq 60); do
			run > /dev/null 2> /tmp/err.$$ 3>&- &
			sleep $(printf "0.%06d" $((whole * (try + RANDOM % 4) / 64)))
			victim=$!
			[ $((try % 3)) -gt 0 ] || victim=$(guard $victim || true)
			at_home || moved=$((moved + 1))
			kill -9 ${victim:-$!} || true
			wait $! || true
			for wait in $(seq 100); do
				! at_home || break
				sleep 0.05
			done
			at_home || { echo "lost in try $try"; cat /tmp/err.$$; exit 1; }
		done 2> /dev/null
		rm /tmp/err.$$
		echo "$moved of 60 while moved, a run takes $whole us"
		[ $moved -ge 15 ]'
}

@test "an interface whose name is taken meanwhile comes back with another" {
	in_a_world '
		address=$(ip -j link show veth0 | jq -r ".[0].address")
		"$HARNESS" --path nic:veth0,veth1 --trace none --transport one_copy --seconds 90 > /dev/null 2>&1 3>&- &
		for try in $(seq 300); do
			pgrep -P $! -x harness-recv > /dev/null && break
			sleep 0.1
		done
		ip link add veth0 type veth peer name other
		kill -INT $!
		wait $! || [ $? -eq 130 ]
		ip -j link show type veth | jq -e --arg address $address "any(.address == \$address and (.ifname | startswith(\"dev\")))"'
}
