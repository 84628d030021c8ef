#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Builds the harness for arm64 on another machine: the BPF side and the program.
#
# cross_arm64.sh           builds build/arm64/harness
# cross_arm64.sh --fetch   only downloads and unpacks the compiler and the libraries
#
# The compiler and the libraries are Debian packages, unpacked below build/arm64, so that the host needs
# no second architecture and is not changed. Debian packages it needs itself: apt, dpkg, make, gcc,
# clang, bpftool, util-linux.
set -Eeuo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
store=$here/build/arm64
sysroot=$store/sysroot
triplet=aarch64-linux-gnu

die() {
	printf 'cross_arm64.sh: %s\n' "$*" >&2
	exit 1
}

# shellcheck source=scripts/private_apt.sh
. "$here/scripts/private_apt.sh"

trap 'die "line $LINENO: this failed: $BASH_COMMAND"' ERR

check_tools() {
	local tool package
	while read -r tool package; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null ||
			die "missing $tool; to install: sudo apt-get install $package"
	done <<-END
		apt-get apt
		dpkg-deb dpkg
		make make
		gcc gcc
		clang clang
		bpftool bpftool
		flock util-linux
	END
}

# The compiler runs on the host; the libraries that it links are for arm64.
compiler_packages() {
	local version=$1
	echo "gcc-$version-$triplet" "cpp-$version-$triplet" "gcc-$version-$triplet-base" "binutils-$triplet"
}

# Libraries of the host that the compiler itself needs and the host may lack, and those of arm64.
library_packages() {
	local version=$1 name
	echo "libgcc-$version-dev-arm64-cross"
	for name in libgcc-s1 libc6 libc6-dev linux-libc-dev libbpf1 libbpf-dev libelf1 libelf-dev zlib1g zlib1g-dev \
		libjansson4 libjansson-dev libmnl0 libmnl-dev liburing2 liburing-dev libsmartcols1 \
		libsmartcols-dev libzstd1 libncurses6 libncurses-dev libtinfo6; do
		echo "$name:arm64"
	done
}

# The version of gcc of Debian's default cross compiler.
gcc_version() {
	apt-cache depends gcc-$triplet | sed -nE "s/.*Depends: gcc-([0-9]+)-$triplet.*/\1/p" | head -n 1
}

fetch() {
	local root=$store/apt version packages
	export APT_CONFIG=$root/config
	make_private_apt "$root" "$(dpkg --print-architecture)" arm64
	cp /etc/apt/sources.list.d/debian.sources "$root/etc/sources.list.d/"
	apt-get update -qq
	version=$(gcc_version)
	[ -n "$version" ] || die "the archive has no gcc-$triplet"
	# shellcheck disable=SC2207 # names without blanks
	packages=($(compiler_packages "$version") $(library_packages "$version"))
	(cd "$root/archives" && apt-get download -qq "${packages[@]}")
	rm -rf "$sysroot.new"
	mkdir -p "$sysroot.new"
	for package in "$root"/archives/*.deb; do
		dpkg-deb -x "$package" "$sysroot.new"
	done
	# The targets of links with absolute paths are in the sysroot.
	find "$sysroot.new" -type l -lname '/*' | while read -r link; do
		ln -sfn "$sysroot$(readlink "$link")" "$link"
	done
	echo "$version" >"$sysroot.new/gcc-version"
	rm -rf "$root" "$sysroot"
	mv "$sysroot.new" "$sysroot"
}

build() {
	local version
	version=$(<"$sysroot/gcc-version")
	# The compiler's own libraries are beside it. It finds its assembler and linker by name.
	LD_LIBRARY_PATH=$sysroot/usr/lib/$(gcc -print-multiarch)
	export LD_LIBRARY_PATH PATH=$sysroot/usr/bin:$PATH
	make -C "$here" -j"$(nproc)" --no-print-directory BUILD=build/arm64/out HARNESS=build/arm64/harness BPF_ARCH=arm64 \
		CC="$triplet-gcc-$version --sysroot=$sysroot" build/arm64/harness
}

case ${1-} in
'' | --fetch) ;;
*)
	sed -n '3,10s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
check_tools
mkdir -p "$store"
exec 9>"$store/lock"
flock 9
[ "$sysroot/gcc-version" -nt "$here/scripts/cross_arm64.sh" ] || fetch
[ "${1-}" = --fetch ] || build
