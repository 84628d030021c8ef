#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs a command of this checkout inside a throw-away virtual machine with one of Debian's kernels.
#
# vm.sh [OPTION...] -- COMMAND [ARG...]   runs COMMAND in the current directory, as root, in the machine
# vm.sh --fetch KERNEL...                 only downloads and unpacks
# vm.sh --list                            the known kernels, and those that are downloaded
#
# KERNEL: 5.10, 6.1, 6.12 or newest (Debian's unstable)
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
# /tmp and /run are its own and empty. Standard input is empty. Standard output and error stay separate.
# The command gets the variables named in VM_ENV ("A B"). The exit status is the command's, or 125 if the
# machine died, hung or ended without a status, or if its kernel warned of a defect.
#
# Debian packages: qemu-system-x86, busybox-static, cpio, kmod, xz-utils, zstd, util-linux, apt, dpkg.
set -Eeuo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
store=$here/build/vm
sources=/etc/apt/sources.list.d/debian.sources
known='5.10 6.1 6.12 newest'

die() {
	printf 'vm.sh: %s\n' "$*" >&2
	exit 125
}

# An unexpected failure must not look like a status of the command.
trap 'die "line $LINENO: this failed: $BASH_COMMAND"' ERR

usage() {
	sed -n '3,26s/^# \{0,1\}//p' "$0"
}

# Each tool, and the package that has it.
check_tools() {
	local tool package
	while read -r tool package; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null ||
			die "missing $tool; to install: sudo apt-get install $package"
	done <<-END
		qemu-system-x86_64 qemu-system-x86
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

# --- kernels: download and unpack --------------------------------------------------------------

# The source of a kernel: the package that depends on the newest image, and the suites to search.
origin() {
	case $1 in
	5.10) echo linux-image-amd64 bullseye bullseye-security ;;
	6.1) echo linux-image-amd64 bookworm bookworm-security ;;
	6.12) echo linux-image-6.12-amd64 bookworm-security ;;
	newest) echo linux-image-amd64 sid ;;
	*) die "unknown kernel '$1'; known: $known" ;;
	esac
}

# The archive and keyring the host itself uses for its plain suites, or for its security suites.
archive() {
	awk -v security="$1" '
		function finish() { if (uri && suites && !done && (suites ~ /-security/) == security) {
			print uri, keyring; done = 1 } uri = suites = keyring = "" }
		/^[ \t]*$/ { finish(); next }
		tolower($1) == "uris:" { uri = $2 }
		tolower($1) == "suites:" { suites = $0 }
		tolower($1) == "signed-by:" { keyring = $2 }
		END { finish() }' "$sources"
}

