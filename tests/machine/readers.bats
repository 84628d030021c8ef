# SPDX-License-Identifier: GPL-2.0
# Readers in the kernel: what nvme-tcp takes from its sockets by tcp_read_sock.

load ../helpers

NVMET=/sys/kernel/config/nvmet
LEDGER=$BATS_FILE_TMPDIR/ledger

# An NVMe device over 127.0.0.1: a RAM disk behind nvmet-tcp, and nvme-tcp in front.
setup_file() {
	local module
	for module in 'brd rd_nr=1 rd_size=65536' nvmet nvmet-tcp nvme-tcp; do
		# shellcheck disable=SC2086 # a module and its parameters
		modprobe $module
	done
	[ -d $NVMET ] || mount -t configfs none /sys/kernel/config
	mkdir -p $NVMET/subsystems/ram/namespaces/1 $NVMET/ports/1
	echo 1 > $NVMET/subsystems/ram/attr_allow_any_host
	printf /dev/ram0 > $NVMET/subsystems/ram/namespaces/1/device_path
	echo 1 > $NVMET/subsystems/ram/namespaces/1/enable
	echo tcp > $NVMET/ports/1/addr_trtype
	echo ipv4 > $NVMET/ports/1/addr_adrfam
	echo 127.0.0.1 > $NVMET/ports/1/addr_traddr
	echo 4420 > $NVMET/ports/1/addr_trsvcid
	ln -s $NVMET/subsystems/ram $NVMET/ports/1/subsystems/ram
	ip link set lo up
	echo transport=tcp,traddr=127.0.0.1,trsvcid=4420,nqn=ram > /dev/nvme-fabrics
	timeout 30 sh -c 'until [ -b /dev/nvme0n1 ]; do sleep 0.1; done'
}

@test "what nvme-tcp reads is copied or taken, and no byte of it is a residual" {
	local watch
	mkfifo "$BATS_TEST_TMPDIR/ready"
	env --default-signal=INT "$HARNESS" watch --json --all --output "$LEDGER" --ready-fd 9 \
		9> "$BATS_TEST_TMPDIR/ready" 3>&- &
	watch=$!
	read -r _ < "$BATS_TEST_TMPDIR/ready"
	dd if=/dev/nvme0n1 of=/dev/null bs=1M count=32 iflag=direct
	kill -INT $watch
	wait $watch || true
	jq -c '.runs[] | [.process.command, .residual, (.sites | map_values(.bytes))]' "$LEDGER"
	every_run "$LEDGER" '.residual == {"send": 0, "receive": 0}'
	# 32 MiB of data by the host's side, and some commands and headers beside
	jq -e '[.runs[].sites] | (map(.receive_copy.bytes) | add) >= 32 * 1048576 and
		(map(.receive_read.bytes) | add) > 0 and (map(.receive_read.bytes) | add) < 1048576' "$LEDGER"
	# each reader is named, with all of its bytes
	jq -c '[.runs[].sites.receive_read.readers[]]' "$LEDGER"
	every_run "$LEDGER" '(.sites.receive_read.readers | map(.bytes) | add // 0) == .sites.receive_read.bytes and
		.uncovered_readers == []'
	jq -e '[.runs[].sites.receive_read.readers[].function] | length > 0 and
		all(test("^nvmet?_tcp_[a-z_]+ \\[nvmet?_tcp\\]$"))' "$LEDGER"
	jq -e '[.runs[].notes[] | select(.code == "kernel_readers") | .readers] | length > 0 and
		all(test("^nvme.*\\[nvme"))' "$LEDGER"
}

# The process opens the connections, and the kernel's own threads read from them.
@test "what a kernel thread reads from a watched program's connection is uncovered, by the reader's name" {
	echo 1 > /sys/class/nvme/nvme0/delete_controller
	run -1 --separate-stderr "$HARNESS" watch --json --output "$LEDGER" -- sh -c '
		echo transport=tcp,traddr=127.0.0.1,trsvcid=4420,nqn=ram > /dev/nvme-fabrics
		timeout 30 sh -c "until [ -b /dev/nvme0n1 ]; do sleep 0.1; done"
		echo 1 > /sys/class/nvme/nvme0/delete_controller'
	jq -c '.runs[] | [.uncovered, .uncovered_readers, .reasons, .residual]' "$LEDGER"
	jq -e '.runs[0] | .uncovered.receive > 0 and
		(.uncovered_readers | map(.bytes) | add) <= .uncovered.receive and
		(.uncovered_readers | all(.function | test("^nvme_tcp_[a-z_]+ \\[nvme_tcp\\]$"))) and
		any(.reasons[]; .code == "uncovered_bytes" and .side == "receive" and (.by | test("nvme_tcp_")))' "$LEDGER"
}
