#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# external.sh [OBJECT...]: each external name of the objects of user/, and of these, is used by another object.
#
# What only its own file uses is to be static. Prints what is not; exits 1 if anything is.
set -eu
cd "$(dirname "$0")/../.."

# Used by a unit test or a fuzz target beside their own file.
tested='account__is_empty baseline__parse choices__distance choices__nearest container__parse
	eight_sends group_report__names kernel_types__are_sound libbpf_log__take method__name method__why one_copy row__peer split__is_piece
	symbols__free symbols__read taps__parse two_copy watch_taps__add witness__disagrees
	zero_copy'

mapfile -t objects < <(find user -name '*.c' | sed 's|^|build/|; s|c$|o|')
nm -A -P "${objects[@]}" "$@" | awk -v tested="main $tested" '
	BEGIN { split(tested, names); for (i in names) allowed[names[i]] }
	$3 == "U" { used[$2] }
	$3 ~ /^[TDBR]$/ { sub(/^build\//, "", $1); sub(/\.o:$/, ".c", $1); file[$2] = $1 }
	END {
		for (name in file)
			if (!(name in used) && !(name in allowed)) {
				print file[name] ": only this file uses " name
				bad = 1
			}
		for (name in allowed)
			if (name != "main" && (!(name in file) || name in used)) {
				print "tests/lint/external.sh: " name " needs no exception"
				bad = 1
			}
		exit bad
	}'
