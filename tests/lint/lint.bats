# SPDX-License-Identifier: GPL-2.0
# What every change must pass: form, linters, and that the build knows its dependencies.

sources() {
	git ls-files -- '*.c' '*.h'
}

@test "every source is formatted by clang-format" {
	sources | xargs -P "$(nproc)" -n 40 clang-format --dry-run --Werror
}

@test "cppcheck finds nothing" {
	cppcheck -j "$(nproc)" --enable=warning,performance,portability --error-exitcode=1 --quiet --inline-suppr \
		--suppress=missingIncludeSystem -I. -Iuser -D__x86_64__ "-DLIBBPF_OPTS(type,name,...)=struct type name" \
		"-Dbpf_object__for_each_program(one,all)=while ((one = all))" \
		"-Djson_array_foreach(all,i,one)=while ((i = 0, one = all))" \
		"-Djson_object_foreach(all,key,one)=while ((key = 0, one = all))" \
		user tests/unit tests/traffic.c vmlinux/check.c
}

@test "clang-tidy finds nothing" {
	make harness
	git ls-files -z -- 'user/*.c' 'tests/*.c' vmlinux/check.c |
		xargs -0 -P "$(nproc)" -n 20 sh -c 'clang-tidy --quiet "$@" -- -std=gnu11 -D_GNU_SOURCE \
			-pthread -I. -Iuser -Ibuild' sh
}

@test "flake8 and mypy find nothing in the Python files" {
	mypy --cache-dir build/mypy analysis/*.py &
	git ls-files -- '*.py' | xargs flake8
	wait $!
}

# Left out: the files that misspell words on purpose.
@test "codespell finds no misspelt word" {
	git ls-files -- ':!tests/unit/test_choices.c' ':!tests/unit/test_command.c' \
		':!tests/unit/test_options.c' ':!tests/unit/test_watch_options.c' ':!tests/system/usage.bats' |
		xargs codespell
}

@test "the words that this project does not use are not used" {
	tests/lint/english.sh
}

@test "a word that this project does not use is found" {
	printf '%s\n' '/* Whoever sends it. */' '/* it was lent */' '/* by each way */' > "$BATS_TEST_TMPDIR/bad.c"
	run tests/lint/english.sh "$BATS_TEST_TMPDIR/bad.c"
	[ "$status" -eq 1 ]
	[ "${#lines[@]}" -eq 3 ]
}

@test "shellcheck finds nothing" {
	git ls-files -- '*.sh' .ci/run scripts/completion.bash | xargs shellcheck -x
}

@test "every source says its licence on line 1" {
	git ls-files -z -- '*.c' '*.h' '*.sh' '*.bats' Makefile .ci/run | xargs -0 awk '
		FNR == 1 { if (file != "" && !said) print file; file = FILENAME; said = 0 }
		FNR <= 2 && /SPDX-License-Identifier: GPL-2.0/ { said = 1 }
		FNR == 3 { nextfile }
		END { if (!said) print file }' > "$BATS_TEST_TMPDIR/without"
	cat "$BATS_TEST_TMPDIR/without"
	[ ! -s "$BATS_TEST_TMPDIR/without" ]
}

@test "includes point down, from room to room" {
	tests/lint/rooms.sh
}

@test "an include that points up or in a circle is found" {
	cp -r user "$BATS_TEST_TMPDIR/user"
	sed -i '1a #include "run/options.h"' "$BATS_TEST_TMPDIR/user/base/text.c"
	run tests/lint/rooms.sh "$BATS_TEST_TMPDIR/user"
	[ "$status" -eq 1 ]
	[[ $output == *"base/text.c includes run/options.h"* ]]
	cp user/base/text.c "$BATS_TEST_TMPDIR/user/base/text.c"
	sed -i '1a #include "base/arguments.h"' "$BATS_TEST_TMPDIR/user/base/text.h"
	sed -i '1a #include "base/text.h"' "$BATS_TEST_TMPDIR/user/base/arguments.h"
	run tests/lint/rooms.sh "$BATS_TEST_TMPDIR/user"
	[ "$status" -eq 1 ]
}

@test "an external function is used by another file" {
	make harness
	tests/lint/external.sh
}

@test "an external function that no other file uses is found" {
	make harness
	echo 'int run__alone(void); int run__alone(void) { return 0; }' > "$BATS_TEST_TMPDIR/alone.c"
	gcc -c "$BATS_TEST_TMPDIR/alone.c" -o "$BATS_TEST_TMPDIR/alone.o"
	run tests/lint/external.sh "$BATS_TEST_TMPDIR/alone.o"
	[ "$status" -eq 1 ]
	[[ $output == *"only this file uses run__alone" ]]
}

# rebuilt FILE: what make would build if this file were new
rebuilt() {
	make harness
	[[ $(make -n harness) != *"bpf/send.bpf"* ]]
	run make -n -W "$1" harness
}

@test "a new shared header rebuilds both sides" {
	rebuilt bpf/shared.h
	[[ $output == *"bpf/send.bpf"* ]]
	[[ $output == *"user/ledger/ledger.c"* ]]
	[[ $output == *"-o harness"* ]]
}

@test "a new header of the BPF side rebuilds the BPF side and what embeds it" {
	rebuilt bpf/send.h
	[[ $output == *"bpf/send.bpf"* ]]
	[[ $output == *"user/tracer/tracer.c"* ]]
	[[ $output != *"user/ledger/ledger.c"* ]]
}

# in_matrix: the table of docs/matrix.md
in_matrix() {
	sed -n '/^<!-- made by/,/^<!-- end/p' docs/matrix.md | sed '1d;$d'
}

@test "the table of kernels and methods is that of the tests" {
	diff <(tests/matrix.sh) <(in_matrix)
	[ "$(in_matrix | wc -l)" -gt 8 ]
}

# "newest" is whatever Debian has; its rows have its number.
@test "each kernel that the tests run on is in the table" {
	local kernel
	for kernel in $(sed -n 's/^KERNELS = //p' Makefile); do
		kernel=${kernel%-16k}
		in_matrix | grep -q "^| ${kernel//newest/[7-9].[0-9]*} |" || {
			echo "$kernel"
			return 1
		}
	done
}

@test "nothing generated is committed" {
	[ -z "$(git ls-files -- build harness '*.o' '*.skel.h')" ]
}

@test "each mutation can be applied" {
	local mutation
	for mutation in tests/mutations/*.patch; do
		patch -s -p1 --dry-run --fuzz=0 < "$mutation" || {
			echo "$mutation"
			return 1
		}
	done
}

@test "no file of the program, no script and no test script has more than 400 lines" {
	git ls-files -z -- user/'*'.[ch] bpf analysis/'*'.py scripts tests/'*'.sh tests/'*'.bash | xargs -0 awk 'FNR == 401 { print FILENAME }' > "$BATS_TEST_TMPDIR/long"
	[ ! -s "$BATS_TEST_TMPDIR/long" ]
}

# of commits after the one named; in a clone without it, of the newest
@test "the subjects of commits have less than 70 characters" {
	local since=8d8dba4
	git cat-file -e "$since" 2> /dev/null || since=HEAD~1
	git cat-file -e "$since" 2> /dev/null || since=
	run awk 'length > 69' <(git log --no-merges --format=%s ${since:+$since..}HEAD)
	[ "$output" = "" ]
}
