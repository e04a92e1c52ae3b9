# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A private control group below the caller's own (in v2, which may give it no controllers, or above that), in every
# hierarchy that is mounted (v1, hybrid or v2), so that a systemd booted in it cannot touch a group of the machine's.
# Sourced.
#
#   cgroups_create NAME; (cgroups_join; exec unshare --cgroup ...); cgroups_remove
#   and in there: cgroups_mount DIRECTORY v1|hybrid|v2

CGROUP_DIRECTORIES=()

cgroups_create() {
  local controllers path mount directory
  CGROUP_DIRECTORIES=()
  while IFS=: read -r _ controllers path; do
    case $controllers in
      '')
        mount=/sys/fs/cgroup/unified
        [ ! -f /sys/fs/cgroup/cgroup.controllers ] || mount=/sys/fs/cgroup
        ;;
      name=*) mount=/sys/fs/cgroup/${controllers#name=} ;;
      *) mount=/sys/fs/cgroup/$controllers ;;
    esac
    [ -d "$mount$path" ] || continue
    directory=$mount${path%/}
    # In v2 a group that has processes, as the caller's has, gives its children no controllers: one above may.
    if [ "$mount" = /sys/fs/cgroup ]; then
      while [ "$directory" != "$mount" ] && ! grep -qw cpu "$directory/cgroup.subtree_control"; do
        directory=${directory%/*}
      done
    fi
    directory=$directory/$1
    mkdir -p "$directory"
    CGROUP_DIRECTORIES+=("$directory")
    # A new v1 cpuset has no processors and takes no process before it has some.
    if [[ ,$controllers, == *,cpuset,* ]]; then
      cat "${directory%/*}/cpuset.cpus" >"$directory/cpuset.cpus"
      cat "${directory%/*}/cpuset.mems" >"$directory/cpuset.mems"
    fi
  done </proc/self/cgroup
}

cgroups_join() {
  local directory
  for directory in "${CGROUP_DIRECTORIES[@]}"; do
    echo "$BASHPID" >"$directory/cgroup.procs"
  done
}

# A group can be removed once the kernel has let go of its last process, which is a little after its death.
cgroups_remove() {
  local directory
  for directory in "${CGROUP_DIRECTORIES[@]}"; do
    for _ in $(seq 100); do
      [ -d "$directory" ] || break
      find "$directory" -depth -type d -exec rmdir {} \; 2>/dev/null || true
      [ ! -d "$directory" ] || sleep 0.05
    done
    [ ! -d "$directory" ] || printf 'control group left behind: %s\n' "$directory" >&2
  done
}

# Mounts the control groups of the calling cgroup namespace.
cgroups_mount() {
  local directory=$1 layout=$2 controller
  if [ "$layout" = v2 ]; then
    mount -t cgroup2 cgroup2 "$directory"
    return
  fi
  mount -t tmpfs -o mode=755 tmpfs "$directory"
  for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
    mkdir "$directory/$controller"
    mount -t cgroup -o "$controller" cgroup "$directory/$controller" || rmdir "$directory/$controller"
  done
  mkdir "$directory/systemd"
  mount -t cgroup -o none,name=systemd cgroup "$directory/systemd"
  if [ "$layout" = hybrid ]; then
    mkdir "$directory/unified"
    mount -t cgroup2 cgroup2 "$directory/unified"
  fi
}
