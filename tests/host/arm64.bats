# SPDX-License-Identifier: GPL-2.0
# The whole harness builds for arm64, without a warning, and without installing a second architecture here.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	dpkg --print-foreign-architectures > "$BATS_FILE_TMPDIR/architectures"
	scripts/cross_arm64.sh > "$BATS_FILE_TMPDIR/log" 2>&1 || {
		cat "$BATS_FILE_TMPDIR/log" >&3
		return 1
	}
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
}

@test "the program is one of arm64, linked against arm64's libraries" {
	run -0 readelf -h build/arm64/harness
	[[ $output == *"Machine:"*AArch64* ]]
	run -0 readelf -l build/arm64/harness
	[[ $output == *"/lib/ld-linux-aarch64.so.1"* ]]
	run -0 readelf -d build/arm64/harness
	[[ $output == *libbpf.so.1* && $output == *libjansson.so.4* ]]
}

@test "the BPF side reads arm64's registers" {
	run -0 readelf -h build/arm64/out/harness.bpf.o
	[[ $output == *"Machine:"*BPF* ]]
	run -0 bpftool btf dump file build/arm64/out/harness.bpf.o
	[[ $output == *"STRUCT 'pt_regs'"*"'syscallno'"* ]]
	[[ $output != *"'orig_ax'"* ]]
}

@test "the host has no more architectures than before" {
	[ "$(dpkg --print-foreign-architectures)" = "$(cat "$BATS_FILE_TMPDIR/architectures")" ]
}
