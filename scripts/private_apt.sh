# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# Sourced: a separate apt, so that the host's is not changed.

# make_private_apt ROOT ARCHITECTURE...: makes ROOT, for APT_CONFIG=ROOT/config; the first architecture is its own.
# It has the host's settings (such as proxies) but not its hooks, which would refresh the host's caches. No package is
# installed in it. The caller adds the archives, in ROOT/etc.
make_private_apt() {
	local root=$1
	shift
	rm -rf "$root"
	mkdir -p "$root"/{etc/apt.conf.d,etc/preferences.d,etc/sources.list.d,lists/partial,archives/partial}
	cp /etc/apt/apt.conf.d/* "$root/etc/apt.conf.d/" 2>/dev/null || true
	! [ -e /etc/apt/apt.conf ] || cp /etc/apt/apt.conf "$root/etc/"
	printf '#clear %s;\n' APT::Update::Pre-Invoke APT::Update::Post-Invoke APT::Update::Post-Invoke-Success \
		>"$root/etc/apt.conf.d/zz-no-hooks"
	: >"$root/status"
	# The sandbox user may not be able to enter the checkout. Unverified packages are refused.
	cat >"$root/config" <<-END
		Dir::State "$root";
		Dir::State::status "$root/status";
		Dir::Cache "$root";
		Dir::Etc "$root/etc";
		APT::Sandbox::User "root";
		APT::Architecture "$1";
		APT::Architectures { $(printf '"%s"; ' "$@")};
		APT::Update::Error-Mode "any";
		APT::Get::AllowUnauthenticated "false";
		Acquire::AllowInsecureRepositories "false";
	END
}
