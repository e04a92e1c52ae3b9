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
  # CRI calls loopback for each pod, whatever the configuration; bandwidth is in an example.
  ln -s /usr/lib/cni/{loopback,bandwidth} "$plugins/"
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

# The configuration of a list's first plugin, with the list's name and version: what a runtime makes of it.
first_plugin() { jq -c '.plugins[0] + {name, cniVersion}'; }
plugin_config() { network_conflist | first_plugin; }

# What none of the clients sends.
call_status() { call STATUS '' '' "$(plugin_config | jq -c '. + {cniVersion: "1.1.0"}')"; }

# call_check CONTAINER: CHECK as a runtime has to send it, with what its last ADD had and was answered.
call_check() {
  call CHECK "$1" "$(netns_of "$1")" "$(last_add "$1" | jq -c '.config + {prevResult: .result}')"
}

# fails_with CODE TEXT COMMAND...: whether a call is answered with that code, and the text in its message or details.
fails_with() {
  local code=$1 text=$2 answer
  shift 2
  if answer=$("$@"); then echo "it did not fail: $answer" && return 1; fi
  jq -e --argjson code "$code" --arg text "$text" '.code == $code and ("\(.msg); \(.details)" | contains($text))' \
    <<<"$answer" >/dev/null || { echo "$answer" && return 1; }
}

# checks_out CONTAINER: CHECK passes, and tells of a route that is gone.
checks_out() {
  local netns gateway
  netns=$(netns_of "$1") gateway=$(last_add "$1" | jq -r '.result.ips[0].gateway')
  call_check "$1" || return
  nsenter --net="$netns" ip route del default || return
  fails_with 100 "default route via $gateway on eth0" call_check "$1" || return
  nsenter --net="$netns" ip route add default via "$gateway" dev eth0 proto 84 && call_check "$1"
}

# collect_garbage CONTAINER...: all but these are gone. GC has neither container nor interface, and came with version 1.1.0.
collect_garbage() {
  # shellcheck disable=SC2016 # jq's variables
  CNI_COMMAND=GC CNI_PATH=$plugins "$plugins/tasknet" <<<"$(plugin_config | jq -c '. + {cniVersion: "1.1.0",
    "cni.dev/valid-attachments": $ARGS.positional | map({containerID: ., ifname: "eth0"})}' --args "$@")"
}

# last_add CONTAINER: the last ADD that succeeded of the container whose id begins so.
last_add() {
  jq -c --arg container "$1" 'select(.command == "ADD" and .status == 0 and (.container | startswith($container)))' \
    "$work/calls" | tail -n 1 | grep .
}
address_of() { last_add "$1" | jq -r '.result.ips[0].address | split("/")[0]'; }
netns_of() { last_add "$1" | jq -r .netns; }
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
