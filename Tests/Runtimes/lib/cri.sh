# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables are shared with test-runtimes
#
# A client of containerd's CRI plugin, by curl and protoc: Debian 12 has no crictl. Sourced by the clients that need it,
# after containerd.sh.

# cri METHOD [TEXT]: one call. The request and what is printed are in protobuf's text form.
cri() {
  local call length status message
  call=$(mktemp -d "$work/cri.XXXXXX")
  protoc --proto_path "$here/lib" --encode "runtime.v1.${1}Request" cri.proto <<<"${2:-}" >"$call/request"
  length=$(stat -c %s "$call/request")
  # gRPC's frame: a zero for "not compressed", the length in four bytes, the message.
  printf '%b' "$(printf '\\x%02x' 0 $((length >> 24)) $((length >> 16 & 255)) $((length >> 8 & 255)) $((length & 255)))" |
    cat - "$call/request" >"$call/frame"
  curl --silent --show-error --fail --max-time 60 --http2-prior-knowledge --unix-socket /run/containerd/containerd.sock \
    --header 'Content-Type: application/grpc' --header 'TE: trailers' --data-binary "@$call/frame" \
    --dump-header "$call/headers" --output "$call/response" "http://localhost/runtime.v1.RuntimeService/$1"
  status=$(trailer grpc-status "$call/headers") message=$(trailer grpc-message "$call/headers")
  if [ "$status" = 0 ]; then
    tail -c +6 "$call/response" | protoc --proto_path "$here/lib" --decode "runtime.v1.${1}Response" cri.proto
  fi
  rm -rf "$call"
  [ "$status" = 0 ] || { echo "$1: status $status: $message" >&2 && return 1; }
}
trailer() { tr -d '\r' <"$2" | sed -n "s/^$1: //p" | tail -n 1; }

# pod_config NAME [ANNOTATION VALUE]: what RunPodSandbox and CreateContainer take.
pod_config() {
  cat <<END
metadata {name: "$1" uid: "uid-$1" namespace: "tests"} hostname: "$1" log_directory: "$work/logs" linux {}
dns_config {servers: "192.0.2.53" searches: "example.com"}
END
  [ $# -lt 3 ] || echo "annotations {key: \"$2\" value: \"$3\"}"
}

# pod_run NAME [ANNOTATION VALUE]: writes its id to $work/NAME.pod.
pod_run() { cri RunPodSandbox "config {$(pod_config "$@")}" | string_of pod_sandbox_id >"$work/$1.pod"; }
pod_of() { cat "$work/$1.pod"; }
pod_address() { cri PodSandboxStatus "pod_sandbox_id: \"$(pod_of "$1")\"" | string_of ip; }
pod_stop() { cri StopPodSandbox "pod_sandbox_id: \"$(pod_of "$1")\""; }
pod_remove() { cri RemovePodSandbox "pod_sandbox_id: \"$(pod_of "$1")\""; }

# container_run POD NAME COMMAND...: writes its id to $work/NAME.container.
container_run() {
  local pod=$1 name=$2 config
  shift 2
  config="metadata {name: \"$name\"} image {image: \"localhost/busybox:1\"} log_path: \"$name.log\" linux {}
    $(printf 'command: "%s" ' "$@")"
  cri CreateContainer "pod_sandbox_id: \"$(pod_of "$pod")\" config {$config} sandbox_config {$(pod_config "$pod")}" |
    string_of container_id >"$work/$name.container"
  cri StartContainer "container_id: \"$(cat "$work/$name.container")\""
}

# container_exec NAME COMMAND...: prints what the command printed.
container_exec() {
  local name=$1 response
  shift
  response=$(cri ExecSync "container_id: \"$(cat "$work/$name.container")\" timeout: 10 $(printf 'cmd: "%s" ' "$@")")
  string_of stdout <<<"$response"
  grep '^stderr' <<<"$response" >&2 || true
  no grep -q '^exit_code' <<<"$response" # which is left out when it is 0
}

# Prints the string in that field of a message.
string_of() {
  local value
  value=$(sed -n "s/^ *$1: \"\(.*\)\"$/\1/p")
  [ -n "$value" ] && printf '%b' "$value"
}
