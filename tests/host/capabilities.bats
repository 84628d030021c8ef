# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # stderr is of bats
# Each command with exactly the capabilities that docs/security.md names, and without each of them.

load ../helpers

RUN="run --transport one_copy --size 64K --messages 50"

# with "CAPABILITY..." COMMAND...: root whose processes can have these and no others
with() {
	local list=-all name
	for name in $1; do list+=,+$name; done
	setpriv --bounding-set="$list" "${@:2}"
}

# exactly "CAPABILITY..." ARGS...: the command works with these; without each it ends with 77 and one line that names it
exactly() {
	local all=$1 name
	shift
	with "$all" "$HARNESS" "$@" > "$BATS_TEST_TMPDIR/out"
	for name in $all; do
		run --separate-stderr with "${all//$name/}" "$HARNESS" "$@"
		echo "without $name: status $status, $stderr"
		[ "$status" -eq 77 ]
		one_line "$stderr"
		[[ $stderr == *"CAP_${name^^}"* ]]
	done
}

@test "run and watch count with CAP_BPF, CAP_PERFMON and CAP_SYSLOG" {
	# shellcheck disable=SC2086
	exactly "bpf perfmon" $RUN --trace sched
	exactly "bpf perfmon" watch -- true
	# shellcheck disable=SC2086
	with "bpf perfmon syslog" "$HARNESS" $RUN --trace all --json > "$BATS_TEST_TMPDIR/ledger"
	keep_json "$BATS_TEST_TMPDIR/ledger"
	jq -e '.runs[0] | .valid and .copies_per_byte == 2' "$BATS_TEST_TMPDIR/ledger"
	# only a uprobe needs more, and says so
	jq -e '.user_memcpy_check[0].code == "not_permitted"' "$BATS_TEST_TMPDIR/ledger"
}

@test "without CAP_SYSLOG a run is invalid, and the reason names it" {
	[ "$(sysctl -n kernel.kptr_restrict)" -gt 0 ] || [ "$(sysctl -n kernel.perf_event_paranoid)" -gt 1 ]
	# shellcheck disable=SC2086
	run --separate-stderr with "bpf perfmon" "$HARNESS" $RUN --trace copies --json
	[ "$status" -eq 1 ]
	jq -e '.runs[0] | .valid == false and .sites.deferred_copy.bytes == null' <<< "$output"
	[[ $output == *"missing CAP_SYSLOG"* ]]
	run with "bpf perfmon" "$HARNESS" doctor --json
	jq -e '.checks["kernel.kptr_restrict"].status == "missing"' <<< "$output"
	run with "bpf perfmon syslog" "$HARNESS" doctor --json
	jq -e '.checks["kernel.kptr_restrict"].status == "ok"' <<< "$output"
}

@test "another user than root counts with these, too" {
	local caps=-all,+bpf,+perfmon,+syslog
	# shellcheck disable=SC2086
	setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=$caps --ambient-caps=$caps \
		"$HARNESS" $RUN --trace all --json > "$BATS_TEST_TMPDIR/ledger"
	jq -e '.runs[0] | .valid and .copies_per_byte == 2' "$BATS_TEST_TMPDIR/ledger"
}

@test "paths need CAP_SYS_ADMIN, and those that make or move interfaces CAP_NET_ADMIN" {
	# shellcheck disable=SC2086
	exactly "sys_admin net_admin" $RUN --trace none --path veth
	# shellcheck disable=SC2086
	HARNESS=$HARNESS RUN=$RUN unshare --net bash -euc '
		ip link add left type veth peer name right
		setpriv --bounding-set=-all,+sys_admin,+net_admin "$HARNESS" $RUN --trace none --path nic:left,right
		for without in sys_admin net_admin; do
			status=0
			setpriv --bounding-set=-all,+sys_admin,+net_admin,-$without \
				"$HARNESS" $RUN --trace none --path nic:left,right 2> "$1" || status=$?
			[ $status -eq 77 ]
			grep "CAP_${without^^}" "$1"
			[ -e /proc/sys/net/ipv4/conf/left ] && [ -e /proc/sys/net/ipv4/conf/right ]
		done' bash "$BATS_TEST_TMPDIR/err"
	link=left$$
	ip netns add $link
	ip netns add $link-b
	ip link add v0 netns $link type veth peer name v0 netns $link-b
	ip -n $link address add 10.9.9.1/24 dev v0
	ip -n $link-b address add 10.9.9.2/24 dev v0
	ip -n $link link set v0 up
	ip -n $link-b link set v0 up
	# shellcheck disable=SC2086
	exactly "sys_admin" $RUN --trace none --path netns:$link,$link-b
}

teardown() {
	[ -z "${link:-}" ] || { ip netns del $link; ip netns del $link-b; }
	rm -rf "${folder:-}"
}

@test "without any: run --trace none, doctor, report" {
	# shellcheck disable=SC2086
	with "" "$HARNESS" $RUN --trace none --out "$BATS_TEST_TMPDIR/runs"
	with "" "$HARNESS" report "$BATS_TEST_TMPDIR/runs"
	run with "" "$HARNESS" doctor --json
	[ "$status" -eq 77 ]
	jq -e '.checks.capabilities.value.missing == ["CAP_SYS_ADMIN", "CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN",
		"CAP_SYS_PTRACE", "CAP_SYSLOG", "CAP_IPC_LOCK"]' <<< "$output"
}

