# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables are shared with test-runtimes
#
# podman with its CNI backend. Sourced by the clients that need it.

# set_up_podman RUNTIME: with crun or runc. Fails if this podman has no CNI backend.
set_up_podman() {
  network_conflist >/etc/cni/net.d/10-vpc.conflist
  network_conflist another-subnet >/etc/cni/net.d/20-blue.conflist
  cat >"$work/containers.conf" <<END
[containers]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "$1"
[network]
network_backend = "cni"
cni_plugin_dirs = ["$plugins"]
network_config_dir = "/etc/cni/net.d"
END
  export CONTAINERS_CONF=$work/containers.conf
  # podman 5 has netavark alone.
  [ "$(podman info --format '{{.Host.NetworkBackend}}' 2>/dev/null)" = cni ] || return 1
  podman load --quiet --input "$image" >/dev/null
}

# pod_create NAME: podman's own pause image would have to be built.
pod_create() { podman pod create --name "$1" --network vpc --infra-image localhost/pause:1 --infra-command /bin/pause; }

# pod_run POD NAME COMMAND...
pod_run() {
  local pod=$1 name=$2
  shift 2
  podman run --detach --pod "$pod" --name "$name" localhost/busybox:1 "$@"
}
pod_address() { podman pod inspect "$1" --format '{{.InfraContainerID}}' | { read -r infra && address_of "$infra"; }; }
fetch_from() { podman exec "$1" timeout 5 wget -q -O - "http://$2/"; }
