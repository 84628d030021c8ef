# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# For vm.sh: the programs that run inside the machine, and the archive that it boots from.
#
# The machine's /run/vm is the runner's own folder. "kernel" there has variables for both programs:
#   version, modules, config    of the kernel: the folder of its modules and its configuration, on the host
#   root, checkout              on the host: the machine's root file system (empty: the host's), and this checkout
#   extra                       modules to load for --nics, or unset
# "command" is the script to run; "out", "err" and "status" are what it leaves.

# The first program in the machine makes a usual system of the host's files, under a writable layer. It uses
# busybox from the machine's memory, because reading programs from the host is slow.
write_init() {
	cat <<-'END'
		#!/bin/busybox sh
		# If the first program fails, the machine ends, so that no failure stays unseen.
		set -e
		for name in mount mkdir insmod cp ln chmod touch hostname ifconfig mountpoint switch_root; do
			/bin/busybox ln -s busybox /bin/$name
		done
		for module in /early/*; do insmod "$module"; done
		options=trans=virtio,version=9p2000.L,msize=512000
		mkdir /lower /layer /vm
		# A write there is in the host's file when it returns.
		mount -t 9p -o cache=none,$options run /vm
		. /vm/kernel
		# The host's files do not change while the machine runs, so cache all reads.
		mount -t 9p -o ro,cache=loose,$options root /lower
		mount -t tmpfs -o size=90% tmpfs /layer
		mkdir /layer/upper /layer/work /layer/root
		mount -t overlay -o "lowerdir=/lower$root,upperdir=/layer/upper,workdir=/layer/work" root /layer/root
		cd /layer/root
		# On another architecture: the checkout, at its place, with what was built for this one.
		if [ "$root" ]; then
			here=/layer/root$checkout
			mkdir -p "$here" /layer/checkout /layer/checkout.work
			mount -t overlay -o "lowerdir=/lower$checkout,upperdir=/layer/checkout,workdir=/layer/checkout.work" checkout "$here"
			if [ -e "$here/build/arm64/harness" ]; then
				touch "$here/harness"
				mount -o bind "$here/build/arm64/harness" "$here/harness"
				mount -o bind "$here/build/arm64/out" "$here/build"
			fi
		fi
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
		mount -o move /vm run/vm
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

# write_command COMMAND [ARG...]: a script that runs it in this directory, with the variables of VM_ENV
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

# write_initramfs KERNEL_DIR BUSYBOX ROOT: prints the archive; ROOT is a folder to make it in
write_initramfs() {
	local dir=$1 busybox=$2 root=$3
	mkdir -p "$root"/{bin,dev,early}
	cp "$busybox" "$root/bin/"
	cp "$dir"/early/* "$root/early/"
	write_init >"$root/init"
	chmod 755 "$root/init"
	(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0)
	rm -rf "$root"
}
