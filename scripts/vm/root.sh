# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# For vm.sh: the root file system of a machine of another architecture than the host's, in build/vm/roots/ARCHITECTURE.
#
# "$store" and "$sources" are those of kernels.sh.

# What the tests run: the libraries of the harness, the tools of the tests, perf as a second count of the processor's
# events, and gawk, because tests use more than mawk has.
root_packages='base-files base-passwd bash coreutils dash debianutils diffutils findutils gawk grep gzip hostname mount
	ncurses-base ncurses-bin procps sed util-linux bsdutils libbpf1 libelf1 zlib1g libjansson4 libmnl0 libsmartcols1
	libncurses6 liburing2 bats jq iproute2 ethtool tcpdump kmod bpftool python3-jsonschema linux-perf busybox-static'

# Empty: the host's own root.
root_of() {
	[ "$1" = amd64 ] || echo "${store:?}/roots/$1"
}

root_is_here() {
	local root
	root=$(root_of "$1")
	[ -z "$root" ] || [ "$(cat "$root/packages" 2>/dev/null)" = "$root_packages" ]
}

# Packages with all that they depend on, unpacked. Their scripts cannot run here; what the tests need of these is below.
fetch_root() {
	local architecture=$1 apt=$store/apt/root-$1 dir=$store/roots/.$1.new deb name
	echo "vm.sh: downloading a root for $architecture" >&2
	make_private_apt "$apt" "$architecture"
	cp "${sources:?}" "$apt/etc/sources.list.d/"
	export APT_CONFIG=$apt/config
	apt-get update -qq >&2 || die "cannot read the package lists of $sources"
	# shellcheck disable=SC2086 # a list of packages
	apt-get install -qq --download-only --no-install-recommends $root_packages >&2 || die "cannot download the root's packages"
	rm -rf "$dir"
	mkdir -p "$dir"/{usr/bin,usr/sbin,usr/lib,etc,dev,proc,sys,tmp,run,root,boot,mnt,home}
	for name in bin sbin lib; do
		ln -s "usr/$name" "$dir/$name"
	done
	for deb in "$apt"/archives/*.deb; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --keep-directory-symlink
	done
	ln -sf gawk "$dir/usr/bin/awk"
	cp "$dir/usr/share/base-passwd/group.master" "$dir/etc/group"
	cp "$dir/usr/share/base-passwd/passwd.master" "$dir/etc/passwd"
	echo "tcpdump:x:100:65534::/nonexistent:/usr/sbin/nologin" >>"$dir/etc/passwd"
	printf '127.0.0.1 localhost\n::1 localhost\n' >"$dir/etc/hosts"
	echo "$root_packages" >"$dir/packages"
	rm -rf "$apt" "$store/roots/$architecture"
	mv -T "$dir" "$store/roots/$architecture"
}
