# SPDX-License-Identifier: GPL-2.0
# What the doctor finds on a kernel as its makers left it.

load ../../helpers

@test "BPF is kept away from no task" {
	"$HARNESS" doctor --json > "$BATS_TEST_TMPDIR/doctor"
	keep_json "$BATS_TEST_TMPDIR/doctor"
	jq -e '.checks.bpf_runs | .value == [] and .status == "ok"' "$BATS_TEST_TMPDIR/doctor"
}
