# SPDX-License-Identifier: GPL-2.0
# The doctor finds what a run then finds, with the kernel's own reasons, and also as an unprivileged user.
# shellcheck disable=SC2016 # jq expands

load ../helpers

setup_file() {
	export DOCTOR=$BATS_FILE_TMPDIR/doctor
	"$HARNESS" doctor --json > "$DOCTOR" || true
	keep_json "$DOCTOR"
	"$HARNESS" doctor > "$DOCTOR.text" || true
}

setup() {
	namespace=doctor.$BATS_TEST_NUMBER.$$
}

teardown() {
	ip netns del "$namespace" 2> /dev/null || true
}

# unprivileged COMMAND...: runs it without any privilege
unprivileged() {
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

# doctor ARGS...: the document of `harness doctor`, whatever its exit status; without ARGS one document for all tests
doctor() {
	if [ $# -eq 0 ]; then
		cat "$DOCTOR"
	else
		"$HARNESS" doctor --json "$@" > "$BATS_TEST_TMPDIR/doctor.json" || true
		keep_json "$BATS_TEST_TMPDIR/doctor.json"
		cat "$BATS_TEST_TMPDIR/doctor.json"
	fi
}

# in_namespace COMMAND...: runs it in a namespace with a veth pair that is up
in_namespace() {
	ip netns add "$namespace"
	ip -n "$namespace" link add veth0 type veth peer name veth1
	ip -n "$namespace" link set lo up
	ip -n "$namespace" link set veth0 up
	ip -n "$namespace" link set veth1 up
	ip netns exec "$namespace" "$@"
}

@test "what doctor lists as attached is what a run attaches" {
	local claimed really
	claimed=$(doctor | jq -S -c '[.sites[] | . as $site | .methods[] | select(.chosen and $site.needed) | .probes[] |
		select(.refused | not) | {site: $site.name, function}] | unique')
	really=$("$HARNESS" --transport zero_copy --size 64 --messages 1 --json |
		jq -S -c '[.probes[] | select(.status == "attached" and .site != null) | {site, function}] | unique')
	[ "$claimed" != "[]" ]
	[ "$claimed" = "$really" ] || {
		printf 'doctor %s\nreally %s\n' "$claimed" "$really"
		return 1
	}
}


@test "\`watch\` counts receives by the method that doctor names" {
	local claimed really
	claimed=$(doctor | jq -c '[.sites[] | select(.name == "receive_copy") | .methods[] | select(.chosen) |
		.probes[].function] | unique')
	"$HARNESS" watch --json --output "$BATS_TEST_TMPDIR/watched" -- true
	keep_json "$BATS_TEST_TMPDIR/watched"
	really=$(jq -c '[.probes[] | select(.status == "attached" and .site == "receive_copy").function] | unique' \
		"$BATS_TEST_TMPDIR/watched")
	[ "$claimed" != "[]" ]
	[ "$claimed" = "$really" ]
}

@test "the evidence of each site in doctor is that of a run" {
	local claimed really
	claimed=$(doctor | jq -S -c '[.sites[] | select(.needed) | {(.name): .evidence}] | add')
	really=$("$HARNESS" --transport one_copy --size 64 --messages 1 --json |
		jq -S -c --argjson claimed "$claimed" '.runs[0].sites | map_values(.evidence) |
			with_entries(select($claimed[.key]))')
	[ "$claimed" = "$really" ] || {
		printf 'doctor %s\nreally %s\n' "$claimed" "$really"
		return 1
	}
}

@test "a run refuses the methods that doctor calls closed for sending or receiving, and no others" {
	local attach claimed status document
	document=$(doctor)
	for attach in fentry tracepoint kprobe; do
		claimed=$(jq --arg attach $attach '[("send_copy", "receive_copy") as $name | .sites[] |
			select(.name == $name) | .methods | any((.method | startswith($attach)) and .status == "works")] |
			all' <<< "$document")
		status=0
		has_method $attach || status=$?
		[ "$claimed" = "$([ $status = 0 ] && echo true || echo false)" ] || {
			echo "$attach: the doctor says $claimed, a run ends with $status"
			return 1
		}
	done
}

@test "every closed method has a reason, and no other has one" {
	doctor | jq -e '[.sites[], .beside[] | .methods[]] | length > 10 and
		all((.status == "works") == (.why == null))'
}

@test "the exit status is 0 with every site, and 1 when one is missing" {
	local hook
	run --separate-stderr "$HARNESS" doctor
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	doctor | jq -e '.verdict == "complete" and [.findings[].code] == ["ledger_complete"]'
	hook=$(doctor | jq -r '[.sites[] | select(.name == "dma_out") | .methods[] | select(.chosen) |
		.probes[].function][0]')
	run --separate-stderr "$HARNESS" doctor --without "$hook"
	[ "$status" -eq 1 ]
	[[ $output == *"missing  dma_out"*"$hook"* ]]
	run --separate-stderr "$HARNESS" doctor --json --without "$hook"
	keep_output
	[ "$status" -eq 1 ]
	jq -e '.verdict == "incomplete" and (.sites[] | select(.name == "dma_out") |
		.status == "missing" and .evidence == "unavailable" and .attach == null and
		[.findings[].code] == ["no_method"] and ([.methods[].findings[] | select(.code == "hooks_refused").functions] |
		any(contains($hook)))) and (.findings | length == 1 and
		(.[0] | .code == "ledger_incomplete" and (.sites | contains("dma_out"))))' \
		--arg hook "$hook" <<< "$output"
}

@test "with types from a file fentry cannot be used, with the reason" {
	doctor --btf /sys/kernel/btf/vmlinux | jq -e '[.sites[].methods[] | select(.method == "fentry")] |
		length > 3 and all(.status == "closed" and (.findings | all(.code == "hooks_refused" and .refusal == "not_own_btf")))'
}

@test "as any user doctor ends with 77 and lists what is missing and what is unknown, with nothing on stderr" {
	run --separate-stderr unprivileged "$HARNESS" doctor
	[ "$status" -eq 77 ]
	[ -z "$stderr" ]
	[[ $output == *CAP_BPF*CAP_PERFMON* ]]
	run --separate-stderr unprivileged "$HARNESS" doctor --json
	keep_output
	[ "$status" -eq 77 ]
	jq -e '.schema == "harness.doctor/1" and .verdict == "nothing" and .probes == null and
		(.checks.capabilities.value | .may_trace == false and (.missing | index("CAP_BPF") != null)) and
		([.sites[] | select(.needed)] | all(.evidence == null and .status != "ok")) and
		([.sites[].methods[].findings[].code] | index("method_untried") != null) and
		([.findings[].code] == ["ledger_impossible"]) and (.actions[0].code == "run_as_root") and
		(.devices[] | select(.device == "lo") | .mtu > 0 and .offloads.scatter_gather.on)' <<< "$output"
}

@test "the kernel's settings are the numbers /proc has" {
	local document name
	document=$(doctor)
	for name in kernel/unprivileged_bpf_disabled kernel/perf_event_paranoid kernel/kptr_restrict; do
		[ "$(jq --arg name "${name/\//.}" '.checks[$name].value' <<< "$document")" = \
			"$(cat /proc/sys/$name)" ]
	done
	[ "$(jq '.checks["net.core.optmem_max"].value.bytes' <<< "$document")" = \
		"$(cat /proc/sys/net/core/optmem_max)" ]
	[ "$(jq -r .environment.kernel <<< "$document")" = "$(uname -r)" ]
}

@test "memlock bounds the sends of users that are not exempt" {
	jq -e '.checks.RLIMIT_MEMLOCK.value | .bytes == 1048576 and .exempt == false and
		.sends_of_64k == 14' < <(ulimit -l 1024 && unprivileged "$HARNESS" doctor --json)
}

@test "scatter-gather and checksums that are off are reported, with the command that helps" {
	in_namespace true
	run --separate-stderr ip netns exec "$namespace" "$HARNESS" doctor --json
	keep_output
	jq -e '[.devices[] | select(.device | startswith("veth"))] | length == 2 and
		all(.driver == "veth" and .offloads.scatter_gather.on and .offloads.scatter_gather.means == null)' \
		<<< "$output"
	ip netns exec "$namespace" ethtool -K veth0 sg off
	run --separate-stderr ip netns exec "$namespace" "$HARNESS" doctor --json --device veth0
	keep_output
	jq -e '(.devices | length == 1 and (.[0] | .device == "veth0" and (.offloads.scatter_gather |
		.on == false and .fixed == false and [.findings[].code] == ["scatter_gather_off"] and
		(.actions | length == 1 and (.[0] | .code == "turn_on_offload" and .device == "veth0" and
		.offload == "sg"))))) and ([.actions[] | select(.code == "turn_on_offload")] | length == 1)' <<< "$output"
	# its advice has the effect that it promises
	ip netns exec "$namespace" $(jq -r '.devices[0].offloads.scatter_gather.change' <<< "$output")
	ip netns exec "$namespace" ethtool -K veth0 tx off
	run --separate-stderr ip netns exec "$namespace" "$HARNESS" doctor --json --device veth0
	jq -e '[.devices[0].offloads[].findings[].code] == ["tx_checksum_off"] and
		([.actions[] | select(.code == "turn_on_offload").offload] == ["tx"])' <<< "$output"
}

