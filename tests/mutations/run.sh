#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh [PATCH...]: breaks one thing at a time and fails if no test notices.
#
# Each patch of this directory begins with two lines: "Breaks: WHAT", and "Noticed by: COMMAND", a fast subset of the
# tests. A copy of the checkout is built in build/mutations; there every command must pass before, and fail with its
# patch. A test in a machine (scripts/vm.sh) is for what this kernel refuses.
set -u
cd "$(dirname "$0")/../.." || exit 1

tree=$PWD/build/mutations
log=$tree.log

# header NAME PATCH
header() {
	sed -n "s/^$1: //p;/^---/q" "$2"
}

# The files of the checkout, and the machines' kernels. What was built there before stays.
copy_checkout() {
	mkdir -p "$tree/build"
	find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
	git ls-files -z | tar --create --null --files-from=- | tar --extract --directory="$tree" || return 1
	[ -e "$tree/build/vm" ] || ln -s "$(realpath build/vm)" "$tree/build/vm"
}

# A unit test named by a command is built first.
build() {
	local programs=(harness build/mixed build/traffic build/xdp build/watched build/map_storm build/carry build/compat)
	[[ $1 != build/tests/unit/* ]] || programs=("$1")
	make -C "$tree" -j "$(nproc)" "${programs[@]}" > "$log" 2>&1
}

# notices COMMAND: whether the test fails, and does so by itself
notices() {
	local status=0
	(cd "$tree" && timeout 900 bash -c "$1") > "$log" 2>&1 || status=$?
	[ $status -eq 0 ] || echo "# exit status $status" >> "$log"
	# the time limit, the machine itself, no such command: not the test's own answer
	case $status in 124 | 125 | 127) return 2 ;; esac
	[ $status -ne 0 ]
}

# passes_whole COMMAND: before anything is broken; each command once
declare -A passed
passes_whole() {
	[ -z "${passed[$1]-}" ] || return 0
	build "$1" || return 1
	notices "$1"
	[ $? -eq 1 ] || return 1
	passed[$1]=1
}

# try PATCH: prints the answer
try() {
	local patch=$1 command status=0
	command=$(header 'Noticed by' "$patch")
	if [ -z "$command" ] || [ -z "$(header Breaks "$patch")" ]; then
		echo "it has no line 'Breaks: ' or 'Noticed by: '"
		return 1
	fi
	passes_whole "$command" || {
		echo "'$command' fails before anything is broken: $(tail -n 4 "$log")"
		return 1
	}
	patch -s -p1 -d "$tree" < "$patch" > "$log" 2>&1 || {
		echo "it does not apply any more: $(tail -n 1 "$log")"
		return 1
	}
	if ! build "$command"; then
		echo "it does not build: $(grep -m 1 error "$log")"
		status=1
	else
		notices "$command" || status=$?
		case $status in
		0) echo "noticed by $command" ;;
		1) echo "NOT noticed by $command" ;;
		*) echo "'$command' could not run: $(tail -n 1 "$log")" ;;
		esac
	fi
	patch -s -R -p1 -d "$tree" < "$patch" > /dev/null 2>&1
	return $status
}

[ $# -gt 0 ] || set -- tests/mutations/*.patch
copy_checkout || exit 1
caught=0
for patch; do
	answer=$(try "$patch")
	status=$?
	[ $status -ne 0 ] || caught=$((caught + 1))
	printf '%s %s: %s\n    %s\n' "$([ $status -eq 0 ] && echo ok || echo 'not ok')" \
		"$(basename "$patch" .patch)" "$(header Breaks "$patch")" "$answer"
done
echo "$caught of $# noticed"
[ $caught -eq $# ]
