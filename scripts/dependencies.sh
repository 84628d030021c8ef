#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What the project needs from Debian, by purpose, and the packages that provide it.
#
# dependencies.sh --check PURPOSE     names missing packages and the command that installs them; 1 if any
# dependencies.sh --install PURPOSE   names and installs missing packages (root)
# PURPOSE: build, install, test (each includes the needs of the one before it)
set -eu

usage() {
	sed -n '3,8s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

# The package of libFuzzer's runtime has the version of clang in its name; without clang, that of Debian 12.
clang_version() {
	version=$(clang -dumpversion 2> /dev/null) || version=14
	echo "${version%%.*}"
}

# A line for each need: what must exist, and the package that has it.
needs() {
	cat <<-END
		gcc gcc
		make make
		clang clang
		bpftool bpftool
		pkg-config pkg-config
		/usr/include/bpf/libbpf.h libbpf-dev
		/usr/include/libelf.h libelf-dev
		/usr/include/zlib.h zlib1g-dev
		/usr/include/jansson.h libjansson-dev
		/usr/include/libmnl/libmnl.h libmnl-dev
		/usr/include/liburing.h liburing-dev
		/usr/include/libsmartcols/libsmartcols.h libsmartcols-dev
		/usr/include/curses.h libncurses-dev
	END
	[ "$1" != build ] || return 0
	# man pages from --help, so that options are described once
	cat <<-END
		help2man help2man
	END
	[ "$1" != install ] || return 0
	# jsonschema validates each --json output: the schema language is too large to implement here.
	# hypothesis makes inputs for the readers of analysis/, and reduces one that fails.
	cat <<-END
		bats bats
		jq jq
		codespell codespell
		flake8 flake8
		mypy mypy
		clang-tidy clang-tidy
		mandoc mandoc
		man man-db
		dpkg-buildpackage dpkg-dev
		dh debhelper
		lintian lintian
		/usr/include/cmocka.h libcmocka-dev
		$(clang --print-runtime-dir 2> /dev/null)/libclang_rt.fuzzer-$(uname -m).a libclang-rt-$(clang_version)-dev
		clang-format clang-format
		cppcheck cppcheck
		shellcheck shellcheck
		tcpdump tcpdump
		ip iproute2
		ss iproute2
		pgrep procps
		mount mount
		ethtool ethtool
		script bsdutils
		tmux tmux
		setpriv util-linux
		/usr/bin/python3 python3
		/usr/lib/python3/dist-packages/matplotlib python3-matplotlib
		/usr/lib/python3/dist-packages/pandas python3-pandas
		/usr/lib/python3/dist-packages/jsonschema python3-jsonschema
		/usr/lib/python3/dist-packages/hypothesis python3-hypothesis
		chromium chromium
		iperf3 iperf3
		perf linux-perf
		tc iproute2
		nft nftables
		patch patch
		bpftrace bpftrace
		nginx nginx-light
		wrk wrk
		redis-server redis-server
		redis-benchmark redis-tools
		socat socat
		curl curl
		qemu-system-x86_64 qemu-system-x86
		/bin/busybox busybox-static
		cpio cpio
		xz xz-utils
		zstd zstd
		flock util-linux
		modinfo kmod
	END
}

have() {
	case $1 in
	/*) [ -e "$1" ] ;;
	*) command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] ;;
	esac
}

missing() {
	needs "$1" | while read -r what package; do
		have "$what" || printf '%s ' "$package"
	done
}

[ $# -eq 2 ] || usage
case $2 in
build | install | test) ;;
*) usage ;;
esac
packages=$(missing "$2")
case $1 in
--check)
	[ -z "$packages" ] && exit 0
	echo "missing: ${packages% }; to install: sudo apt-get install ${packages% }" >&2
	exit 1
	;;
--install)
	[ -z "$packages" ] && exit 0
	if [ "$(id -u)" != 0 ]; then
		echo "cannot install ${packages% } as a user; run: sudo apt-get install ${packages% }" >&2
		exit 1
	fi
	echo "installing: ${packages% }" >&2
	apt-get update -qq >&2
	# shellcheck disable=SC2086 # a list of package names
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
	packages=$(missing "$2")
	[ -z "$packages" ] || {
		echo "still missing after installation: $packages" >&2
		exit 1
	}
	;;
*) usage ;;
esac
