# SPDX-License-Identifier: GPL-2.0
# The Debian package: built, linted, installed, used and removed.

load ../helpers
unset HARNESS # make would build that one

# One build serves all tests. A package that was installed before stays untouched.
setup_file() {
	local source=$BATS_FILE_TMPDIR/source
	export BUILT=$BATS_FILE_TMPDIR
	! dpkg-query -W -f '${Status}' tcp-copy-harness 2> /dev/null | grep -q 'ok installed'
	mkdir "$source"
	git ls-files -co --exclude-standard | grep -v '^tests/' | cpio -pdm --quiet "$source"
	(cd "$source" && DEB_BUILD_OPTIONS=noautodbgsym dpkg-buildpackage -b -us -uc > ../build.log 2>&1) || {
		tail -n 30 "$BUILT/build.log"
		return 1
	}
}

teardown_file() {
	! dpkg-query -W -f '${Status}' tcp-copy-harness 2> /dev/null | grep -q 'ok installed' ||
		dpkg --purge tcp-copy-harness
}

@test "lintian has no error and no warning" {
	run lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$BUILT"/tcp-copy-harness_*.changes
	[ "$status" -eq 0 ]
	! grep -qE '^[EW]:' <<< "$output"
}

@test "the package has the version of debian/changelog, and the files of make install" {
	local version
	version=$(dpkg-parsechangelog -S Version)
	[ "$(dpkg-deb -f "$BUILT"/tcp-copy-harness_*.deb Version)" = "$version" ]
	dpkg-deb -c "$BUILT"/tcp-copy-harness_*.deb > "$BUILT/files"
	for file in bin/harness share/harness/analysis/verify.py share/harness/analysis/claims.toml \
		share/harness/schema/ledger.json share/man/man1/harness{,-run,-advise,-doctor,-watch,-verify,-report}.1.gz \
		share/bash-completion/completions/harness; do
		grep -q " ./usr/$file\$" "$BUILT/files"
	done
}

@test "the installed package runs from /usr/bin, and its removal leaves nothing" {
	local version
	version=$(dpkg-parsechangelog -S Version)
	dpkg -i "$BUILT"/tcp-copy-harness_*.deb
	cd "$BATS_TEST_TMPDIR"
	[ "$(/usr/bin/harness --version)" = "harness $version" ]
	/usr/bin/harness --trace none --messages 10
	/usr/bin/harness doctor || [ $? -eq 1 ]
	/usr/bin/harness verify --help
	man -w harness-run
	dpkg --purge tcp-copy-harness
	[ ! -e /usr/bin/harness ]
	[ ! -e /usr/share/harness ]
}
