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
}
