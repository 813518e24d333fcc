# Runs once, in the installed system, before its first boot. Written for any POSIX shell (dash, busybox ash).
# Whatever fails here ends it, and the installation with it: netboot then stays on, and the installer shows what happened.
set -eu
umask 022
doing=start

# Fetches with whatever this system has: fetch FILE URL SECONDS, FILE `-` for standard output.
fetch() {
  # Not wget's own -T: Debian 12's static busybox crashes on it.
  limit=''
  if said=$(timeout 20 sh -c : 2>&1); then limit="timeout $3"; fi
  for with in 'curl -fsS -o' 'wget -q -O' 'busybox wget -q -O'; do
    # This script comes in by standard input: nobody else may read from that.
    if [ -n "$(command -v "${with%% *}")" ] && : | $limit $with "$1" "$2"; then return 0; fi
  done
  return 1
}

# A step and a message for the machine's trace. Telling is never worth a failure. No /dev/null: a target need not have
# one yet.
report() {
{{#if progress_url}}
  if said=$(fetch - {{shell progress_url}}"?step=$1&message=$2" 20 2>&1); then return 0; fi
{{/if}}
  return 0
}

ended() {
  code=$?
  trap - EXIT
  if [ "$code" -ne 0 ]; then
    echo "late command: failed at $doing (exit code $code)" >&2
    report failed "The+late+command+failed+at+$doing"
  fi
  exit "$code"
}
trap ended EXIT

# cloud-init reads its seed at the first boot, and again at every later one: no metadata server is needed.
doing=seed
report installing Writing+the+seed+of+cloud-init
seed=/var/lib/cloud/seed/nocloud-net
mkdir -p "$seed" /etc/cloud/cloud.cfg.d
printf '%s\n' {{shell meta_data}} >"$seed/meta-data"
{{#if vendor_data}}
printf '%s\n' {{shell vendor_data}} >"$seed/vendor-data"
{{/if}}
rm -f "$seed/user-data"
(
  # There may be secrets in it.
  umask 077
{{#if user_data}}
  printf %s {{shell user_data}} | base64 -d >"$seed/user-data"
{{else}}{{#if user_data_url}}
  # Longer than any command may be, so it is fetched; cloud-init has brought Python along, if there is nothing else.
  fetch "$seed/user-data" {{shell user_data_url}} 300 ||
    : | python3 -c 'import shutil, sys, urllib.request as web; shutil.copyfileobj(web.urlopen(sys.argv[2]), open(sys.argv[1], "wb"))' \
      "$seed/user-data" {{shell user_data_url}}
  if [ -n "$(command -v sha256sum)" ]; then
    [ "$(sha256sum "$seed/user-data" | cut -c 1-64)" = {{shell user_data_sha256}} ]
  fi
{{else}}
  echo '#cloud-config' >"$seed/user-data"
{{/if}}{{/if}}
)
printf '%s\n' 'datasource_list: [ NoCloud ]' >/etc/cloud/cloud.cfg.d/99-orchestra.cfg

{{#if account}}
# An installer that was asked for the account has made it; the others leave that to us.
doing=account
user={{shell account.name}}
home_of() { awk -F: -v name="$1" '$1 == name { print $6 }' /etc/passwd; }
if [ -z "$(home_of "$user")" ] && [ -n "$(command -v useradd)" ]; then
  : | useradd -m -s /bin/sh "$user"
  if [ -x /bin/bash ]; then usermod -s /bin/bash "$user"; fi
  printf '%s:%s\n' "$user" {{shell account.password}} | chpasswd -e
  for group in sudo wheel; do
    if grep -q "^$group:" /etc/group; then usermod -a -G "$group" "$user"; fi
  done
fi
{{#if account.keys}}
doing=keys
home=$(home_of "$user")
[ -n "$home" ]
mkdir -p "$home/.ssh"
printf '%s\n' {{shell account.keys}} >"$home/.ssh/authorized_keys"
chmod 700 "$home/.ssh"
chmod 600 "$home/.ssh/authorized_keys"
chown -R "$user:" "$home/.ssh"
{{#if (eq account.password '!')}}
# Whoever has no password cannot give one to sudo.
printf '%s ALL=(ALL) NOPASSWD:ALL\n' "$user" >/etc/sudoers.d/90-orchestra
chmod 440 /etc/sudoers.d/90-orchestra
{{/if}}
{{/if}}
{{/if}}

{{#if grub_line}}
# This installer has no word for the kernel options of the installed system.
doing=kernel-options
mkdir -p /etc/default/grub.d
printf '%s\n' {{shell grub_line}} >/etc/default/grub.d/99-orchestra.cfg
: | update-grub
{{/if}}

{{#if ensemble_late_command}}
# Such commands were written for debian-installer, where `in-target` and /target lead here. We are there already.
doing=ENSEMBLE_LATE_COMMAND
report installing Running+ENSEMBLE_LATE_COMMAND
shims=$(mktemp -d)
printf '%s\n' '#!/bin/sh' 'exec "$@"' >"$shims/in-target"
printf '%s\n' '#!/bin/sh' 'while :; do case $1 in -t) shift 2 ;; --*) shift ;; *) exec "$@" ;; esac; done' >"$shims/log-output"
printf '%s\n' '#!/bin/sh' 'exec apt-get -q -y install "$@"' >"$shims/apt-install"
chmod 755 "$shims" "$shims"/*
linked=''
if [ ! -e /target ]; then ln -s / /target && linked=1; fi
: | PATH="$shims:$PATH" sh -c {{shell ensemble_late_command}}
if [ -n "$linked" ]; then rm /target; fi
rm -r "$shims"

{{/if}}
# Files that were made outside of a running SELinux have no label yet.
doing=end
if [ -n "$(command -v restorecon)" ]; then : | restorecon -R /var/lib/cloud /etc/cloud /home || true; fi
