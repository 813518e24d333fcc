#!/bin/sh
# What only a running server can do: once, while the image is built, and then the machine is off. Its unit starts it again
# for as long as the marker is not there.
set -eu
marker=/var/lib/orchestra/first-boot-done
image=/opt/orchestra/image

tell() { echo "orchestra-image: $1" >/dev/ttyS0; }
trap '[ -e $marker ] || tell "FAILED: the jobs of the first boot; journalctl -u orchestra-first-boot tells"; poweroff' EXIT

tell 'first boot'
tries=0
until [ -s /var/lib/orchestra/daemon.json ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ]
  sleep 1
done
series=$(cat $image/suite)-x86_64
orchestra import --path=$image/installer --name="$series" --arch=x86_64 --breed=debian --os-version="$(cat $image/suite)" >/dev/ttyS0
orchestra list >/dev/ttyS0
rm -r $image
date -u +%FT%TZ >$marker
sync
tell 'first boot done'
