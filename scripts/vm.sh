#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs a command of this checkout inside a throw-away virtual machine with one of Debian's kernels.
#
# vm.sh [OPTION...] -- COMMAND [ARG...]   runs COMMAND in the current directory, as root, in the machine
# vm.sh --fetch KERNEL...                 only downloads and unpacks
# vm.sh --list                            the known kernels, and those that are downloaded
#
# KERNEL: 5.10, 6.1, 6.12 or newest (Debian's unstable); of arm64: arm64-6.1, arm64-6.12, arm64-6.12-16k (pages of
# 16 KiB) or arm64-newest
#   --kernel KERNEL        the kernel to boot (6.1); downloaded the first time
#   --memory MB            memory of the machine (1024)
#   --cpus N               processors (2)
#   --nics MODEL           two network cards, virtio or vmxnet3, eth0 (52:54:00:00:00:01) and eth1 (52:54:00:00:00:02), on one hub
#   --icount               guest time counts instructions; implies one processor
#   --time-limit SECONDS   kills the machine after SECONDS (900)
#   --log FILE             keeps the kernel log in FILE
#   --append KERNEL_ARGS   adds to the kernel's command line
#
# The machine sees the host's files read-only, under a layer in its memory that is gone when it ends;
# /tmp and /run are its own and empty. A machine of arm64 has a root of its own, made of Debian's packages. Of the
# host's files it sees this checkout, where build/ and harness are those of scripts/cross_arm64.sh.
# Standard input is empty. Standard output and error stay separate.
# The command gets the variables named in VM_ENV ("A B"). The exit status is the command's, or 125 if the
# machine died, hung or ended without a status, or if its kernel warned of a defect.
#
# Debian packages: qemu-system-x86, for arm64 qemu-system-arm, busybox-static, cpio, kmod, xz-utils, zstd, util-linux,
# apt, dpkg.
set -Eeuo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)

die() {
	printf 'vm.sh: %s\n' "$*" >&2
	exit 125
}

# An unexpected failure must not look like a status of the command.
trap 'die "${BASH_SOURCE[0]##*/}, line $LINENO: this failed: $BASH_COMMAND"' ERR

# shellcheck source=scripts/vm/kernels.sh
. "$here/scripts/vm/kernels.sh"
# shellcheck source=scripts/vm/root.sh
. "$here/scripts/vm/root.sh"
# shellcheck source=scripts/vm/guest.sh
. "$here/scripts/vm/guest.sh"

usage() {
	sed -n '3,/^set /s/^# \{0,1\}//p' "$0"
}

# emulator ARCHITECTURE: QEMU's program for it, and the package that has it
emulator() {
	case $1 in
	arm64) echo qemu-system-aarch64 qemu-system-arm ;;
	amd64) echo qemu-system-x86_64 qemu-system-x86 ;;
	esac
}

# check_tools ARCHITECTURE: each tool, and the package that has it
check_tools() {
	local tool package
	while read -r tool package; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null ||
			die "missing $tool; to install: sudo apt-get install $package"
	done <<-END
		$(emulator "$1")
		/bin/busybox busybox-static
		cpio cpio
		modprobe kmod
		depmod kmod
		xz xz-utils
		zstd zstd
		flock util-linux
		setpriv util-linux
		apt-get apt
		dpkg-deb dpkg
	END
}

# The kernel's reports of its own defects. Left out: "clocksource ... unstable", "hrtimer: interrupt took",
# "perf: interrupt took too long" and the like, which only show that an emulated processor is slow;
# "traps: ... general protection fault", which is the fault of a program; and a call trace alone, because
# sysrq prints some and a defect has a line of its own.
complaints='WARNING:|BUG:|Oops|kernel BUG|Kernel panic|refcount_t:|UBSAN:|self-detected stall|detected .*stalls'
complaints+='|INFO: task .* blocked|unregister_netdevice: waiting|page allocation failure|Out of memory: Killed'

machine_pid=
work=
# shellcheck disable=SC2317 # called by a trap
clean_up() {
	[ -z "$machine_pid" ] || kill -TERM "$machine_pid" 2>/dev/null || true
	wait
	[ -z "$work" ] || rm -rf "$work"
}

# Prints why the machine failed, the complaints of its kernel and the end of its log.
fail() {
	{
		printf 'vm.sh: kernel %s: %s\n' "$kernel" "$1"
		grep -a -E -A 3 -m 5 "$complaints" "$log" || true
		echo "... the end of its log:"
		tail -n 10 "$log"
	} >&2
	exit 125
}

