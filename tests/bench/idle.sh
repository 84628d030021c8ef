#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The programs that the harness attaches by one way, attached but idle (idle.c), until it is killed.
#
# idle.sh WAY [TRANSPORTS]     uses $HARNESS; fentry, kprobe, tracepoint or auto, in runs of these (all)
set -Eeuo pipefail
programs=$("$HARNESS" --json --trace all --attach "$1" --transport "${2:-all}" --messages 1 --size 8 |
	jq -r '[.probes[] | select(.status == "attached") | .program] | unique | .[]')
# shellcheck disable=SC2086 # words
exec "$(dirname "$0")/../../build/tests/bench/idle" $programs