source_lines() {
	local suite kind uri keyring
	for suite; do
		kind=0
		[[ $suite != *-security ]] || kind=1
		read -r uri keyring < <(archive $kind) || die "$sources names no archive for $suite"
		[[ $keyring = /* && -r $keyring ]] || die "$sources names no keyring file to verify $suite with"
		echo "deb [signed-by=$keyring] $uri $suite main"
	done
}

# A separate apt for one kernel, so that the host's is not changed. It has the host's settings (such as
# proxies) but not its hooks, which would refresh the host's caches.
make_apt() {
	local root=$1
	shift
	rm -rf "$root"
	mkdir -p "$root"/{etc/apt.conf.d,etc/preferences.d,lists/partial,archives/partial}
	cp /etc/apt/apt.conf.d/* "$root/etc/apt.conf.d/" 2>/dev/null || true
	! [ -e /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$root/etc/"
	printf '#clear %s;\n' APT::Update::Pre-Invoke APT::Update::Post-Invoke APT::Update::Post-Invoke-Success \
		>"$root/etc/apt.conf.d/zz-no-hooks"
	: >"$root/status"
	source_lines "$@" >"$root/etc/sources.list"
	# The sandbox user may not be able to enter the checkout. Unverified packages are refused.
	cat >"$root/config" <<-END
		Dir::State "$root";
		Dir::State::status "$root/status";
		Dir::Cache "$root";
		Dir::Etc "$root/etc";
		APT::Sandbox::User "root";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; };
		APT::Update::Error-Mode "any";
		APT::Get::AllowUnauthenticated "false";
		Acquire::AllowInsecureRepositories "false";
	END
}

depends() {
	apt-cache depends --important "$1" | awk '$1 == "Depends:" && $2 ~ /^linux-(image|base|binary|modules)-[0-9]/ { print $2 }'
}

# The packages of the newest image: since 7.x its parts are packages of their own.
packages_of() {
	local image
	image=$(depends "$1" | grep -m 1 '^linux-image-') || return 1
	echo "$image"
	depends "$image"
}

# The initial modules, numbered in the order to load, uncompressed: busybox may lack xz.
early_modules() {
	local dir=$1 version=$2 module file number=100
	mkdir "$dir/early"
	for module in virtio_pci 9pnet_virtio 9p overlay; do
		modprobe -C /dev/null -d "$dir" -S "$version" --show-depends "$module"
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }' >"$dir/early/order"
	while read -r file; do
		number=$((number + 1))
		module=$dir/early/$number-$(basename "${file%.xz}")
		case $file in
		*.xz) xz -dc "$file" >"$module" ;;
		*.ko) cp "$file" "$module" ;;
		*) die "unknown compression: $file" ;;
		esac
	done <"$dir/early/order"
	rm "$dir/early/order"
}

# Unpacks the kernel here, because an emulated processor takes seconds to do it. By the boot protocol the
# payload is after the setup sectors (their number is at 0x1f1), with offset and length at 0x248.
unpack_vmlinux() {
	local image=$1 sectors offset length
	sectors=$(od -An -tu1 -j $((0x1f1)) -N1 "$image")
	read -r offset length < <(od -An -tu4 -j $((0x248)) -N8 "$image")
	offset=$(((sectors + 1) * 512 + offset))
	dd if="$image" iflag=skip_bytes,count_bytes skip=$offset count="$length" bs=1M status=none >"$image.payload"
	case $(od -An -tx1 -N4 "$image.payload") in
	' fd 37 7a 58') xz -dc --single-stream "$image.payload" ;;
	# The last four bytes are the size, which is not part of the zstd data.
	' 28 b5 2f fd') head -c -4 "$image.payload" | zstd -dcq ;;
	*) die "unknown compression: $image" ;;
	esac
	rm "$image.payload"
}

# Works in another folder and renames it at the end, so that the final folder is always complete.
fetch() {
	local kernel=$1 package suites apt dir deb version packages
	read -r package suites < <(origin "$kernel")
	[ -r "$sources" ] || die "cannot read $sources, which says where Debian's packages are"
	apt=$store/apt/$kernel
	dir=$store/kernels/.$kernel.new
	echo "vm.sh: downloading kernel $kernel from ${suites// / and }" >&2
	# shellcheck disable=SC2086 # a list of suites
	make_apt "$apt" $suites
	export APT_CONFIG=$apt/config
	apt-get update -qq >&2 ||
		die "cannot read the package lists of $suites (no network, or no key in the host's keyring for their signature: see above)"
	packages=$(packages_of "$package") || die "no kernel image in $suites for $package"
	# shellcheck disable=SC2086 # a list of packages
	(cd "$apt/archives" && apt-get download -qq $packages >&2) || die "cannot download" $packages
	rm -rf "$dir"
	mkdir -p "$dir"
	for deb in "$apt"/archives/*.deb; do
		dpkg-deb -x "$deb" "$dir"
	done
	[ -d "$dir/lib/modules" ] || ln -s usr/lib "$dir/lib"
	version=$(basename "$dir"/lib/modules/*)
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$dir" "$version"
	early_modules "$dir" "$version"
	# Since 7.x they are with the modules.
	if [ ! -e "$dir/boot/vmlinuz-$version" ]; then
		mkdir -p "$dir/boot"
		mv "$dir/lib/modules/$version/vmlinuz" "$dir/boot/vmlinuz-$version"
		cp "$dir/lib/modules/$version/config" "$dir/boot/config-$version"
	fi
	unpack_vmlinux "$dir/boot/vmlinuz-$version" >"$dir/vmlinux"
	dpkg-deb -f "$deb" Version >"$dir/package-version"
	echo "$version" >"$dir/version"
	rm -rf "$apt"
	mv -T "$dir" "$store/kernels/$kernel"
}

# Fetches a kernel unless it is here, one at a time: two machines may want the same kernel.
ensure() {
	origin "$1" >/dev/null
	[ ! -e "$store/kernels/$1/version" ] || return 0
	mkdir -p "$store/kernels"
	exec 9>"$store/lock"
	flock 9
	if [ ! -e "$store/kernels/$1/version" ]; then fetch "$1"; fi
	exec 9>&-
}

list() {
	local kernel dir
	for kernel in $known; do
		dir=$store/kernels/$kernel
		if [ -e "$dir/version" ]; then
			echo "$kernel $(<"$dir/version") $(<"$dir/package-version")"
		else
			echo "$kernel not here"
		fi
	done
}

# --- the machine, inside -----------------------------------------------------------------------

# The first program in the machine makes a usual system of the host's files, under a writable layer. It uses
# busybox from the machine's memory, because reading programs from the host is slow.
write_init() {
	cat <<-'END'
		#!/bin/busybox sh
		# If the first program fails, the machine ends, so that no failure stays unseen.
		set -e
		for name in mount mkdir insmod cp ln chmod hostname ifconfig mountpoint switch_root; do
			/bin/busybox ln -s busybox /bin/$name
		done
		for module in /early/*; do insmod "$module"; done
		options=trans=virtio,version=9p2000.L,msize=512000
		mkdir /lower /layer
		# The host's files do not change while the machine runs, so cache all reads.
		mount -t 9p -o ro,cache=loose,$options root /lower
		mount -t tmpfs -o size=90% tmpfs /layer
		mkdir /layer/upper /layer/work /layer/root
		mount -t overlay -o lowerdir=/lower,upperdir=/layer/upper,workdir=/layer/work root /layer/root
		cd /layer/root
		mount -t proc proc proc
		mount -t sysfs sysfs sys
		mount -t bpf bpf sys/fs/bpf
		mount -t debugfs debugfs sys/kernel/debug
		mount -t tracefs tracefs sys/kernel/tracing
		mount -t cgroup2 cgroup2 sys/fs/cgroup
		mount -t devtmpfs devtmpfs dev
		mkdir dev/pts dev/shm
		mount -t devpts -o mode=620,ptmxmode=666 devpts dev/pts
		mount -t tmpfs -o mode=1777 tmpfs dev/shm
		mount -t tmpfs -o mode=1777 tmpfs tmp
		mount -t tmpfs -o mode=755 tmpfs run
		ln -s /proc/self/fd dev/fd
		ln -s fd/0 dev/stdin
		ln -s fd/1 dev/stdout
		ln -s fd/2 dev/stderr
		mkdir run/vm run/lock run/netns
		# A write there is in the host's file when it returns.
		mount -t 9p -o cache=none,$options run run/vm
		. run/vm/kernel
		mkdir -p lib/modules/$version
		mount -o bind "/lower$modules" lib/modules/$version
		cp "/lower$config" boot/config-$version
		hostname vm
		ifconfig lo up
		mount --make-rshared /layer/root
		exec switch_root . /bin/sh /run/vm/init
	END
}

# The second program, in that system: the command.
write_second_init() {
	cat <<-'END'
		set -e
		export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb
		. /run/vm/kernel
		for module in $extra; do modprobe "$module"; done
		# Pipes, because a program that opens /dev/stdout again would truncate a file.
		mkfifo /run/out /run/err
		cat </run/out >/run/vm/out & out=$!
		cat </run/err >/run/vm/err & err=$!
		set +e
		/bin/sh /run/vm/command </dev/null >/run/out 2>/run/err
		status=$?
		# A process left behind may hold the pipes open: wait a second for it, then ignore its output.
		for try in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 $out 2>/dev/null || kill -0 $err 2>/dev/null || break
			sleep 0.1
		done
		# After the command the kernel still frees sockets and programs, and may warn about that.
		sleep 0.2
		echo $status >/run/vm/status
		echo b >/proc/sysrq-trigger
		sleep 1000
	END
}

# Quotes a word for the shell.
quote() {
	printf "'%s'" "${1//\'/\'\\\'\'}"
}

write_command() {
	local word
	for word in ${VM_ENV:-}; do
		[[ ! -v $word ]] || echo "export $word=$(quote "${!word}")"
	done
	echo "cd $(quote "$PWD") || exit"
	printf exec
	for word; do
		printf ' %s' "$(quote "$word")"
	done
	echo
}

write_initramfs() {
	local root=$1
	mkdir -p "$root"/{bin,dev,early}
	cp /bin/busybox "$root/bin/"
	cp "$dir"/early/* "$root/early/"
	write_init >"$root/init"
	chmod 755 "$root/init"
	(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0)
	rm -rf "$root"
}

# --- the machine, outside ----------------------------------------------------------------------

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
	local args=(-nodefaults -no-user-config -display none -monitor none -no-reboot)
	local cmdline="console=ttyS0 panic=-1 oops=panic mitigations=off tsc=reliable"
	# Emulated code is translated anew for each virtual address, and clearing pages is slow.
	cmdline+=" norandmaps init_on_alloc=0"
	# A busy host stops the machine's processors for seconds. Only a task that is stuck for far longer is a
	# defect.
	cmdline+=" watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120"
	# Where a processor has erms, kernels copy by `rep movsb`, which is emulated byte by byte: three times slower.
	args+=(-machine pc -cpu "max,erms=off,fsrm=off" -m "$memory" -smp "$cpus")
	if $icount; then
		args+=(-accel tcg -icount "shift=0,sleep=off")
	else
		# One host thread for all processors. With a thread for each, a processor can still run an int3 that
		# another has just removed, and the kernel dies. One thread costs a tenth of the speed.
		args+=(-accel "tcg,thread=single")
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
	# The machine ends with this script, even if the script is killed.
	setpriv --pdeathsig KILL timeout -k 2 "$time_limit" setpriv --pdeathsig KILL \
		qemu-system-x86_64 "${args[@]}" </dev/null >"$work/qemu" 2>&1 &
	machine_pid=$!
}

run() {
	local status ended=0 tails
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
		echo "config=$(quote "$(readlink -f "$dir/boot")/config-$(<"$dir/version")")"
		[ -z "$nics" ] || echo "extra=$nics_module"
	} >"$work/run/kernel"
	write_second_init >"$work/run/init"
	write_command "$@" >"$work/run/command"
	write_initramfs "$work/initramfs.d" >"$work/initramfs"
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
			check_tools
			for kernel; do ensure "$kernel"; done
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
	check_tools
	ensure "$kernel"
	run "$@"
}

main "$@"
