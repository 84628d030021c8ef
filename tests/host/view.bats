# SPDX-License-Identifier: GPL-2.0
# The live view, on terminals of three sizes that tmux plays.

load ../helpers

PROGRAMS=$BATS_TEST_DIRNAME/../../build

setup() {
	SOCKET=harness-view-$$
	"$PROGRAMS/traffic" send 600 5000 > /dev/null 3>&- &
	TRAFFIC=$!
}

teardown() {
	terminal kill-server || true
	kill "$TRAFFIC"
	wait "$TRAFFIC" || true
}

terminal() {
	tmux -L "$SOCKET" "$@"
}

screen() {
	terminal capture-pane -p
}

# view COLUMNS LINES: a watch, until its first rows are there
view() {
	terminal -f /dev/null new-session -d -x "$1" -y "$2" "'$HARNESS' watch --all 3>&-; echo ended; sleep 60" 3>&-
	until_shown 'traffic\['
}

# until_shown PATTERN: the screen has it
until_shown() {
	for _ in $(seq 200); do
		screen | grep -qE -- "$1" && return
		sleep 0.05
	done
	screen
	return 1
}

# fits COLUMNS LINES: the heads, a total, rows and keys, each in its place, and no line is broken
fits() {
	screen > "$BATS_TEST_TMPDIR/screen"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/screen")" -eq "$2" ]
	awk -v most="$1" 'length > most { exit 1 }
		NR == 2 && !/^process +copies\/byte +sent +recv/ { exit 1 }
		NR == 4 && !/^total of [0-9]+ +[-0-9.]+\/[-0-9.]+ / { exit 1 }
		NR == 5 && !/^[^ ]+ +[-0-9.]+\/[-0-9.]+ / { exit 1 }' "$BATS_TEST_TMPDIR/screen"
	sed -n "$2p" "$BATS_TEST_TMPDIR/screen" | grep -q '^q quit  ? help'
}

@test "at 80x24: rates, order, filter, help, and the totals of the session at the end" {
	view 80 24
	fits 80 24
	[ "$(terminal display -p '#{alternate_on}')" = 1 ]
	screen | sed -n 2p | grep -q 'deferred'
	terminal send-keys s s
	until_shown 's sort: received'
	terminal send-keys /
	until_shown '^filter: _'
	terminal send-keys no-such-name
	until_shown ' 0 of [0-9]+ rows'
	terminal send-keys Escape
	until_shown 'traffic\['
	terminal send-keys '?'
	until_shown '^q +ends the watch'
	terminal send-keys '?'
	until_shown '^total of'
	terminal send-keys q
	until_shown '^ended'
	[ "$(terminal display -p '#{alternate_on}')" = 0 ]
	terminal capture-pane -p -S - | grep -qE '^process +all processes$'
	terminal capture-pane -p -S - | grep -qE '^sent bytes +[1-9][0-9,]+$'
}

@test "at 200x60 every site has a column, which stays; after a new size, too" {
	view 200 60
	fits 200 60
	local place
	screen | sed -n 3p | grep -q 'splice .*switches\|splice .*/s'
	place=$(screen | sed -n 2p)
	sleep 1.2
	[ "$(screen | sed -n 2p)" = "$place" ]
	terminal resize-window -x 100 -y 30
	until_shown '^process .{0,100}$'
	sleep 0.2
	fits 100 30
}

@test "at 40x10: the copies per byte, and what is sent and received" {
	view 40 10
	fits 40 10
	terminal send-keys '?'
	until_shown 'arrows  and Page keys move'
	terminal send-keys '?' C-c
	until_shown '^ended'
}
