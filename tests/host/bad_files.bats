# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2154 # stderr is of bats
# Files of which anything may be wrong: one line that names the file and the line in it, status 2, and what was there
# is there still.

load ../helpers

setup_file() {
	export GOOD=$BATS_FILE_TMPDIR/good BASELINE=$BATS_FILE_TMPDIR/baseline.json
	"$HARNESS" run --trace copies --transport one_copy,two_copy --size 64K --messages 20 --out "$GOOD" > /dev/null
	"$HARNESS" run --trace copies --transport one_copy --size 64K --messages 20 --json > "$BASELINE"
}

setup() {
	DIR=$BATS_TEST_TMPDIR/runs
	cp -r "$GOOD" "$DIR"
}

# refused PLACE ARGS...: in time, one line with the place, status 2
refused() {
	run --separate-stderr timeout 60 "$HARNESS" "${@:2}"
	[ "$status" -eq 2 ] && [ "$(wc -l <<< "$stderr")" -eq 1 ] && [[ $stderr == "harness"*"$1"* ]] && [ -z "$output" ] || {
		echo "${*:2}: want $1; status $status: $stderr"
		return 1
	}
}

# broken KIND FILE: the same file with its second line broken
broken() {
	cp "$2" "$BATS_TEST_TMPDIR/whole"
	case $1 in
	not_json) sed -i '2s/.*/{"a": /' "$2" ;;
	list) sed -i '2s/.*/[]/' "$2" ;;
	nul) sed -i '2s/one_copy\|two_copy/x\x00y/' "$2" ;;
	utf8) sed -i '2s/one_copy\|two_copy/\xff\xfe/' "$2" ;;
	surrogate) sed -i '2s/one_copy\|two_copy/\\ud800/' "$2" ;;
	nan) sed -i '2s/"throughput_gbps":[0-9.e+-]*/"throughput_gbps":NaN/' "$2" ;;
	infinite) sed -i '2s/"throughput_gbps":[0-9.e+-]*/"throughput_gbps":1e999/' "$2" ;;
	huge) sed -i '2s/"threads":1/"threads":99999999999999999999999999999999999/' "$2" ;;
	word) sed -i '2s/"threads":1/"threads":"1"/' "$2" ;;
	zero) sed -i '2s/"message_bytes":65536/"message_bytes":0/' "$2" ;;
	negative) sed -i '2s/"threads":1/"threads":-1/' "$2" ;;
	no_text) sed -i '2s/"transport":"[a-z_]*"/"transport":[]/' "$2" ;;
	key_twice) sed -i '2s/"threads":1/"threads":1,"threads":1/' "$2" ;;
	notes) sed -i '2s/"traced":\[[^]]*\]/"traced":"copies"/' "$2" ;;
	deep) sed -i "2s/.*/$(printf '[%.0s' $(seq 5000))/" "$2" ;;
	row_twice) sed -i -e '1h' -e '2g' "$2" ;;
	esac
	! cmp -s "$2" "$BATS_TEST_TMPDIR/whole"
}

KINDS="not_json list nul utf8 surrogate nan infinite huge word zero negative no_text key_twice notes deep row_twice"

@test "--resume: each kind of bad row names file and line, and no row is lost" {
	local kind
	for kind in $KINDS; do
		rm -rf "$DIR" && cp -r "$GOOD" "$DIR"
		broken $kind "$DIR/runs.jsonl"
		cp "$DIR/runs.jsonl" "$BATS_TEST_TMPDIR/before"
		refused "runs.jsonl:2: " run --resume "$DIR" || {
			echo "kind: $kind"
			return 1
		}
		cmp "$DIR/runs.jsonl" "$BATS_TEST_TMPDIR/before"
	done
}

