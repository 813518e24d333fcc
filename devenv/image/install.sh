#!/bin/sh
# Makes a server of a newly installed system, from the checkout in /opt/orchestra. Runs in it before its first boot, as root.
set -eu
image=/opt/orchestra/image

# What Orchestra hands out and runs. Not among the installer's packages: it purges GRUB for UEFI before it installs that for BIOS,
# and stops when shim needs it.
DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install \
  pxelinux syslinux-common ipxe shim-signed grub-efi-amd64-signed libvirt-clients

# The lab's network, whatever the interface is called there.
printf '%s\n' '[Match]' 'Type=ether' '[Network]' "Address=$(cat $image/address)" 'LinkLocalAddressing=no' \
  >/etc/systemd/network/10-orchestra.network
# The installer still writes its own interface into /etc/network/interfaces.
systemctl mask networking.service ifup@.service
touch /etc/cloud/cloud-init.disabled
echo orchestra >/etc/hostname

# Packages come from where anybody's do, once there is a way to it.
rm -f /etc/apt/sources.list.d/*
printf 'deb http://deb.debian.org/debian %s main\n' "$(cat $image/suite)" >/etc/apt/sources.list

install -d -m 0755 /etc/orchestra
install -m 0600 $image/orchestra.yaml /etc/orchestra/orchestra.yaml
ln -sf /opt/orchestra/devenv/with-node /usr/local/bin/orchestra
ln -sf /opt/orchestra/devenv/with-node /usr/local/bin/cobbler
install -m 0644 /opt/orchestra/devenv/image/*.service /etc/systemd/system/
chmod 0755 /opt/orchestra/devenv/with-node /opt/orchestra/devenv/image/*.sh

# Who logs in is told for as long as the password is the one that the image was made with.
if [ -s $image/user ]; then
  user=$(cat $image/user)
  hash=$(getent shadow "$user" | cut -d: -f2)
  case $hash in
    '$'*)
      (umask 077 && printf '%s:%s\n' "$user" "$hash" >/etc/orchestra/first-password)
      install -m 0755 /opt/orchestra/devenv/image/first-password.sh /etc/update-motd.d/50-first-password
      ;;
  esac
fi
systemctl enable systemd-networkd orchestra orchestra-first-boot
echo 'orchestra-image: installed' >/dev/ttyS0
