#!/usr/bin/env bash
# deb_test.sh BUILD_DIR: the package of that build in a bare Debian, by packaging/check-deb; skipped
# (status 77) where that cannot be had.
set -euo pipefail
build=$(readlink -f "$1")
skip() {
  echo "skipped: $*"
  exit 77
}
[[ -e $build/CPackConfig.cmake ]] ||
  skip "this build is not for a package; scripts/test configures it with -DCMAKE_INSTALL_PREFIX=/usr"
[[ $(id -u) -eq 0 ]] || skip "debootstrap and chroot need root"
for tool in debootstrap lintian dpkg-shlibdeps; do
  command -v "$tool" >/dev/null || skip "there is no $tool; install debootstrap, lintian and dpkg-dev"
done
unshare --mount true 2>/dev/null || skip "no mount namespace is to be had here"
# shellcheck disable=SC2016  # apt's variable
mirror=$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' | sed -n 1p)
[[ -n $mirror ]] || skip "apt has no mirror of Debian 12 here"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cpack --config "$build/CPackConfig.cmake" -B "$tmp" >"$tmp/log" 2>&1 || { cat "$tmp/log" && exit 1; }
"$(dirname "$(readlink -f "$0")")"/../../packaging/check-deb --deb "$tmp"/mrec_*.deb
