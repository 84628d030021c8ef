# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # stderr is of bats
# What another user planted where results are written changes no file of ours.

load ../helpers

OTHER=65534

setup() {
	unset SUDO_UID
	DIR=$BATS_TEST_TMPDIR/out
	PRECIOUS=$BATS_TEST_TMPDIR/precious
	echo precious > "$PRECIOUS"
	chmod 600 "$PRECIOUS"
}

teardown() {
	[ "$(cat "$PRECIOUS")" = precious ]
}

# planted LINK TARGET: a symbolic link of another user's
planted() {
	ln -s "$2" "$1"
	chown -h $OTHER "$1"
}

# refused WORDS ARGS...: one line with these words
refused() {
	run --separate-stderr "$HARNESS" "${@:2}"
	[ "$status" -ne 0 ]
	[ "$(wc -l <<< "$stderr")" -eq 1 ]
	[[ $stderr == "harness"*": "*"$1"* ]]
}

results() {
	"$HARNESS" run --trace none --transport one_copy --size 64K --messages 20 "$@"
}

@test "--out: another user's folder or link is refused, one that sudo was called by is not" {
	mkdir "$BATS_TEST_TMPDIR/mine" "$BATS_TEST_TMPDIR/theirs"
	chown $OTHER "$BATS_TEST_TMPDIR/theirs"
	planted "$BATS_TEST_TMPDIR/link" mine
	for name in theirs link link/below; do
		refused "another user" run --out "$BATS_TEST_TMPDIR/$name"
	done
	[ -z "$(ls "$BATS_TEST_TMPDIR/mine")" ]
	SUDO_UID=$OTHER results --out "$BATS_TEST_TMPDIR/theirs"
	ln -s mine "$BATS_TEST_TMPDIR/own"
	results --out "$BATS_TEST_TMPDIR/own"
	[ -s "$BATS_TEST_TMPDIR/mine/results.csv" ]
}

@test "--out and --resume: a file of theirs inside is not followed" {
	mkdir "$DIR"
	planted "$DIR/.environment.json.new" "$PRECIOUS"
	planted "$DIR/.results.csv.new" "$PRECIOUS"
	results --out "$DIR"
	[ ! -L "$DIR/results.csv" ]
	rm "$DIR/results.csv"
	planted "$DIR/results.csv" "$PRECIOUS"
	refused results.csv run --resume "$DIR"
	rm "$DIR/results.csv" "$DIR/runs.jsonl"
	mkfifo "$DIR/runs.jsonl"
	refused "no regular file" run --resume "$DIR"
}

@test "watch --output: their link is refused, ours and a descriptor will do" {
	planted "$BATS_TEST_TMPDIR/link" "$PRECIOUS"
	refused "another user" watch --output "$BATS_TEST_TMPDIR/link" -- true
	ln "$PRECIOUS" "$BATS_TEST_TMPDIR/second"
	refused "several names" watch --output "$BATS_TEST_TMPDIR/second" -- true
	rm "$BATS_TEST_TMPDIR/second"
	ln -s results.json "$BATS_TEST_TMPDIR/own"
	"$HARNESS" watch --json --output "$BATS_TEST_TMPDIR/own" -- true
	jq -e .valid "$BATS_TEST_TMPDIR/results.json"
	"$HARNESS" watch --json --output /dev/fd/5 -- true 5> "$BATS_TEST_TMPDIR/five"
	jq -e .valid "$BATS_TEST_TMPDIR/five"
}

@test "report: what another user planted is replaced or refused, and a run's path names no other folder" {
	"$HARNESS" run --trace copies --transport one_copy --size 64K --messages 20 --out "$DIR" > /dev/null
	mkdir "$DIR/report" "$BATS_TEST_TMPDIR/theirs"
	planted "$DIR/report/.page.md.new" "$PRECIOUS"
	chown $OTHER "$BATS_TEST_TMPDIR/theirs"
	refused "another user" report "$DIR" --to "$BATS_TEST_TMPDIR/theirs"
	sed -i "s,\"path\":\"lo\",\"path\":\"../../\\\\\" onload=x <b>\",g" "$DIR/runs.jsonl"
	"$HARNESS" report "$DIR"
	[ "$(find "$BATS_TEST_TMPDIR" -newer "$DIR/runs.jsonl" -type f -name '*.png' -not -path "$DIR/report/*")" = "" ]
	compgen -G "$DIR/report/*.png"
	python3 -c 'import html.parser, sys
class Attributes(html.parser.HTMLParser):
    def handle_starttag(self, tag, given):
        assert tag != "b" and "onload" not in dict(given), (tag, given)
Attributes().feed(sys.stdin.read())' < "$DIR/report/page.html"
}

@test "no program and no module that the environment leads to is started" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	for name in ip python3 ethtool sh; do
		printf '#!/bin/sh\ntouch "%s/started"\nexit 1\n' "$BATS_TEST_TMPDIR" > "$BATS_TEST_TMPDIR/bin/$name"
		chmod +x "$BATS_TEST_TMPDIR/bin/$name"
	done
	PATH=$BATS_TEST_TMPDIR/bin:$PATH results --path veth
	echo "open('$BATS_TEST_TMPDIR/started', 'w')" > "$BATS_TEST_TMPDIR/bin/tomllib.py"
	cp "$BATS_TEST_TMPDIR/bin/tomllib.py" "$BATS_TEST_TMPDIR/bin/argparse.py"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH PYTHONPATH=$BATS_TEST_TMPDIR/bin "$HARNESS" report --help > /dev/null
	[ ! -e "$BATS_TEST_TMPDIR/started" ]
}

@test "a file that is opened does not become a closed standard error, and get the messages" {
	bash -c '"$HARNESS" watch --json --output "$1" -- true 2>&-' bash "$BATS_TEST_TMPDIR/results.json"
	jq -e .valid "$BATS_TEST_TMPDIR/results.json"
}
