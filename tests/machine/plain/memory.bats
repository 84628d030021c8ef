# SPDX-License-Identifier: GPL-2.0
# A machine of a gibibyte: a run that does not fit is refused, not killed.

load ../../helpers

@test "runs that need more memory than there is are refused before the first of them" {
	run --separate-stderr "$HARNESS" --trace none --transport one_copy,zero_copy --size 64K,16M \
		--threads 1,64 --messages 100 --out "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	one_line "$stderr"
	[[ $stderr == *"64 threads and messages of 16M bytes need 3.0 GiB"*"are available"* ]]
	[ ! -s "$BATS_TEST_TMPDIR/out/runs.jsonl" ]
	# what fits is run
	"$HARNESS" --trace none --transport zero_copy --size 16M --threads 2 --messages 4
}