@test "--resume: an environment that is none" {
	local text
	while read -r text; do
		printf '%b' "$text" > "$DIR/environment.json"
		refused "$DIR" run --resume "$DIR"
	done <<- 'END'
		{
		[]
		{"arguments": [1, 2]}
		{"arguments": "run"}
		{"arguments": ["run", "\\u0000"]}
		{"a": 1, "a": 2}
		\x00\x01
	END
	rm "$DIR/environment.json"
	mkdir "$DIR/environment.json"
	refused environment.json run --resume "$DIR"
}

@test "--resume: proofs that are none" {
	local text
	while read -r text; do
		printf '%b' "$text" > "$DIR/proofs.json"
		cp "$DIR/proofs.json" "$BATS_TEST_TMPDIR/before"
		refused "$DIR/proofs.json" run --resume "$DIR"
		cmp "$DIR/proofs.json" "$BATS_TEST_TMPDIR/before"
	done <<- 'END'
		{
		[]
		{"proofs": []}
		{"proofs": {}, "user_memcpy_check": []}
		\x00\x01
	END
}

@test "report and verify: each kind of bad row names file and line" {
	local kind
	for kind in $KINDS; do
		rm -rf "$DIR" && cp -r "$GOOD" "$DIR"
		broken $kind "$DIR/runs.jsonl"
		refused "runs.jsonl:2: " verify --out "$DIR" || {
			echo "kind: $kind"
			return 1
		}
	done
	refused "runs.jsonl:2: " report "$DIR"
}

# What is no file, at the place of each file that is named.
@test "directories, pipes, devices and endless files at the place of a file" {
	local bad
	mkdir "$BATS_TEST_TMPDIR/folder"
	mkfifo "$BATS_TEST_TMPDIR/pipe.json"
	: > "$BATS_TEST_TMPDIR/empty"
	head -c 1000 /dev/urandom > "$BATS_TEST_TMPDIR/noise"
	printf '\377\376{' > "$BATS_TEST_TMPDIR/utf16"
	for bad in folder pipe.json empty noise utf16 /dev/zero /dev/null absent; do
		[[ $bad == /* ]] || bad=$BATS_TEST_TMPDIR/$bad
		refused "$bad" watch --baseline "$bad" -- true
		refused "$bad" verify --out "$GOOD" --claims "$bad"
		refused "$bad" verify --out "$bad"
		[[ $bad == */empty ]] || [[ $bad == /dev/null ]] || [[ $bad == */pipe.json ]] ||
			refused "$bad" verify --out "$GOOD" --expect "$bad"
		refused "$bad" run --btf "$bad" --messages 1
	done
	refused /dev/zero report /dev/zero
	# beside results, where it is not named
	timeout 60 "$HARNESS" report "$BATS_TEST_TMPDIR"
}

@test "a pipe that something comes from will do" {
	run "$HARNESS" watch --baseline <(cat "$BASELINE") -- true
	[ "$status" -eq 3 ] # it is read, and not met
	"$HARNESS" verify --out <(sleep 0.5; cat "$BASELINE") > /dev/null
}

@test "a baseline and claims that are other than they must be" {
	local edit
	for edit in 's/"bytes": [0-9]*/"bytes": "1"/' 's/"bytes": [0-9]*/"bytes": -1/' 's/"sites": {/"sites": [{/' \
		's/"payload_bytes": [0-9]*/"payload_bytes": true/' 's/"bytes": [0-9]*/"bytes": 1e999/' \
		's/"valid": true/"valid": true, "valid": true/'; do
		sed "$edit" "$BASELINE" > "$BATS_TEST_TMPDIR/baseline.json"
		refused baseline.json watch --baseline "$BATS_TEST_TMPDIR/baseline.json" -- true
	done
	for edit in 'a = ' '[[claim]]\nid = 1' '[[claim]]\nid = "x"\nid = "y"' 'claim = 1' 'claim = [1]' 'x = "\xff"' \
		"x = $(printf '[%.0s' $(seq 5000))" 'plan = 1' '[[claim]]\nid = "x"\nreport = "R"\nsays = "s"\npath = "lo"\ntests = [1]'; do
		printf '%b\n' "$edit" > "$BATS_TEST_TMPDIR/claims.toml"
		refused claims.toml verify --out "$GOOD" --claims "$BATS_TEST_TMPDIR/claims.toml"
	done
	for edit in 'R1.a PERHAPS' 'R1.a REFUTED\nR1.a CONFIRMED' '{"claims": 1}' '{"claims": [{}]}' '{"claims": ' '\xff'; do
		printf '%b\n' "$edit" > "$BATS_TEST_TMPDIR/expected"
		refused expected verify --out "$GOOD" --expect "$BATS_TEST_TMPDIR/expected"
	done
}

@test "a BTF file with a byte changed anywhere is used or refused, and nothing crashes" {
	local try offset size
	for size in 0 1 23 24 100 100000; do
		head -c $size /sys/kernel/btf/vmlinux > "$BATS_TEST_TMPDIR/btf"
		refused "$BATS_TEST_TMPDIR/btf" run --btf "$BATS_TEST_TMPDIR/btf" --messages 1
	done
	for try in $(seq 12); do
		cp /sys/kernel/btf/vmlinux "$BATS_TEST_TMPDIR/btf"
		offset=$((24 + RANDOM * RANDOM % 3000000))
		printf '\377\377\377\177' | dd of="$BATS_TEST_TMPDIR/btf" bs=1 seek=$offset conv=notrunc status=none
		run timeout 60 "$HARNESS" doctor --btf "$BATS_TEST_TMPDIR/btf" --json
		echo "try $try, offset $offset: status $status"
		[ "$status" -le 77 ]
	done
}