start() {
	local args=(-nodefaults -no-user-config -display none -monitor none -no-reboot -m "$memory" -smp "$cpus")
	local cmdline="panic=-1 oops=panic mitigations=off" threads emulator
	# Emulated code is translated anew for each virtual address, and clearing pages is slow.
	cmdline+=" norandmaps init_on_alloc=0"
	# A busy host stops the machine's processors for seconds. Only a task that is stuck for far longer is a
	# defect.
	cmdline+=" watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120"
	case $architecture in
	amd64)
		# Where a processor has erms, kernels copy by `rep movsb`, which is emulated byte by byte: three times
		# slower.
		args+=(-machine pc -cpu "max,erms=off,fsrm=off")
		cmdline+=" console=ttyS0 tsc=reliable"
		# One host thread for all processors. With a thread for each, a processor can still run an int3 that
		# another has just removed, and the kernel dies. One thread costs a tenth of the speed.
		threads=single
		;;
	arm64)
		# QEMU's own signing of return addresses, because the architecture's is slow to emulate.
		args+=(-machine virt -cpu "max,pauth-impdef=on")
		cmdline+=" console=ttyAMA0"
		threads=multi
		;;
	esac
	if $icount; then
		args+=(-accel tcg -icount "shift=0,sleep=off")
	else
		args+=(-accel "tcg,thread=$threads")
	fi
	args+=(-kernel "$dir/vmlinux" -initrd "$work/initramfs" -append "$cmdline $append")
	args+=(-serial "file:$log")
	args+=(-virtfs "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap")
	args+=(-virtfs "local,path=$work/run,mount_tag=run,security_model=none,multidevs=remap")
	# On a hub, virtio has neither checksum offload nor scatter-gather, so the kernel copies pinned and
	# spliced bytes. vmxnet3 has both, has its link at once, and overruns less than e1000e. The hub has no
	# flow control, so some frames may be lost and sent again.
	[ -z "$nics" ] || args+=(
		-netdev "hubport,id=hub0,hubid=0" -device "$nics,netdev=hub0,mac=52:54:00:00:00:01,romfile="
		-netdev "hubport,id=hub1,hubid=0" -device "$nics,netdev=hub1,mac=52:54:00:00:00:02,romfile="
	)
	read -r emulator _ < <(emulator "$architecture")
	# The machine ends with this script, even if the script is killed.
	setpriv --pdeathsig KILL timeout -k 2 "$time_limit" setpriv --pdeathsig KILL \
		"$emulator" "${args[@]}" </dev/null >"$work/qemu" 2>&1 &
	machine_pid=$!
}

run() {
	local status ended=0 tails architecture root
	architecture=$(architecture_of "$kernel")
	root=$(readlink -f "$(root_of "$architecture")") || root=
	dir=$store/kernels/$kernel
	work=$(mktemp -d)
	log=${log:-$work/log}
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	: >"$log" || die "cannot write $log"
	mkdir "$work/run"
	: >"$work/run/out"
	: >"$work/run/err"
	echo failed >"$work/run/status"
	{
		echo "version=$(<"$dir/version")"
		echo "modules=$(quote "$(readlink -f "$dir/lib/modules")/$(<"$dir/version")")"
		echo "root=$(quote "$root")"
		echo "checkout=$(quote "$here")"
		echo "config=$(quote "$(readlink -f "$dir/boot")/config-$(<"$dir/version")")"
		[ -z "$nics" ] || echo "extra=$nics_module"
	} >"$work/run/kernel"
	write_second_init >"$work/run/init"
	write_command "$@" >"$work/run/command"
	write_initramfs "$dir" "$root/bin/busybox" "$work/initramfs.d" >"$work/initramfs"
	SECONDS=0
	start
	tail -c +1 -s 0.1 -f --pid="$machine_pid" "$work/run/out" &
	tails=$!
	tail -c +1 -s 0.1 -f --pid="$machine_pid" "$work/run/err" >&2 &
	# The shell's message about a killed child does not help the caller.
	{ wait "$machine_pid" || ended=$?; } 2>/dev/null
	machine_pid=
	wait "$tails" $! || true

	status=$(<"$work/run/status")
	[ $ended = 0 ] || [ $SECONDS -lt "$time_limit" ] || fail "killed after the time limit of $time_limit s"
	[ $ended = 0 ] || fail "qemu ended with status $ended: $(<"$work/qemu")"
	[[ $status =~ ^[0-9]+$ ]] || fail "the machine died or ended without reporting a status"
	! grep -a -q -E "$complaints" "$log" || fail "the command ended with status $status, but the kernel complained"
	exit "$status"
}

number() {
	[[ $2 =~ ^[1-9][0-9]*$ ]] || die "$1 wants a positive number, not '$2'"
}

main() {
	kernel=6.1 memory=1024 cpus=2 nics='' nics_module='' icount=false time_limit=900 log='' append=''
	while [ $# -gt 0 ]; do
		case $1 in
		--help | -h)
			usage
			exit
			;;
		--list)
			list
			exit
			;;
		--fetch)
			shift
			[ $# -gt 0 ] || die "--fetch wants kernels: $known"
			for kernel; do
				check_tools "$(architecture_of "$kernel")"
				ensure "$kernel"
			done
			exit
			;;
		--nics)
			case ${2-} in
			virtio) nics=virtio-net-pci nics_module=virtio_net ;;
			vmxnet3) nics=vmxnet3 nics_module=vmxnet3 ;;
			*) die "--nics ${2-}: want virtio or vmxnet3" ;;
			esac
			shift
			;;
		--icount) icount=true cpus=1 ;;
		--kernel | --memory | --cpus | --time-limit | --log | --append)
			[ $# -gt 1 ] || die "$1 wants a value"
			case $1 in
			--kernel) kernel=$2 ;;
			--memory) number "$1" "$2" && memory=$2 ;;
			--cpus) number "$1" "$2" && cpus=$2 ;;
			--time-limit) number "$1" "$2" && time_limit=$2 ;;
			--log) log=$2 ;;
			--append) append=$2 ;;
			esac
			shift
			;;
		--)
			shift
			break
			;;
		*) die "unknown option '$1'; see --help" ;;
		esac
		shift
	done
	[ $# -gt 0 ] || die "no command; see --help"
	! $icount || cpus=1
	check_tools "$(architecture_of "$kernel")"
	ensure "$kernel"
	run "$@"
}

main "$@"
