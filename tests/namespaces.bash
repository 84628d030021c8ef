# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Three namespaces of a test, linked as the test needs, and runs of the harness between two of them.

setup() {
	# unique names for this run; short, as interfaces are named after them
	HTA=a$$ HTR=r$$ HTB=b$$
	for name in $HTA $HTR $HTB; do
		ip netns add $name
		ip -n $name link set lo up
	done
}

teardown() {
	# shellcheck disable=SC2086 # of several taps
	[ -z "${tap:-}" ] || kill $tap || true
	for name in $HTA $HTR $HTB; do
		ip netns del $name
	done
}

# link FROM TO: a veth pair between two namespaces, each end named after the other namespace
link() {
	ip link add "to-$2" netns "$1" type veth peer name "to-$1" netns "$2"
	ip -n "$1" link set "to-$2" up
	ip -n "$2" link set "to-$1" up
}

# pair FROM ADDRESS TO ADDRESS: link() with addresses
pair() {
	link "$1" "$3"
	ip -n "$1" address add "$2/24" dev "to-$3"
	ip -n "$3" address add "$4/24" dev "to-$1"
}

# by_every_method CONDITION ARGS...: the condition holds for a run of zero_copy by each method of this kernel
by_every_method() {
	local condition=$1 method
	shift
	condition=".valid and .residual == {\"send\": 0, \"receive\": 0} and ($condition)"
	kernel_is_known
	for method in $(methods); do
		echo "by $method:"
		ledger_in "$BATS_TEST_TMPDIR/ledger" --trace copies --path netns:$HTA,$HTB --attach $method \
			--size 64K --messages 150 "$@" || return 1
		every_run "$BATS_TEST_TMPDIR/ledger" "$condition" || return 1
	done
}

# Sent bytes, retransmits included: each transmission of a pinned byte is copied.
SENT='(.payload_bytes + .retransmits.bytes)'
