# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables are shared with test-runtimes
#
# A containerd. Sourced by the clients that need it.

# start_containerd NAMESPACE: with the image in that namespace of its.
start_containerd() {
  # The machine may lack CAP_SYS_RESOURCE, which a negative oom_score_adj needs, and controllers to give to groups.
  cat >"$work/containerd.toml" <<END
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_cgroup = true
  disable_apparmor = true
END
  containerd --config "$work/containerd.toml" >>"$work/containerd.log" 2>&1 &
  containerd=$!
  eventually ctr version
  ctr --namespace "$1" images import "$image" >/dev/null
}

stop_containerd() {
  kill "$containerd"
  wait "$containerd" || true
}
