# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Three namespaces of a test's own, joined as it likes, and runs of the harness between two of them.

setup() {
	# names of this run alone; an interface is named after one, so they are short
	HTA=a$$ HTR=r$$ HTB=b$$
	for name in $HTA $HTR $HTB; do
		ip netns add $name
		ip -n $name link set lo up
	done
}

teardown() {
	[ -z "${tap:-}" ] || kill "$tap" || true
	for name in $HTA $HTR $HTB; do
		ip netns del $name
	done
}

# link FROM TO: a veth pair between two namespaces, each end named for the other
link() {
	ip link add "to-$2" netns "$1" type veth peer name "to-$1" netns "$2"
	ip -n "$1" link set "to-$2" up
	ip -n "$2" link set "to-$1" up
}

# pair FROM ADDRESS TO ADDRESS: the same with addresses
pair() {
	link "$1" "$3"
	ip -n "$1" address add "$2/24" dev "to-$3"
	ip -n "$3" address add "$4/24" dev "to-$1"
}

# may_have_skipped LEDGER: before 6.8 a kernel does not say which kprobes it skipped, and of as many bytes as were
# sent again nothing else does (README)
may_have_skipped() {
	jq -e '([.probes[] | select(.status == "attached" and .attach == "kprobe" and .missed == null)] | length > 0) and
		([.runs[].retransmits.bytes] | add > 0)' "$1" > /dev/null
}

# by_every_way CONDITION ARGS...: holds for a run of zero_copy by each way this kernel has
by_every_way() {
	local condition=$1 way ways=0 try
	shift
	condition=".valid and .residual == {\"send\": 0, \"receive\": 0} and ($condition)"
	for way in fentry tracepoint kprobe; do
		has_way $way || continue
		ways=$((ways + 1))
		for try in 1 2 3; do
			ledger_in "$BATS_TEST_TMPDIR/ledger" --trace copies --path netns:$HTA,$HTB --attach $way \
				--size 64K --messages 150 "$@" || return 1
			! every_run "$BATS_TEST_TMPDIR/ledger" "$condition" || break
			echo "by $way, try $try"
			[ $try -lt 3 ] && may_have_skipped "$BATS_TEST_TMPDIR/ledger" || return 1
		done
	done
	[ $ways -gt 0 ]
}

# What was sent, retransmissions included: every transmission of a pinned byte is copied again.
SENT='(.payload_bytes + .retransmits.bytes)'
