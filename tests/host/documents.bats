# SPDX-License-Identifier: GPL-2.0
# Every command in README.md and docs/ works: each ```sh block is run here, in the checkout, by bash.
#
# A comment on the line before a block changes that:
#   <!-- not run: REASON -->        it is not run
#   <!-- shortened by: OPTIONS -->  these are added to each of its commands
# /tmp in a command is the test's own folder, and sudo is left out: the tests run as root.

load ../helpers

cd "$BATS_TEST_DIRNAME/../.." || exit 1
DOCUMENTS=(README.md docs/*.md)

setup_file() {
	mkdir -p "$BATS_FILE_TMPDIR/served"
	head -c 5000000 /dev/zero > "$BATS_FILE_TMPDIR/served/file"
	/usr/bin/python3 -m http.server 8000 --bind 127.0.0.1 -d "$BATS_FILE_TMPDIR/served" > /dev/null 2>&1 3>&- &
	echo $! > "$BATS_FILE_TMPDIR/server"
	for _ in $(seq 100); do
		curl -so /dev/null http://127.0.0.1:8000/file && return
		sleep 0.1
	done
	return 1
}

teardown_file() {
	kill "$(cat "$BATS_FILE_TMPDIR/server")"
}

# blocks FILE: the ```sh blocks of a document; of each command a line "LINE MARK COMMAND", tabs between
blocks() {
	awk -v OFS='\t' '
		/^<!-- (not run|shortened by): .+ -->$/ { mark = $0; next }
		/^```sh$/ { inside = 1; next }
		/^```/ && inside { inside = 0; mark = ""; next }
		inside && NF { print NR, mark == "" ? "-" : mark, $0; next }
		!inside { mark = "" }' "$1"
}

run_command() {
	bash -euo pipefail -c "$1" < /dev/null > "$BATS_TEST_TMPDIR/out" 2>&1 3>&-
}

# run_commands FILE LEAST: those that are to be run, one by one; LEAST of them at least
run_commands() {
	local line mark command ran=0
	while IFS=$'\t' read -r line mark command; do
		[[ $mark != *"not run: "* ]] || continue
		if [[ $mark == *"shortened by: "* ]]; then
			mark=${mark#*shortened by: }
			command+=" ${mark% -->}"
		fi
		command=${command//sudo /}
		command=${command//\/tmp\//$BATS_FILE_TMPDIR/}
		echo "$1:$line: $command"
		run_command "$command" || {
			# a watch is not repeated by the program itself
			retries_allowed && missed_in "$(cat "$BATS_TEST_TMPDIR/out")" && run_command "$command" &&
				count_retries 1 "$1:$line"
		} || {
			tail -n 30 "$BATS_TEST_TMPDIR/out"
			return 1
		}
		[ -s "$BATS_TEST_TMPDIR/out" ] || [[ $command == *--output* || $command == *rooms.sh* ]] || {
			echo "printed nothing"
			return 1
		}
		ran=$((ran + 1))
	done < <(blocks "$1")
	[ "$ran" -ge "$2" ]
}

@test "the README is shorter than 10 kB" {
	[ "$(wc -c < README.md)" -lt 10000 ]
}

@test "no command hides in a block of another kind" {
	# indented or unnamed blocks hold formulas and pictures only
	run grep -nE '^(    |\$ )(sudo |\./harness|harness |make |scripts/|tests/|bats |jq )' "${DOCUMENTS[@]}"
	[ "$status" -eq 1 ]
	run grep -nE '^```(bash|shell|console)' "${DOCUMENTS[@]}"
	[ "$status" -eq 1 ]
}

@test "the commands that are not run are few, and their make targets exist" {
	local file line mark command count=0 target
	for file in "${DOCUMENTS[@]}"; do
		while IFS=$'\t' read -r line mark command; do
			[[ $mark == *"not run: "* ]] || continue
			count=$((count + 1))
			for target in $(sed -nE 's/^(sudo )?make ([a-z-]+).*/\2/p' <<< "$command"); do
				make -n "$target" > /dev/null
			done
		done < <(blocks "$file")
	done
	echo "$count commands are not run"
	[ "$count" -gt 0 ] && [ "$count" -le 18 ]
}

@test "files and documents that are linked or named exist" {
	local file name
	for file in "${DOCUMENTS[@]}"; do
		for name in $(grep -oE '\]\([^)#]+\)' "$file" | tr -d '])('); do
			[ -e "$(dirname "$file")/$name" ] || {
				echo "$file links to $name"
				return 1
			}
		done
		for name in $(grep -oE '`(bpf|user|analysis|scripts|tests|docs|vmlinux)/[A-Za-z0-9_./-]+`' "$file" | tr -d '`'); do
			# a pattern, and what `bench.sh --accept` writes
			[ -e "$name" ] || [[ $name == @(bpf/NAME.bpf.c|tests/bench/baseline.json) ]] || {
				echo "$file names $name"
				return 1
			}
		done
	done
}

@test "the commands of README.md work" {
	run_commands README.md 8
}

@test "the commands of docs/contributing.md work" {
	run_commands docs/contributing.md 7
}

@test "the commands of docs/method.md work" {
	run_commands docs/method.md 4
}

@test "the commands of docs/output.md work" {
	run_commands docs/output.md 5
}

@test "the commands of docs/runs.md work" {
	run_commands docs/runs.md 13
}

@test "the commands of docs/security.md work" {
	run_commands docs/security.md 1
}

@test "the commands of docs/ci.md work" {
	run_commands docs/ci.md 3
}

@test "the commands of docs/benchmarks.md work" {
	run_commands docs/benchmarks.md 1
}

@test "every document is tested above" {
	local file
	for file in "${DOCUMENTS[@]}"; do
		[ -z "$(blocks "$file")" ] || grep -q "^	run_commands $file [0-9]" "$BATS_TEST_FILENAME" || {
			echo "$file has commands that are not run"
			return 1
		}
	done
}

@test "a harness command in the man pages' examples has the options of its --help" {
	local file command option
	for file in docs/man/*.h2m; do
		while read -r command; do
			read -ra words <<< "${command#sudo }"
			"$HARNESS" "${words[1]}" --help > "$BATS_TEST_TMPDIR/help"
			for option in $(grep -oE -- ' --[a-z-]+' <<< "$command"); do
				grep -qE -- "$option\b" "$BATS_TEST_TMPDIR/help" || {
					echo "$file: $command: no $option"
					return 1
				}
			done
		done < <(sed 's/\\-/-/g' "$file" | grep -E '^(sudo )?harness ')
	done
}
