#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The experiments of the reports, and a default one: 4 transports x 4 sizes x 4 thread counts, that is 64
# combinations, each with and without probes.
#
# run_experiments.sh [OPTION...] [default|r1|r2|r3|r4|r5]...
#
#   --quick      0.2 s a run, one repeat, no warm-up: a test that everything works
#   --seconds S  S a run instead of the time of the report
#   --path PATH  a path other than the report's, in the form of harness --path
#   --repeat N   repeats of every combination; default 12 for the default experiment, else 1; 6 give an
#                interval, 12 give intervals for all comparisons of transports together
#   --out DIR    makes a directory for each experiment there; default ./results
#   --dry-run    print the commands and run none
#
# The same command continues an interrupted experiment, with the options of the first time.
set -eu
: "${HARNESS:=$(dirname "$0")/../harness}"

THREE=two_copy,one_copy,zero_copy
# A1 of the reports: R1 and R3 send field by field, R2 and R5 pack; where a report leaves this open, both are
# run. Values that a report leaves open: R1 and R5 take 5 s, R5 the sizes of R1, R4 the loopback.
FOUR=two_copy,eight_sends,one_copy,zero_copy

# options NAME: the options of the harness for an experiment; empty for an unknown name
options() {
	case $1 in
	default) echo "--transport $FOUR --size 512,4096,16384,65536 --threads 1,2,4,8 --seconds 0.05 --path lo" ;;
	r1) echo "--transport $FOUR --size 512,4096,16384,65536 --threads 1,2,4,8 --seconds 5 --path veth" ;;
	r2) echo "--transport $THREE --size 64,256,1024,4096 --threads 1,2,4,8 --seconds 5 --path veth" ;;
	r3) echo "--transport $FOUR --size 64,512,4096,65536 --threads 1,2,4,8 --seconds 10 --path lo" ;;
	r4) echo "--transport $FOUR --size 1024,4096,16384,65536 --threads 1,2,4,8 --seconds 5 --path lo" ;;
	r5) echo "--transport $THREE --size 512,4096,16384,65536 --threads 1,2,4,8 --seconds 5 --path veth" ;;
	esac
}

usage() {
	[ $# -eq 0 ] || echo "run_experiments.sh: $1" >&2
	sed -n '3,16s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

warm_up=
seconds=
path=
run=
repeat=
out=results
names=()
while [ $# -gt 0 ]; do
	case $1 in
	--quick)
		seconds=0.2
		repeat=${repeat:-1}
		warm_up=0
		;;
	--dry-run) run="echo" ;;
	--seconds | --path | --repeat | --out)
		[ $# -ge 2 ] || usage "$1: want a value"
		printf -v "${1#--}" %s "$2"
		shift
		;;
	-*) usage "$1: unknown option" ;;
	*)
		[ -n "$(options "$1")" ] || usage "$1: unknown experiment"
		names+=("$1")
		;;
	esac
	shift
done
[ ${#names[@]} -gt 0 ] || names=(default)

status=0
for name in "${names[@]}"; do
	if [ -e "$out/$name/runs.jsonl" ]; then
		words=(--resume "$out/$name")
	else
		read -ra words <<< "$(options "$name")"
		for ((i = 0; i < ${#words[@]}; i++)); do
			[ -z "$seconds" ] || [ "${words[i]}" != --seconds ] || words[i + 1]=$seconds
			[ -z "$path" ] || [ "${words[i]}" != --path ] || words[i + 1]=$path
		done
		# so many short runs follow each other that the machine is warm
		[ "$name" = default ] && repeats=12 warm=0 || repeats=1 warm=$warm_up
		words=(--trace all "${words[@]}" ${warm:+--warm-up "$warm"} --repeat "${repeat:-$repeats}" --out "$out/$name")
	fi
	[ -n "$run" ] || mkdir -p "$out"
	echo "$name: $HARNESS ${words[*]}" >&2
	$run "$HARNESS" "${words[@]}" || status=$?
	[ $status -lt 128 ] || exit $status
done
exit $status
