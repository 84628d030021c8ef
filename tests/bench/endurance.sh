#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# All transports, 8 threads, every byte checked, for a long time: nothing is lost and nothing grows.
#
# endurance.sh [SECONDS]     (600)
#
# One process all the time, and many short runs, so that what each leaves behind adds up. Exit status: 0; 1
# when a run is not exact or memory grew; 2 usage.
set -Eeuo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
harness=${HARNESS:-$root/harness}
seconds=${1:-600}
work=$(mktemp -d)
process=
trap '[ -z "$process" ] || kill "$process" 2> /dev/null || true; wait; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM HUP

die() {
	printf 'endurance.sh: %s\n' "$1" >&2
	exit "${2-1}"
}

slab_kb() { awk '$1 == "SUnreclaim:" { print $2 }' /proc/meminfo; }
resident_kb() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$process/status" 2> /dev/null; }

[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "'$seconds': want a whole number of seconds" 2
slab=$(slab_kb)
# a run of each of the four transports takes a second
"$harness" --json --threads 8 --verify --warm-up 0.05 --seconds 0.25 --repeat "$seconds" > "$work/runs" &
process=$!
sleep 4
resident=()
while now=$(resident_kb) && [ -n "$now" ]; do
	resident+=("$now")
	sleep 1
done
wait "$process" || true
process=
# at the end all becomes one document, which takes memory too
[ ${#resident[@]} -gt 5 ] || die 'the harness ended before memory could be compared'
grown=$((resident[-5] - resident[0])) slab=$(($(slab_kb) - slab))
jq -r '.runs | group_by(.transport)[] | "\(.[0].transport): \(length) runs, \(map(.messages) | add) messages, " +
	"\(map(.payload_bytes) | add) bytes, each checked, \(map(.tries - 1) | add) retries, " +
	"\(map(select(.residual != {"send": 0, "receive": 0})) | length) with a residual, " +
	"\(map(select(.valid | not)) | length) invalid"' "$work/runs"
echo "grown by: the harness $grown kB, unreclaimable slab $slab kB"
jq -e '.runs | length > 0 and all(.valid and .residual == {"send": 0, "receive": 0})' "$work/runs" > /dev/null ||
	die "a run is not exact: $(jq -c '[.runs[] | select(.valid | not) | {transport, residual, why_invalid}][0]' "$work/runs")"
# a ledger and its sentences stay for every run, nearly 5 kB
[ $grown -lt $((2048 + seconds * 4 * 6)) ] || die "the harness grew by $grown kB"
[ $slab -lt 65536 ] || die "the kernel grew by $slab kB"
