# SPDX-License-Identifier: GPL-2.0
# What `make install` puts where: the program, analysis/, the schemas, the man pages and the completion of bash.

load ../helpers
unset HARNESS # make would build that one

setup_file() {
	export PREFIX=$BATS_FILE_TMPDIR/prefix
	make install PREFIX="$PREFIX"
}

@test "installed outside the checkout, every command answers, and verify judges what report shows" {
	local results=$PWD/tests/analysis/data/lo
	cd "$BATS_TEST_TMPDIR"
	"$PREFIX/bin/harness" --trace none --messages 10
	for command in run advise doctor watch verify report; do
		"$PREFIX/bin/harness" $command --help
	done
	"$PREFIX/bin/harness" verify --out "$results" --json > verdicts.json
	keep_json verdicts.json
	jq -e '.claims | length > 10' verdicts.json
	"$PREFIX/bin/harness" report --to page "$results" || [ $? -eq 1 ]
	[ -s page/page.html ]
}

@test "the schema of each document is installed, and what it refers to" {
	for name in ledger run watch doctor verify environment runs_line summary; do
		jq -e '.title and ."$schema"' "$PREFIX/share/harness/schema/$name.json"
	done
	for name in $(jq -r '.. | ."$ref"? // empty | select(startswith("#") | not) | sub("#.*"; "")' \
		"$PREFIX"/share/harness/schema/*.json | sort -u); do
		[ -s "$PREFIX/share/harness/schema/$name" ]
	done
}

@test "without analysis/ verify names the two places" {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	cp "$PREFIX/bin/harness" "$BATS_TEST_TMPDIR/bin"
	run --separate-stderr "$BATS_TEST_TMPDIR/bin/harness" verify
	[ "$status" -eq 77 ]
	[[ $stderr == *"analysis/verify.py"*"beside the program"*"../share/harness"* ]]
}

@test "DESTDIR stands before PREFIX, and uninstall leaves no file" {
	make install DESTDIR="$BATS_TEST_TMPDIR/stage" PREFIX=/usr
	[ -x "$BATS_TEST_TMPDIR/stage/usr/bin/harness" ]
	"$BATS_TEST_TMPDIR/stage/usr/bin/harness" verify --help
	make uninstall DESTDIR="$BATS_TEST_TMPDIR/stage" PREFIX=/usr
	[ -z "$(find "$BATS_TEST_TMPDIR/stage" -type f)" ]
}

@test "each command has a man page with its options, which the linters of man pages accept" {
	local pages=$PREFIX/share/man/man1
	for page in harness harness-{run,advise,doctor,watch,verify,report}; do
		mandoc -Tlint -Wwarning "$pages/$page.1"
		run man --warnings -l -Tutf8 -Z "$pages/$page.1"
		[ "$status" -eq 0 ]
		[[ $output != *"warning:"* ]]
		for section in NAME SYNOPSIS EXAMPLES "EXIT STATUS" "SEE ALSO"; do
			grep -qE "^\.SH \"?$section\"?$" "$pages/$page.1"
		done
		grep -q "^$page \\\\- [a-z]" "$pages/$page.1"
	done
	for command in run advise doctor watch verify report; do
		grep -qx '.SH OVERHEAD' "$pages/harness-$command.1"
		for option in $("$PREFIX/bin/harness" $command --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--.*'); do
			man -l -Tascii "$pages/harness-$command.1" | col -b | grep -qE -- "^ +(-., )?$option" || {
				echo "harness-$command(1) lacks $option"
				return 1
			}
		done
	done
}

# complete LINE: what bash offers for the last word of a command line, a line each, sorted. Words are split as
# bash splits them: = and : are words of their own.
complete() {
	bash -c '
		source "$1"
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=()
		rest=$2
		while [[ $rest =~ ^[[:blank:]]*([=:]|[^[:blank:]=:]+)(.*)$ ]]; do
			COMP_WORDS+=("${BASH_REMATCH[1]}")
			rest=${BASH_REMATCH[2]}
		done
		[[ $2 != *[[:blank:]] ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_harness "$3"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$PREFIX/share/bash-completion/completions/harness" \
		"$1" "$PREFIX/bin/harness" | LC_ALL=C sort
}

# offers LINE WORD...: these and no others
offers() {
	local line=$1 wanted
	shift
	wanted=$(printf '%s\n' "$@" | LC_ALL=C sort)
	diff <(echo "$wanted") <(complete "$line")
}

@test "bash completes commands, options and values from the program's own tables" {
	offers "harness " advise doctor help report run verify watch
	offers "harness ver" verify
	offers "harness help wa" watch
	offers "harness --tr" --trace --transport
	offers "harness run --trace " all copies counters none sched
	offers "harness run --transport " all eight_sends one_copy sendfile sendfile_corked splice splice+splice two_copy \
		uring_send uring_send+uring uring_zc writev zero_copy zero_copy+mapped
	offers "harness run --transport one_copy,t" one_copy,two_copy
	offers "harness run --transport=t" two_copy
	offers "harness --attach k" kprobe
	offers "harness watch --attach " auto fentry kprobe tracepoint
	offers "harness watch --by " cgroup container peer process socket
	offers "harness watch --report " tap: junit:
	offers "harness run --mode " rr stream
	offers "harness run --path " lo netns: nic: veth
	offers "harness run --path v" veth
	offers "harness verify --qu" --quick
	offers "harness report --t" --to
	offers "harness run --out " ""
}

@test "every option that --help shows is completed, and no hidden one" {
	for command in run advise doctor watch verify report; do
		diff <("$PREFIX/bin/harness" $command --help | grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' | grep -oE -- '--.*' | LC_ALL=C sort) \
			<(complete "harness $command --")
	done
}

@test "bash completes the names of interfaces in a path, one after the other" {
	local line
	[[ $(complete "harness run --path nic:l") == lo, ]]
	! complete "harness run --path nic:lo," | grep -qx "lo,lo"
	line=$(ip -o link show | sed -n 's/^[0-9]*: \([^:@]*\).*/\1/p' | grep -vx lo | head -1)
	[ -n "$line" ]
	complete "harness doctor --path nic:lo," | grep -qx "lo,$line"
	offers "harness doctor --device $line" "$line"
}

@test "after watch -- bash completes the names of programs" {
	complete "harness watch -- bas" | grep -qx bash
	complete "harness watch --json -- bash -" | grep -qx ""
}
