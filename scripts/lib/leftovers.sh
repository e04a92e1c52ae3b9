# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a test run may leave on the machine itself. Sourced.
#
# The runs have namespaces of their own, so nothing of theirs should ever be seen here; this looks all the same. Only
# what bears a name of tasknet's counts: other work goes on meanwhile. Where that other work is tasknet's too, what is in
# the kernel is not held against this run. Processes are told by an environment variable, which all of a run's inherit.

TASKNET_TEST_RUN=$$-$(date +%s%N)
export TASKNET_TEST_RUN

machine_state() {
  find /run /etc /var/lib -maxdepth 1 -name '*tasknet*' -printf 'file %p\n'
  find /sys/fs/cgroup -maxdepth 3 -name "tasknet*-$$*" -printf 'control group %p\n'
  if others_at_work; then return; fi
  ip -o link show | awk -F': ' '$2 ~ /^tn-/ || /alias tasknet/ {print "link " $2}'
  ip -o route show table all proto 84 | sed 's/^/route /'
  [ ! -d /run/netns ] || find /run/netns -mindepth 1 -printf 'namespace %f\n'
  nft list tables 2>/dev/null | grep tasknet || true
}

# Whether programs or tests of tasknet run in this network namespace that are not this run's.
others_at_work() {
  local pid here
  here=$(readlink /proc/self/ns/net)
  for pid in $(pgrep 'tasknet|xctest'); do
    [ "$(readlink "/proc/$pid/ns/net")" != "$here" ] || return 0
  done
  return 1
}

run_processes() {
  local directory
  for directory in /proc/[1-9]*; do
    [ "${directory#/proc/}" != $$ ] && [ "${directory#/proc/}" != "$BASHPID" ] || continue
    grep -qzsx "TASKNET_TEST_RUN=$TASKNET_TEST_RUN" "$directory/environ" 2>/dev/null || continue
    printf 'process %s %s\n' "${directory#/proc/}" "$(tr '\0' ' ' 2>/dev/null <"$directory/cmdline")"
  done
}

note_leftovers_before() { machine_state | sort >"$1"; }

# leftovers_since FILE: prints what is there now and was not when FILE was written, and fails if that is anything.
# TMPDIR must be empty. What is on its way out gets a few seconds.
leftovers_since() {
  local list=''
  for _ in $(seq 50); do
    list=$(
      machine_state | sort | comm -13 "$1" -
      run_processes
      find "$TMPDIR" -mindepth 1 -maxdepth 1 -printf 'file %p\n'
    )
    [ -n "$list" ] || return 0
    sleep 0.1
  done
  printf '%s\n' "$list"
  return 1
}
