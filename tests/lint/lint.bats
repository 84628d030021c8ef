# SPDX-License-Identifier: GPL-2.0
# What every change must pass: form, linters, and that the build knows its dependencies.

sources() {
	git ls-files -- '*.c' '*.h'
}

@test "clang-format leaves every source as it is" {
	sources | xargs clang-format --dry-run --Werror
}

@test "cppcheck finds nothing" {
	cppcheck --enable=warning,performance,portability --error-exitcode=1 --quiet --inline-suppr \
		--suppress=missingIncludeSystem -I. -Iuser -D__x86_64__ "-DLIBBPF_OPTS(type,name,...)=struct type name" \
		"-Dbpf_object__for_each_program(one,all)=while ((one = all))" \
		"-Djson_array_foreach(all,i,one)=while ((i = 0, one = all))" \
		"-Djson_object_foreach(all,key,one)=while ((key = 0, one = all))" \
		user tests/unit tests/traffic.c vmlinux/check.c
}

# The rooms tracer and ledger are left out until their rewrite is in.
@test "clang-tidy finds nothing" {
	make build/.layout
	find user -name '*.c' ! -path 'user/tracer/*' ! -path 'user/ledger/*' -print0 |
		xargs -0 -P "$(nproc)" -n 8 sh -c 'clang-tidy --quiet "$@" -- -std=gnu11 -D_GNU_SOURCE \
			-pthread -I. -Iuser -Ibuild' sh
}

@test "flake8 and mypy find nothing in the Python files" {
	git ls-files -- '*.py' | xargs flake8
	mypy --cache-dir "$BATS_TEST_TMPDIR" analysis/*.py
}

# Left out: the files that misspell words on purpose.
@test "codespell finds no misspelt word" {
	git ls-files -- ':!tests/unit/test_choices.c' ':!tests/unit/test_command.c' \
		':!tests/unit/test_options.c' ':!tests/unit/test_watch_options.c' ':!tests/system/usage.bats' |
		xargs codespell
}

@test "shellcheck finds nothing" {
	git ls-files -- '*.sh' .ci/run scripts/completion.bash | xargs shellcheck -x
}

@test "every source says its licence on line 1" {
	for file in $(git ls-files -- '*.c' '*.h' '*.sh' '*.bats' Makefile .ci/run); do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' || {
			echo "$file has no SPDX line"
			return 1
		}
	done
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

@test "touching the shared header rebuilds both sides" {
	make harness
	touch bpf/shared.h
	run make -n harness
	[[ $output == *"bpf/send.bpf"* ]]
	[[ $output == *"user/ledger/ledger.c"* ]]
	[[ $output == *"-o harness"* ]]
	make harness
	run make -n harness
	[[ $output != *"bpf/send.bpf"* ]]
}

@test "a header of the BPF side alone rebuilds the BPF side and what embeds it" {
	make harness
	touch bpf/send.h
	run make -n harness
	[[ $output == *"bpf/send.bpf"* ]]
	[[ $output == *"user/tracer/tracer.c"* ]]
	[[ $output != *"user/ledger/ledger.c"* ]]
	make harness
}

@test "nothing generated is committed" {
	[ -z "$(git ls-files -- build harness '*.o' '*.skel.h')" ]
}
