# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# For vm.sh: downloads Debian's kernels and unpacks them.
#
# build/vm/kernels/KERNEL has the folders of its packages (boot, lib, usr) and, made here:
#   vmlinux                     the kernel, unpacked
#   early/                      the modules to load first, in their order
#   version, package-version    of the kernel, of its package
# "$here" is the checkout. die() prints its words and ends the script.

# shellcheck source=scripts/private_apt.sh
. "${here:?}/scripts/private_apt.sh"

store=$here/build/vm
sources=/etc/apt/sources.list.d/debian.sources
known='5.10 6.1 6.12 newest arm64-6.1 arm64-6.12 arm64-6.12-16k arm64-newest'

# Debian's name of the machine that a kernel is for.
architecture_of() {
	case $1 in
	arm64-*) echo arm64 ;;
	*) echo amd64 ;;
	esac
}

# The source of a kernel: the package that depends on the newest image, and the suites to search.
origin() {
	case $1 in
	5.10) echo linux-image-amd64 bullseye bullseye-security ;;
	6.1) echo linux-image-amd64 bookworm bookworm-security ;;
	6.12) echo linux-image-6.12-amd64 bookworm-security ;;
	newest) echo linux-image-amd64 sid ;;
	arm64-6.1) echo linux-image-arm64 bookworm bookworm-security ;;
	arm64-6.12) echo linux-image-6.12-arm64 bookworm-security ;;
	arm64-6.12-16k) echo linux-image-6.12-arm64-16k bookworm-security ;;
	arm64-newest) echo linux-image-arm64 sid ;;
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
	for module in virtio_pci virtio_mmio 9pnet_virtio 9p overlay; do
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

unpack() {
	case $(od -An -tx1 -N4 "$1") in
	' fd 37 7a 58') xz -dc --single-stream "$1" ;;
	# The last four bytes are the size, which is not part of the zstd data.
	' 28 b5 2f fd') head -c -4 "$1" | zstd -dcq ;;
	' 1f 8b 08 '*) gzip -dc "$1" ;;
	*) die "unknown compression: $1" ;;
	esac
}

# Unpacks the kernel here, because an emulated processor takes seconds to do it. Of x86, by the boot protocol, the
# payload is after the setup sectors (their number is at 0x1f1), with offset and length at 0x248. Of arm64 the file is
# the kernel ("ARMd" at 56), or the kernel compressed, or an EFI program ("zimg" at 4) with offset and length at 8.
unpack_vmlinux() {
	local image=$1 sectors offset length
	case $(od -An -c -j4 -N4 "$image" | tr -d ' ')-$(od -An -c -j56 -N4 "$image" | tr -d ' ') in
	*-ARMd)
		cat "$image"
		return
		;;
	zimg-*) read -r offset length < <(od -An -tu4 -j8 -N8 "$image") ;;
	*)
		if [ "$(od -An -tx1 -N2 "$image")" = ' 1f 8b' ]; then
			unpack "$image"
			return
		fi
		sectors=$(od -An -tu1 -j $((0x1f1)) -N1 "$image")
		read -r offset length < <(od -An -tu4 -j $((0x248)) -N8 "$image")
		offset=$(((sectors + 1) * 512 + offset))
		;;
	esac
	dd if="$image" iflag=skip_bytes,count_bytes skip="$offset" count="$length" bs=1M status=none >"$image.payload"
	unpack "$image.payload"
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
	make_private_apt "$apt" "$(architecture_of "$kernel")"
	# shellcheck disable=SC2086 # a list of suites
	source_lines $suites >"$apt/etc/sources.list"
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

is_here() {
	[ -e "$store/kernels/$1/version" ] && root_is_here "$(architecture_of "$1")"
}

# Fetches a kernel and its machine's root unless they are here, one at a time: two machines may want the same.
ensure() {
	origin "$1" >/dev/null
	! is_here "$1" || return 0
	mkdir -p "$store/kernels"
	exec 9>"$store/lock"
	flock 9
	if [ ! -e "$store/kernels/$1/version" ]; then fetch "$1"; fi
	if ! is_here "$1"; then fetch_root "$(architecture_of "$1")"; fi
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
