#!/bin/sh
# Fetched by node1 at the end of its installation.
set -e
. /etc/os-release
apt-get -y install nginx
cat > /etc/hosts <<END
127.0.0.1 localhost
10.1.0.5 node1.example.org ['node1', 'example', 'org'][0]-bond0
10.0.0.5 node1.example.org ['node1', 'example', 'org'][0]-eth0
10.2.0.5 node1.example.org ['node1', 'example', 'org'][0]-eth0-12
END
[ -n "${SUDO_USER:-}" ] && exit 1
test "$(id -u)" = 0
curl -s 'http://10.0.0.1:8080/cblr/svc/op/nopxe/system/node1' -o /dev/null
curl -s "http://10.0.0.1:8080/cblr/svc/op/trig/mode/post/system/node1" -o /dev/null