@test "with --path doctor lists the interfaces of the path" {
	doctor --path lo | jq -e '[.devices[].device] == ["lo"]'
	doctor --path veth | jq -e '.devices | length == 2 and all(.driver == "veth" and .mtu > 0) and
		[.[].side] == ["sender", "receiver"]'
}

@test "the offloads in doctor are those of ethtool" {
	local shown
	shown=$(ethtool -k lo | sed -nE 's/^(scatter-gather|generic-segmentation-offload): (on|off).*/\2/p' | paste -sd,)
	[ "$(doctor --device lo | jq -r '.devices[0].offloads | [.scatter_gather.on, .gso.on] |
		map(if . then "on" else "off" end) | join(",")')" = "$shown" ]
}

@test "a running tcpdump is reported with its process and its copies" {
	local pid document inode
	in_namespace true
	doctor --device lo > /dev/null
	ip netns exec "$namespace" tcpdump -i veth0 -w - > /dev/null 2>&1 &
	pid=$!
	timeout 20 sh -c 'until ip netns exec "$1" grep -q " 0003 " /proc/net/packet; do sleep 0.1; done' sh "$namespace"
	document=$(ip netns exec "$namespace" "$HARNESS" doctor --json | tee "$BATS_TEST_TMPDIR/tapped")
	keep_json "$BATS_TEST_TMPDIR/tapped"
	run ip netns exec "$namespace" "$HARNESS" doctor
	"$HARNESS" doctor --json > "$BATS_TEST_TMPDIR/outside" # the tap is in another namespace
	keep_json "$BATS_TEST_TMPDIR/outside"
	inode=$(ip netns exec "$namespace" stat -Lc %i /proc/self/ns/net)
	kill $pid
	wait $pid || true
	jq -e --argjson pid $pid '([.taps[] | select(.owners[0].pid == $pid)] | length == 1 and (.[0] | .sees_sends and
		.namespace == null and .device == "veth0" and .owners[0].comm == "tcpdump" and
		[.findings[].code] == ["tap_clones"])) and
		any(.actions[]; .code == "end_tap" and .pid == $pid and .comm == "tcpdump")' <<< "$document"
	jq -e --argjson pid $pid --argjson inode "$inode" '.taps | any(.owners[0].pid == $pid and
		.namespace == $inode and .device == "veth0")' "$BATS_TEST_TMPDIR/outside"
	[[ $output == *"pid $pid (tcpdump)"* ]]
	"$HARNESS" doctor --json | jq -e --argjson pid $pid '.taps | all(.owners | all(.pid != $pid))'
}

