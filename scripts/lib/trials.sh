# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Building and running tasknet-trials. Sourced, with `tree` the top of the source tree.
# shellcheck source=scripts/lib/prerequisites.sh
. "$tree/scripts/lib/prerequisites.sh"
# shellcheck source=scripts/lib/build.sh
. "$tree/scripts/lib/build.sh"

# run_trial CONFIGURATION TRIAL ARGUMENT...: builds what is needed and runs the trial in a host of its own.
run_trial() {
  local configuration=$1 trial=$2 programs='' arguments=() product busybox
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
      --programs) programs=$(cd "${2:?--programs needs a directory}" && pwd) && shift 2 ;;
      --release) configuration=release && shift ;;
      -h | --help) print_usage && exit ;;
      *) arguments+=("$1") && shift ;;
    esac
  done
  require_root
  require_packages util-linux mount iproute2
  busybox=$(require_static_busybox)
  if [ -z "$programs" ]; then
    require_swift
    require_build_packages
    for product in tasknetd tasknet-cni tasknet-pause tasknet-trials; do
      build --configuration "$configuration" --product "$product" || die 1 "the build failed"
    done
    programs=$(built_directory "$configuration")
  fi
  TASKNET_BUSYBOX=$busybox exec "$tree/scripts/in-private-host" "$programs/tasknet-trials" "$trial" "${arguments[@]}"
}
