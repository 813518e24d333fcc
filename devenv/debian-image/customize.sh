#!/bin/sh
# What makes a Debian that was just unpacked an image for any machine, run by mmdebstrap: $1 is its root.
# It boots by GRUB images that are put beside it (no grub-install), gets its address by DHCP, and waits for cloud-init's seed.
set -eu
root=$1

# The links that Debian renews with each kernel; root= by label, so that the menu is right on every disk.
mkdir -p "$root/boot/grub" "$root/boot/efi"
cat >"$root/boot/grub/grub.cfg" <<'CFG'
set timeout=0
menuentry Debian {
  linux /vmlinuz root=LABEL=orchestra-root ro console=tty0 console=ttyS0,115200 quiet
  initrd /initrd.img
}
CFG
mkdir -p "$root/etc/default/grub.d"
echo 'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"' >"$root/etc/default/grub.d/50-console.cfg"
printf '%s\n' 'LABEL=orchestra-root / ext4 errors=remount-ro 0 1' 'LABEL=EFI /boot/efi vfat umask=0077,nofail 0 1' >"$root/etc/fstab"

chroot "$root" systemctl enable --quiet systemd-networkd
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
echo 'ssh_genkeytypes: [ed25519, ecdsa]' >"$root/etc/cloud/cloud.cfg.d/10-orchestra-image.cfg"

# What no two machines may share.
rm -f "$root"/etc/ssh/ssh_host_*_key*
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed" "$root/etc/hostname"
