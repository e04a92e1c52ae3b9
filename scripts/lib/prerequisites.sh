# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts need of the machine: root, a Swift toolchain, Debian packages, a place to keep downloads.
# Sourced. Nothing is done before a function is called.

# Exit codes that the scripts share (sysexits.h).
readonly EXIT_USAGE=64 EXIT_NO_SWIFT=69 EXIT_NO_PACKAGE=70 EXIT_NOT_ROOT=77

# The oldest toolchain that reads Package.swift.
readonly SWIFT_MINIMUM=6.1

note() { printf '%s\n' "$*" >&2; }

die() {
  local status=$1
  shift
  note "${0##*/}: $*"
  exit "$status"
}

# Prints the comment block at the head of the running script: its help text is written once.
print_usage() { sed -n '/^# usage:/,/^[^#]/{/^[^#]/d;s/^# \{0,1\}//;p}' "$0"; }

require_root() {
  [ "$(id -u)" = 0 ] && return
  die "$EXIT_NOT_ROOT" "namespaces and network links need root; run it with sudo: sudo $0"
}

# Puts `swift` on the PATH, or says how to get it. sudo replaces the PATH, so the usual places are looked at as well,
# those of the user who called sudo among them.
require_swift() {
  local home found='' place
  home=$(getent passwd "${SUDO_USER:-root}" | cut -d: -f6) || home=$HOME
  for place in "" "${SWIFTLY_BIN_DIR:-}" "$home/.local/share/swiftly/bin" "$home/.swiftly/bin" "$HOME/.local/share/swiftly/bin" \
    /opt/swift*/usr/bin /usr/local/swift*/usr/bin "$home"/swift*/usr/bin; do
    if [ -z "$place" ]; then
      found=$(command -v swift) && break
    elif [ -x "$place/swift" ]; then
      found=$place/swift
      break
    fi
  done
  if [ -z "$found" ]; then
    die "$EXIT_NO_SWIFT" "no Swift toolchain found; tasknet is built from source with Swift $SWIFT_MINIMUM or newer.
Get one from https://www.swift.org/install/linux/ : either swiftly, which installs toolchains,

    curl -O https://download.swift.org/swiftly/linux/swiftly-$(uname -m).tar.gz
    tar zxf swiftly-$(uname -m).tar.gz && ./swiftly init

or a tarball for Debian unpacked to /opt/swift. Then run $0 again."
  fi
  PATH=$(dirname "$found"):$PATH
  export PATH

  local output version
  # One for another machine, or without the libraries that it needs, ends with an error: that is told.
  output=$(swift --version 2>&1) || die "$EXIT_NO_SWIFT" "$found does not run: ${output%%$'\n'*} (exit status $?)"
  version=$(sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' <<<"$output" | head -n 1)
  [ -n "$version" ] || die "$EXIT_NO_SWIFT" "$found does not tell its version: ${output%%$'\n'*}"
  if [ "$(printf '%s\n' "$SWIFT_MINIMUM" "$version" | sort -V | head -n 1)" != "$SWIFT_MINIMUM" ]; then
    die "$EXIT_NO_SWIFT" "$found is Swift $version; $SWIFT_MINIMUM or newer is needed: https://www.swift.org/install/linux/"
  fi
}

package_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Installs those of the named Debian packages that are missing. The lists are fetched again only when what they
# name cannot be had: a fresh image has no lists, an old one names files that the archive dropped.
require_packages() {
  local missing=() package
  for package in "$@"; do
    package_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    die "$EXIT_NO_PACKAGE" "this is no Debian; install what these Debian packages hold, by your own means: ${missing[*]}"
  note "installing ${missing[*]}"
  if install_packages "${missing[@]}"; then return; fi
  if apt_get -q update >&2 && install_packages "${missing[@]}"; then return; fi
  die "$EXIT_NO_PACKAGE" "could not install ${missing[*]}; apt-get says why above"
}

apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null; }
install_packages() { apt_get -qq -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" >&2; }

# What building needs.
require_build_packages() {
  require_packages ca-certificates git pkg-config g++ libc6-dev \
    libmnl-dev libnetfilter-conntrack-dev libnftables-dev libnftnl-dev libnl-3-dev libnl-route-3-dev \
    libsqlite3-dev zlib1g-dev
}

# require_idle_packages PACKAGE...: the same for packages that bring services. None of those starts, at the next boot neither:
# a policy-rc.d says so to Debian's maintainer scripts, for the time of the installation.
require_idle_packages() (
  policy=/usr/sbin/policy-rc.d missing=() units=()
  for package in "$@"; do
    package_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || exit 0
  exec 9>"$(cache_directory)/services.lock"
  flock 9 # two would take each other's policy for the machine's
  if [ -e "$policy" ]; then mv "$policy" "$policy.tasknet"; fi
  put_back() {
    rm -f "$policy"
    if [ -e "$policy.tasknet" ]; then mv "$policy.tasknet" "$policy"; fi
  }
  trap put_back EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  require_packages "${missing[@]}"
  if command -v systemctl >/dev/null; then
    mapfile -t units < <(dpkg -L "${missing[@]}" | sed -nE 's|.*/systemd/system/([^/]*[^/@]\.(service\|socket\|timer))$|\1|p')
    [ ${#units[@]} = 0 ] || systemctl disable --quiet "${units[@]}" || true
    mapfile -t units < <(dpkg -L "${missing[@]}" | sed -nE 's|.*/systemd/user/([^/]*[^/@]\.(service\|socket\|timer))$|\1|p')
    [ ${#units[@]} = 0 ] || systemctl --global disable --quiet "${units[@]}" || true
  fi
)

# What the tests with container runtimes need: the runtimes; curl and protoc, to speak to containerd's CRI. A runtime that
# is there already will do, whoever it is from: Debian's containerd would put Docker's own away.
require_runtimes() {
  local missing=() pair
  for pair in containerd:containerd ctr:containerd runc:runc crun:crun podman:podman conmon:conmon; do
    command -v "${pair%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  require_idle_packages "${missing[@]}"
  require_packages containernetworking-plugins curl protobuf-compiler iproute2 jq procps util-linux mount
}

# Downloads that are worth keeping, outside the tree. Prints the directory.
cache_directory() {
  local directory=${XDG_CACHE_HOME:-/var/cache}/tasknet
  mkdir -p "$directory"
  printf '%s\n' "$directory"
}

# Prints the path of a static busybox. Debian's busybox-static cannot be installed beside `busybox`, which an
# initramfs may need: there it is unpacked into the cache.
require_static_busybox() {
  if package_installed busybox-static || ! package_installed busybox; then
    require_packages busybox-static
    command -v busybox
    return
  fi
  local directory
  directory=$(cache_directory)/busybox-static
  if [ ! -x "$directory/bin/busybox" ]; then
    unpack_package busybox-static "$directory"
  fi
  printf '%s\n' "$directory/bin/busybox"
}

# unpack_package PACKAGE DIRECTORY: download a package from the machine's Debian archive and unpack it there, all or
# nothing. Call it with the cache locked when several may.
unpack_package() {
  local package=$1 directory=$2 work
  work=$(mktemp -d "$(dirname "$directory")/unpack.XXXXXX")
  if ! download_package "$package" "$work" || ! dpkg-deb -x "$work/$package"_*.deb "$work/root"; then
    rm -rf "$work"
    die "$EXIT_NO_PACKAGE" "could not download the package $package; apt-get says why above"
  fi
  rm -rf "$directory"
  mv "$work/root" "$directory"
  rm -rf "$work"
}

# The sandbox user of apt cannot write to a directory of root's, which apt says at each download: let root do it.
download_package() { (cd "$2" && apt_get -q -o APT::Sandbox::User=root download "$1" >&2); }
