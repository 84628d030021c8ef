#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The man page of a command, from its --help and the additions in docs/man/.
#
# man.sh PROGRAM VERSION PAGE    prints PAGE, such as harness or harness-run
#
# help2man reads --help text of argp and argparse, so no option is described twice. This script converts the
# parts that it does not recognise: headings go to the margin, sections between asterisks.
set -eu
[ $# -eq 3 ] || {
	sed -n '3,6s/^# \{0,1\}//p' "$0" >&2
	exit 2
}
program=$1 version=$2 page=$3
command=${page#harness}
command=${command#-}
texts=$(dirname "$0")/../docs/man

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export COLUMNS=1000 # argparse then keeps its usage on one line
if [ -n "$command" ]; then
	summary=$("$program" --help | sed -n "s/^  $command  *//p")
	"$program" "$command" --help > "$work/help"
else
	summary="count where each byte is copied on its way over TCP"
	"$program" --help > "$work/help"
fi
[ -n "$summary" ]
sed -i -E -e 's/^ ([A-Z].*:)$/\1/' -e 's/^usage:/Usage:/' -e 's/^options:/Options:/' \
	-e 's/^positional arguments:/Arguments:/' -e 's/ +$//' \
	-e 's/^Exit status:$/*Exit status*\n/' -e 's/^Exit status: (.)/*Exit status*\n\n\1/' "$work/help"
printf '#!/bin/sh\ncat %s/help\n' "$work" > "$work/$page"
chmod +x "$work/$page"

help2man --no-info --section=1 --name="$summary" --version-string="$version" \
	--source="harness $version" --include="$texts/$page.h2m" --output="$work/$page.1" "$work/$page"
date=$(date -u -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%F)
sed "/^\.TH /s/\"[A-Z][a-z]* [0-9]*\"/\"$date\"/" "$work/$page.1"
