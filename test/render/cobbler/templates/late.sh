#!/bin/sh
# Fetched by $system_name at the end of its installation.
set -e
. /etc/os-release
#if $getVar('role', '') == 'web'
apt-get -y install nginx
#end if
cat > /etc/hosts <<END
127.0.0.1 localhost
#for $nic in $sorted($interfaces)
#if $interfaces[$nic].ip_address
$interfaces[$nic].ip_address $hostname $hostname.split('.')[0]-$nic.replace('.', '-')
#end if
#end for
END
[ -n "\${SUDO_USER:-}" ] && exit 1
test "\$(id -u)" = 0
SNIPPET::done
