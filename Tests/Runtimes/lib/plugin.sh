# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables are shared with test-runtimes
#
# The plugin as the clients find it, and what they called it with. Sourced by test-runtimes.
#
# They call a recorder, which notes each call in a line of $work/calls and lets the plugin do it: a test can then tell
# that the client did send what makes the case, and a failure what it was.

plugins=/opt/cni/bin

plugin_set_up() {
  : >"$work/calls"
  # CRI calls this one for each pod, whatever the configuration.
  ln -s /usr/lib/cni/loopback "$plugins/loopback"
  cat >"$plugins/tasknet" <<END
#!/bin/bash
# The command line is none; all is in the environment and on stdin.
config=\$(cat)
status=0
result=\$($work/plugin/tasknet <<<"\$config") || status=\$?
jq -cn --arg config "\$config" --arg result "\$result" --arg status "\$status" '
  {command: env.CNI_COMMAND, container: env.CNI_CONTAINERID, netns: env.CNI_NETNS, interface: env.CNI_IFNAME,
   arguments: env.CNI_ARGS, path: env.CNI_PATH, config: (\$config | fromjson? // .),
   result: (\$result | fromjson? // .), status: (\$status | tonumber)}' >>$work/calls
printf '%s' "\$result"
exit \$status
END
  chmod 755 "$plugins/tasknet"
}

# called FILTER: whether there is a call that the jq filter is true for. Prints the calls if not.
called() {
  jq -es "any(.[]; $1)" "$work/calls" >/dev/null || { jq -c 'del(.result)' "$work/calls" && return 1; }
}

# call COMMAND CONTAINER NETNS [CONFIG]: the plugin called by hand, as a runtime does. Prints the result.
call() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=$3 CNI_IFNAME=eth0 CNI_PATH=$plugins "$plugins/tasknet" <<<"${4:-$(plugin_config)}"
}

# The configuration of the list's one plugin, with the name and version of the list: what a runtime makes of it.
plugin_config() { network_conflist | jq -c '.plugins[0] + {name, cniVersion}'; }

# collect_garbage CONTAINER...: all but these are gone. GC has neither container nor interface, and came with version 1.1.0.
collect_garbage() {
  # shellcheck disable=SC2016 # jq's variables
  CNI_COMMAND=GC CNI_PATH=$plugins "$plugins/tasknet" <<<"$(plugin_config | jq -c '. + {cniVersion: "1.1.0",
    "cni.dev/valid-attachments": $ARGS.positional | map({containerID: ., ifname: "eth0"})}' --args "$@")"
}

# address_of CONTAINER: the address that the plugin gave last to the container whose id begins so.
address_of() {
  jq -r --arg container "$1" 'select(.command == "ADD" and .status == 0 and (.container | startswith($container))) |
    .result.ips[0].address | split("/")[0]' "$work/calls" | tail -n 1 | grep .
}
gateway() { jq -r 'select(.command == "ADD" and .status == 0).result.ips[0].gateway' "$work/calls" | tail -n 1; }

# All that a plugin may leave: links, routes, rules, neighbours, packet filters, namespaces, addresses in use.
network_state() {
  ip -j link | jq -r '.[] | "link \(.ifname)"'
  ip -o address | sed 's/^[0-9]*: /address /'
  ip route show table all | sed 's/^/route /'
  ip -6 route show table all | sed 's/^/route /'
  ip rule | sed 's/^/rule /'
  find /run/netns -mindepth 1 -printf 'namespace %f\n'
  network_addresses | sed 's/^/in use /'
}
note_state() { network_state | sort >"$work/state"; }
# Links go a little after their namespace.
as_noted() {
  local difference
  for _ in $(seq 50); do
    if difference=$(diff "$work/state" <(network_state | sort)); then return 0; fi
    sleep 0.1
  done
  echo "$difference"
  return 1
}
