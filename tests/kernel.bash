# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# kernel_name: the running kernel as tests/system/attached.table names it: 6.12, or arm64-6.12
kernel_name() {
	local release prefix=
	release=$(uname -r)
	[ "$(uname -m)" != aarch64 ] || prefix=arm64-
	echo "$prefix$(cut -d. -f1,2 <<< "$release")"
}