# switches: "TID SWITCHES" of each task
switches() {
	cat /proc/[0-9]*/task/[0-9]*/status 2> /dev/null |
		awk '/^Pid:/ { tid = $2; sum = 0 } /ctxt_switches:/ { sum += $2 } /^nonvoluntary/ { print tid, sum }' | sort
}

# Not from the event trace, which here lacks most switches away from an idle CPU.
@test "a task that doctor reports without BPF was on a processor, by /proc" {
	local thread
	switches > "$BATS_TEST_TMPDIR/before"
	"$HARNESS" doctor --json > "$BATS_TEST_TMPDIR/doctor" || true
	switches > "$BATS_TEST_TMPDIR/after"
	jq -e '.checks.bpf_runs.value | type == "array"' "$BATS_TEST_TMPDIR/doctor"
	comm -13 "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" > "$BATS_TEST_TMPDIR/switched"
	grep -q . "$BATS_TEST_TMPDIR/switched"
	for thread in $(jq '.checks.bpf_runs.value[].thread' "$BATS_TEST_TMPDIR/doctor"); do
		grep -q "^$thread " "$BATS_TEST_TMPDIR/switched" ||
			(grep -q "^$thread " "$BATS_TEST_TMPDIR/before" && ! grep -q "^$thread " "$BATS_TEST_TMPDIR/after")
	done
}

@test "methods that are not used are listed with --verbose, and where a site is missing" {
	local closed
	closed=$(doctor | jq '[.sites[], .beside[]] | unique_by(.methods) | [.[].methods[] | select(.chosen | not)] | length')
	[ "$closed" -gt 0 ]
	[ "$(grep -cE 'cannot be used:|could be used too:' "$DOCTOR.text")" -eq 0 ]
	run --separate-stderr "$HARNESS" doctor --verbose
	[ "$(grep -cE 'cannot be used:|could be used too:' <<< "$output")" -ge "$closed" ]
}

@test "bad input is refused: one line, exit 2, nothing on stdout" {
	for words in --colour --device "--device nope" "--path xx" walk "--attach foo" --json=3 \
		"--device lo --path lo" "--device lo --device lo"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$HARNESS" doctor $words
		[ "$status" -eq 2 ]
		[ -z "$output" ]
		one_line "$stderr"
	done
}

@test "the text of doctor is ASCII and fits 100 columns" {
	[ -s "$DOCTOR.text" ]
	! LC_ALL=C grep -q '[^ -~]' "$DOCTOR.text"
	[ "$(wc -L < "$DOCTOR.text")" -le 100 ]
}
