# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Tests written in bash: a line of the Test Anything Protocol for each. Sourced; count_tap of results.sh counts the lines.

number=0 failed='' suite=''

# check WHAT COMMAND...: one test. What the command printed is told when it fails.
check() {
  local what=$1 output
  shift
  number=$((number + 1))
  if output=$("$@" 2>&1); then
    echo "ok $number - $suite: $what"
  else
    echo "not ok $number - $suite: $what"
    printf '%s\n' "$output" | sed 's/^/# /'
    failed=yes
  fi
}

# skip WHAT REASON: a test that cannot run here.
skip() {
  number=$((number + 1))
  echo "ok $number - $suite: $1 # SKIP $2"
}

# Waits up to a minute for a command to succeed.
eventually() {
  for _ in $(seq 600); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.1
  done
  echo "in vain for a minute: $*"
  "$@"
}

no() { ! "$@"; }
silent() {
  local output
  output=$("$@" 2>&1)
  echo "$output"
  [ -z "$output" ]
}
