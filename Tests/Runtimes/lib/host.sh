# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # variables are shared with test-runtimes
#
# The private host that a client finds: its directories, control groups, an image, a page to fetch. Sourced by
# test-runtimes, with `busybox` a static busybox. Sets `work`, a directory for files, and `image`, an archive that
# holds one image, busybox with a few scripts, by the names localhost/busybox:1 and localhost/pause:1.

# What a runtime needs to be empty when it starts, in places that it lets nobody choose.
host_set_up() {
  local directory
  # Layers of an overlay that runtimes put on top cannot be overlays themselves.
  for directory in /etc /opt /var/lib; do
    overlay_with_tmpfs "$directory"
  done
  rm -rf /etc/cni /opt/cni /var/lib/cni
  mkdir -p /etc/cni/net.d /opt/cni/bin /var/lib/cni
  for directory in /var/lib/containers /var/lib/containerd; do
    mkdir -p "$directory"
    mount -t tmpfs -o mode=711 tmpfs "$directory"
  done
  mount_control_groups

  work=$TMPDIR/work
  mkdir -p "$work/www"
  make_image
  echo host >"$work/www/index.html"
  "$busybox" httpd -f -p 8080 -h "$work/www" &
  host_page=$!
}

overlay_with_tmpfs() {
  local scratch=$TMPDIR/overlay
  mkdir -p "$scratch"
  mount -t tmpfs -o mode=755 tmpfs "$scratch"
  mkdir "$scratch/upper" "$scratch/work"
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$scratch/upper,workdir=$scratch/work" "$1"
  umount -l "$scratch"
  rmdir "$scratch"
}

# All of one version, as crun refuses a mix.
mount_control_groups() {
  local layout=v1 pid
  [ ! -f /sys/fs/cgroup/cgroup.controllers ] || layout=v2
  umount -l /sys/fs/cgroup
  cgroups_mount /sys/fs/cgroup "$layout"
  if [ "$layout" = v2 ]; then
    # A group that has processes can give its children no controllers.
    mkdir -p /sys/fs/cgroup/test
    while read -r pid; do echo "$pid" >/sys/fs/cgroup/test/cgroup.procs || true; done </sys/fs/cgroup/cgroup.procs
  fi
}

# The archive is what `docker save` writes, which every runtime reads.
make_image() {
  local root=$work/image/root config
  image=$work/image.tar
  mkdir -p "$root"/{bin,proc,sys,dev,etc,run,tmp}
  cp "$busybox" "$root/bin/busybox"
  "$busybox" --list | while read -r applet; do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
  echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  cat >"$root/bin/pause" <<'END'
#!/bin/sh
trap 'exit 0' TERM INT
while :; do sleep 3600 & wait $!; done
END
  # serve NAME: a page by which it is known who answered.
  cat >"$root/bin/serve" <<'END'
#!/bin/sh
mkdir -p /tmp/www && echo "$1" >/tmp/www/index.html
exec httpd -f -p 80 -h /tmp/www
END
  chmod 755 "$root/bin/pause" "$root/bin/serve"
  tar -C "$root" --numeric-owner --owner=0 --group=0 -cf "$work/image/layer.tar" .
  config=$(jq -cn --arg architecture "$(dpkg --print-architecture)" --arg layer "sha256:$(sha256sum <"$work/image/layer.tar" | cut -d' ' -f1)" \
    '{architecture: $architecture, os: "linux", config: {Cmd: ["/bin/pause"], Env: ["PATH=/bin"]},
      rootfs: {type: "layers", diff_ids: [$layer]}, history: []}')
  printf '%s' "$config" >"$work/image/config.json"
  echo '[{"Config": "config.json", "RepoTags": ["localhost/busybox:1", "localhost/pause:1"], "Layers": ["layer.tar"]}]' \
    >"$work/image/manifest.json"
  tar -C "$work/image" -cf "$image" config.json manifest.json layer.tar
}

# Away with what runtimes keep of their own; what else is there will be told.
host_clean_up() {
  local directory
  [ -z "${host_page:-}" ] || kill "$host_page" || true
  findmnt -rno TARGET | grep -E '^/run/(containerd|containers|crun|runc|libpod)/' | sort -r | while read -r directory; do
    umount -l "$directory"
  done || true
  rm -rf /run/{containerd,containers,crun,runc,libpod,xtables.lock} "$work"
}

fetch() { curl --silent --show-error --fail --max-time 5 "http://$1/"; }

# serves NAME COMMAND...: whether the command fetches the page of the container NAME (or `host`).
serves() {
  local name=$1 page
  shift
  page=$("$@") || return
  [ "$page" = "$name" ] || { echo "the page is: $page" && return 1; }
}