# of PID KEY: a line of /proc/PID/status
of() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

long_run() {
	"$HARNESS" run --trace sched --transport one_copy --seconds 30 "$@" > /dev/null 2>&1 3>&- &
	harness=$!
	sender=$(side $harness harness-send)
	receiver=$(side $harness harness-recv)
}

# The set keeps what DAC, paths, attaching and ending a process of another user need.
@test "the traffic is another user's, and the harness has dropped what it does not need" {
	local ids pid
	for caller in "" 1234; do
		if [ -n "$caller" ]; then
			export SUDO_UID=$caller SUDO_GID=$caller
		else
			unset SUDO_UID SUDO_GID
		fi
		long_run
		for pid in $sender $receiver; do
			ids=${caller:-65534}
			[ "$(of "$pid" Uid)" = "$ids"$'\t'"$ids"$'\t'"$ids"$'\t'"$ids" ]
			[ "$(of "$pid" Gid)" = "$ids"$'\t'"$ids"$'\t'"$ids"$'\t'"$ids" ]
			[ -z "$(of "$pid" Groups | tr -d ' ')" ]
			[ "$(of "$pid" CapEff)" = 0000000000004000 ] # CAP_IPC_LOCK
			[ "$(of "$pid" CapPrm)" = 0000000000004000 ]
			[ "$(of "$pid" NoNewPrivs)" = 1 ]
		done
		# none of CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT
		[ $((0x$(of "$harness" CapPrm) & (1 << 12 | 1 << 13 | 1 << 16 | 1 << 17 | 1 << 22))) -eq 0 ]
		[ $((0x$(of "$harness" CapEff) & 1 << 39)) -ne 0 ]
		kill -9 $harness
		for _ in $(seq 50); do
			[ -e "/proc/$sender" ] || [ -e "/proc/$receiver" ] || break
			sleep 0.1
		done
		[ ! -e "/proc/$sender" ] && [ ! -e "/proc/$receiver" ]
	done
}

@test "the command of a watch keeps what its caller has, and the watch does not" {
	"$HARNESS" watch --output "$BATS_TEST_TMPDIR/out" -- bash -c '
		own=$(sed -n "s/^CapEff:\t//p" /proc/self/status)
		watch=$(sed -n "s/^CapEff:\t//p" /proc/$PPID/status)
		echo "$own $watch"' > "$BATS_TEST_TMPDIR/both"
	read -r own watch < "$BATS_TEST_TMPDIR/both"
	[ "$own" = "$(of self CapEff)" ]
	[ $((0x$watch & (1 << 12 | 1 << 16 | 1 << 17))) -eq 0 ]
}

@test "under sudo results belong to the caller, and report runs as the caller" {
	folder=$(mktemp -d) # the others' are root's alone
	chmod 755 "$folder"
	# shellcheck disable=SC2086
	SUDO_UID=1234 SUDO_GID=1235 "$HARNESS" $RUN --trace none --out "$folder/runs"
	[ -z "$(find "$folder/runs" -not \( -uid 1234 -gid 1235 \))" ]
	SUDO_UID=1234 SUDO_GID=1235 "$HARNESS" watch --output "$folder/runs/watch" -- true
	[ "$(stat -c %u "$folder/runs/watch")" -eq 1234 ]
	SUDO_UID=1234 SUDO_GID=1235 run --separate-stderr "$HARNESS" report "$folder/runs"
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	[ -z "$(find "$folder/runs" -not -uid 1234)" ]
	# a folder that is root's alone is named
	# shellcheck disable=SC2086
	env -u SUDO_UID "$HARNESS" $RUN --trace none --out "$folder/roots"
	SUDO_UID=1234 SUDO_GID=1235 run --separate-stderr "$HARNESS" report "$folder/roots"
	[ "$status" -eq 1 ] || [ "$status" -eq 2 ]
	[ "$(wc -l <<< "$stderr")" -eq 1 ]
	[[ $stderr == *roots*"Permission denied"* ]]
}

@test "under sudo verify judges as the caller, and only its runs are root's" {
	local users
	folder=$(mktemp -d)
	chmod 777 "$folder"
	cat > "$folder/harness" <<-END
		#!/bin/sh
		ps -o user:9= -o args= -C python3 | sed 's/ .*verify.*/ verify/' | sort > "$folder/users"
		id -u > "$folder/runs"
		exec "$HARNESS" "\$@"
	END
	chmod 755 "$folder/harness"
	HARNESS=$folder/harness SUDO_UID=1234 SUDO_GID=1235 \
		/usr/bin/python3 -EsB "$BATS_TEST_DIRNAME/../../analysis/verify.py" --quick --path lo --keep "$folder/kept" > "$folder/table"
	grep -q CONFIRMED "$folder/table"
	users=$(grep verify "$folder/users" | xargs)
	[[ $users == *"1234 verify"* && $users == *"root verify"* ]]
	[ "$(cat "$folder/runs")" -eq 0 ]
	[ -z "$(find "$folder/kept" -not -uid 1234)" ]
	# what is root's alone is not read for the caller
	SUDO_UID=1234 SUDO_GID=1235 run --separate-stderr "$HARNESS" verify --out "$(mktemp -d -p "$BATS_TEST_TMPDIR")"
	[ "$status" -eq 2 ]
	[[ $stderr == *"Permission denied"* ]]
}
