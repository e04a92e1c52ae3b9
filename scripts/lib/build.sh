# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Building tasknet. Sourced after prerequisites.sh, with `tree` the top of the source tree.

# Runs a command as whoever owns the tree when that is the user who called sudo: what the toolchain writes to .build
# and to its caches is then theirs, and their next `swift build` works.
as_tree_owner() {
  if [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] && [ "$(stat -c %U "$tree")" = "$SUDO_USER" ]; then
    runuser -u "$SUDO_USER" -- env HOME="$(getent passwd "$SUDO_USER" | cut -d: -f6)" "$@"
  else
    "$@"
  fi
}

# build ARGUMENT...: runs `swift build` in the tree. Its step counter shows on a terminal only; anything else it says
# is passed on. With TASKNET_WARNINGS=error a warning about the tree's own sources fails the build.
build() {
  local log status=0
  log=$(mktemp "${TMPDIR:-/tmp}/tasknet-build.XXXXXX")
  note "building (the first time takes some minutes)"
  (cd "$tree" && as_tree_owner swift build "$@") 2>&1 | tee "$log" | show_progress || status=$?
  if [ "$status" = 0 ] && [ "${TASKNET_WARNINGS:-}" = error ] &&
    grep -E "^($tree/)?(Package\.swift|Sources/|Tests/|Benchmarks/).*: warning: " "$log" >&2; then
    note "the build has warnings"
    status=1
  fi
  rm -f "$log"
  return "$status"
}

# build_for_release PRODUCT [ARGUMENT...]: builds a program as it is installed, with all of Swift that it needs in it.
build_for_release() { build --configuration release --static-swift-stdlib --product "$@"; }

show_progress() {
  if [ -t 2 ]; then
    awk '/^\[[0-9]+\/[0-9]+\]/ {printf "\r\033[K%.100s", $0 >"/dev/stderr"; next} {print >"/dev/stderr"}
      END {printf "\r\033[K" >"/dev/stderr"}'
  else
    grep -vE '^\[[0-9]+/[0-9]+\]' >&2 || true
  fi
}

# built_directory CONFIGURATION: prints the directory that holds what `build` built.
built_directory() { (cd "$tree" && as_tree_owner swift build --show-bin-path --configuration "$1"); }

# compile_floor FILE: compiles the program whose figures are the kernel's own price.
compile_floor() { cc -O2 -pthread -o "$1" "$tree"/Benchmarks/Floor/*.c; }
