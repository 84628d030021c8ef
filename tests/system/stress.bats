# SPDX-License-Identifier: GPL-2.0
# Many connections, each CPU busy, and softirqs full of other packets: the probes miss nothing.

load ../helpers

TRAFFIC=$BATS_TEST_DIRNAME/../../build/traffic

setup() {
	noise=()
	for kind in send zerocopy sendfile; do
		"$TRAFFIC" "$kind" 600 > /dev/null 3>&- &
		noise+=($!)
	done
	for _ in $(seq "$(nproc)"); do
		sh -c 'while :; do :; done' 3>&- &
		noise+=($!)
	done
}

teardown() {
	kill "${noise[@]}" 2> /dev/null || true
}

@test "a storm on every processor makes no probe miss anything" {
	ledger_in "$BATS_TEST_TMPDIR/ledger" --trace all --size 4K --threads 32 --messages 3200
	kill -0 "${noise[@]}"
	every_run "$BATS_TEST_TMPDIR/ledger" '.valid and .payload_bytes == 3200 * 4096 and
		.residual == {"send": 0, "receive": 0}'
	jq -e '[.probes[] | select(.status == "attached")] | length > 0 and all(.missed == null or .missed == 0)' \
		"$BATS_TEST_TMPDIR/ledger"
}
