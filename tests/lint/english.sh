#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# english.sh [FILE...]: the words that this project does not use, where they are used; default: all its files.
#
# Each has a plainer one: a process or a caller for "who", pinned for "lent", a method for "way",
# reported for "said", counted for "booked", a baseline run for "twin", done again for "made again".
set -eu
cd "$(dirname "$0")/../.."

words='who|whoever|nobody|anybody|somebody|lend|lends|lent|lender|lending|told|said|said aloud|hangs? on'
words+='|hits?|ways?|book|books|booked|booking|twins?|made again|as it is'

files() {
	git ls-files -- '*.c' '*.h' '*.py' '*.toml' '*.css' '*.js' '*.sh' '*.bash' '*.bats' '*.bt' '*.h2m' '*.md' \
		Makefile debian .ci | grep -vE "^tests/analysis/data/|^tests/lint/(english|lint)"
}

# Phrases in which "way" is plain English, and an old option that scripts still have.
allowed='(on|in|under) (the |its |their |this )?way|the other way round|either way|way out|"way, or|--twins|"twins"'

[ $# -gt 0 ] || mapfile -t < <(files)
[ $# -gt 0 ] || set -- "${MAPFILE[@]}"
found=0
mapfile -t suspects < <(grep -lwiE "$words" "$@" || true)
for file in "${suspects[@]}"; do
	if lines=$(sed -E "s/$allowed//g; s/\<[A-Z][a-z]+/\L&/g" "$file" | grep -nEw "$words"); then
		printf '%s\n' "$lines" | sed "s|^|$file:|"
		found=1
	fi
done
exit $found
