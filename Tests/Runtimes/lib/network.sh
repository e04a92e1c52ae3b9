# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables are shared with test-runtimes
#
# What gives out addresses: a tasknetd with the configuration and the places of an installed one, and a second subnet
# to choose. Sourced by test-runtimes.

network_start() {
  mkdir -p "$work/plugin" /etc/tasknet
  ln -s "$built/tasknet-cni" "$work/plugin/tasknet"
  sed '/cidrBlock:/a\  - {id: subnet-0a400200180000000, name: blue, cidrBlock: 10.64.2.0/24}' \
    "$tree/examples/tasknet.yaml" >/etc/tasknet/tasknet.yaml
  # So that all links are somebody's: what is ready for tasks comes and goes when it suits the daemon.
  printf 'warmPool: {minimum: 0}\n' >>/etc/tasknet/tasknet.yaml
  network_daemon_start
}

network_daemon_start() {
  "$built/tasknetd" 2>>"$work/tasknetd.log" &
  daemon=$!
  if ! eventually "$built/tasknet" subnet list; then
    cat "$work/tasknetd.log"
    return 1
  fi
}

network_daemon_stop() {
  kill "$daemon"
  wait "$daemon"
}

# What is left on the host goes with the daemon, when no sandbox needs it.
network_stop() {
  local status=0
  network_daemon_stop || status=$?
  check "tasknetd ends well" test "$status" = 0
  rm -rf /run/tasknet
}

# network_conflist [NAME]: one of the examples, as a user copies it.
network_conflist() { cat "$tree/examples/cni/${1:-tasknet}.conflist"; }

# By the kernel and by the daemon, which ought to agree.
network_addresses() {
  ip -j route show proto 84 | jq -r '.[].dst'
  "$built/tasknet" eni list --json | jq -r '.. | .privateIpv4Addresses? // empty | .[]'
}

# listed FILTER: whether `tasknet eni list` has an ENI that the jq filter is true for. Prints the list if not.
listed() { "$built/tasknet" eni list --json | jq -e "any(.networkInterfaces[]; $1)" >/dev/null || { "$built/tasknet" eni list && return 1; }; }
