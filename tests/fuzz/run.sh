#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh SECONDS: each fuzz target with its corpus, then with new inputs for SECONDS. Speaks TAP.
#
# What is new and reaches new code is kept in build/fuzz/corpus, what fails beside it; a failure's input goes to
# tests/fuzz/corpus once it is mended.
set -u
cd "$(dirname "$0")/../.." || exit 1
build=build/fuzz

# fuzz TARGET SECONDS: a failure's input and the place are in TARGET.log
fuzz() {
	local found=$build/corpus/$1
	mkdir -p "$found"
	# 3: what the harness prints about each input
	"$build/tests/fuzz/$1" -max_total_time="$2" -timeout=5 -rss_limit_mb=1024 -max_len=16384 -close_fd_mask=3 \
		-print_final_stats=1 -artifact_prefix="$build/$1-" "$found" "tests/fuzz/corpus/$1" \
		> "$build/$1.log" 2>&1 < /dev/null
	echo $? > "$build/$1.status"
}

targets=$(basename -s .c -a tests/fuzz/*.c)
for target in $targets; do
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
		wait -n
	done
	fuzz "$target" "$1" &
done
wait

number=0 failed=0
echo "1..$(wc -w <<< "$targets")"
for target in $targets; do
	number=$((number + 1))
	inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$target.log")
	if [ "$(cat "$build/$target.status")" -eq 0 ] && [ "${inputs:-0}" -gt 100 ]; then
		echo "ok $number fuzz target $target: $inputs inputs"
	else
		echo "not ok $number fuzz target $target"
		tail -n 40 "$build/$target.log" | sed 's/^/# /'
		failed=1
	fi
done
exit $failed
