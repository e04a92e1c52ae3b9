# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables are shared with test-runtimes
#
# What gives out addresses: a tasknetd with the configuration and the places of an installed one. Sourced by
# test-runtimes.

network_start() {
  mkdir -p "$work/plugin" /etc/tasknet
  ln -s "$built/tasknet-cni" "$work/plugin/tasknet"
  cp "$tree/examples/tasknet.yaml" /etc/tasknet/tasknet.yaml
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

# What is left on the host goes with the daemon, when no sandbox needs it.
network_stop() {
  local status=0
  kill "$daemon"
  wait "$daemon" || status=$?
  check "tasknetd ends well" test "$status" = 0
  rm -rf /run/tasknet
}

network_conflist() { cat "$tree/examples/cni/tasknet.conflist"; }

# By the kernel and by the daemon, which ought to agree.
network_addresses() {
  ip -j route show proto 84 | jq -r '.[].dst'
  "$built/tasknet" eni list --json | jq -r '.. | .privateIpv4Addresses? // empty | .[]'
}
