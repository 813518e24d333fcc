#!/bin/sh
# {{profile_name}}{{#if system_name}} for {{system_name}}{{/if}}: no installer, but a ready disk image, streamed to the first disk; then the seed of cloud-init in it.
#
# For any small system in memory that has a shell, wget or curl, dd, mount and chroot, and that runs what `netscript=` on
# its kernel line names (grml does; so can a ramdisk of one's own: fetch it, sh it). Settings, as meta.NAME of ks_meta:
#   image_url (needed; a raw image, also .gz, .xz, .bz2 or .zst), image_sha256 (of the file as it is fetched)
#   install_disk, image_root (the number of the partition with the root file system; else it is looked for)
#   username with password_crypted (a hash) and/or ssh_authorized_keys: an account, if the image has useradd
#   USER_DATA_BASE64, MACHINE_ID, ENSEMBLE_LATE_COMMAND: the first boot
set -u
export PATH="${PATH:-}:/usr/sbin:/usr/bin:/sbin:/bin"
image={{shell meta.image_url}}
sha256={{shell (default meta.image_sha256 '')}}
disk={{shell (default meta.install_disk '')}}
wanted={{shell (default meta.image_root '')}}
work=$(mktemp -d) || exit 1
target=$work/target
mkdir "$target"

say() { echo "orchestra: $*"; }

# fetch URL: on standard output.
fetch() {
  if command -v curl >/dev/null; then curl -fsS "$1"; else wget -q -O - "$1"; fi
}

leave() {
  for folder in proc sys dev; do
    if grep -q " $target/$folder " /proc/mounts; then umount "$target/$folder"; fi
  done
  cd / && umount "$target" 2>/dev/null
}

fail() {
  say "FAILED: $*"
  leave
{{#if failed_url}}
  fetch {{shell failed_url}} >/dev/null
{{/if}}
  exit 1
}

unpacked() {
  case ${image%%\?*} in
    *.gz) gzip -d -c ;;
    *.xz) xz -d -c ;;
    *.bz2) bzip2 -d -c ;;
    *.zst) zstd -q -d -c ;;
    *) cat ;;
  esac
}

echo {{early_script}} | base64 -d | sh

case ${image%%\?*} in
  *.qcow2 | *.vmdk | *.vhd | *.vhdx | *.vdi) fail "$image is no raw image: convert it first (qemu-img convert -O raw)" ;;
esac
if [ -z "$disk" ]; then
  for name in /sys/block/vd* /sys/block/sd* /sys/block/xvd* /sys/block/nvme*n* /sys/block/mmcblk*; do
    [ -e "$name" ] && [ "$(cat "$name/removable")$(cat "$name/ro")" = 00 ] || continue
    disk=/dev/${name##*/}
    break
  done
fi
[ -n "$disk" ] && [ -e "$disk" ] || fail "there is no disk ${disk:-to install on}"

# Every part of the line may fail, and a shell tells of the last only: who fails leaves a file.
say "writing $image to $disk"
tell() { "$@" || : >"$work/failed-$1"; }
sum() {
  if [ -z "$sha256" ]; then cat; return; fi
  mkfifo "$work/bytes" || return 1
  sha256sum <"$work/bytes" >"$work/sum" &
  tee "$work/bytes" || return 1
  wait
  [ "$(cut -c 1-64 <"$work/sum")" = "$sha256" ]
}
tell fetch "$image" | tell sum | tell unpacked | dd of="$disk" bs=1M conv=notrunc 2>"$work/dd" || fail "dd: $(cat "$work/dd")"
if [ -e "$work/failed-sum" ] && [ ! -e "$work/failed-fetch" ]; then fail "$image is not what image_sha256 says"; fi
if [ -e "$work/failed-fetch" ] || [ -e "$work/failed-unpacked" ]; then fail "$image could not be fetched and unpacked"; fi
sync

# The root file system: on the partition that has an /etc/passwd, or on the disk as it is.
# Which of these is there, and does what it says, differs.
for with in 'blockdev --rereadpt' partprobe 'partx -u'; do $with "$disk" 2>/dev/null; done
try() {
  mount "$1" "$target" 2>/dev/null || return 1
  if [ -n "$wanted" ] || [ -e "$target/etc/passwd" ]; then return 0; fi
  umount "$target"
  return 1
}
found=''
for again in 1 2 3 4 5; do
  for device in "$disk"${wanted:-[0-9]*} "$disk"p${wanted:-[0-9]*} "$disk"; do
    if [ -z "$found" ] && [ -e "$device" ] && try "$device"; then found=$device; fi
  done
  [ -z "$found" ] || break
  sleep 1
done
[ -n "$found" ] || fail "no root file system in $image"

# What Orchestra does at the end: scripts/late.sh, in the new system, decoded there.
say "root file system on $found"
for folder in proc sys dev; do
  [ -d "$target/$folder" ] && mount -o bind "/$folder" "$target/$folder" 2>/dev/null
done
echo {{late_script}} | chroot "$target" sh -c 'PATH=/usr/sbin:/usr/bin:/sbin:/bin; export PATH; base64 -d | sh' ||
  fail "the late command"
sync
leave
{{#if done_url}}
fetch {{shell done_url}} >/dev/null || fail "Orchestra could not be told"
{{/if}}
say "installed"
{{#if (default meta.image_reboot '1')}}
reboot -f
{{/if}}
