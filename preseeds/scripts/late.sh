# Runs once, in the installed system, before its first boot. Written for any POSIX shell (dash, busybox ash).
# Whatever fails here ends it, and the installation with it: netboot then stays on, and the installer shows what happened.
set -eu
umask 022
doing=start

# A step and a message for the machine's trace. Telling is never worth a failure. No /dev/null here and below: a target
# need not have one yet.
report() {
{{#if progress_url}}
  url={{shell progress_url}}"?step=$1&message=$2"
  # Not wget's own -T: Debian 12's static busybox crashes on it.
  limit=''
  if said=$(timeout 20 sh -c : 2>&1); then limit='timeout 20'; fi
  for fetch in 'wget -q -O -' 'curl -fs' 'busybox wget -q -O -'; do
    if [ -n "$(command -v "${fetch%% *}")" ] && said=$(: | $limit $fetch "$url" 2>&1); then return 0; fi
  done
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
{{else}}
  echo '#cloud-config' >"$seed/user-data"
{{/if}}
)
printf '%s\n' 'datasource_list: [ NoCloud ]' >/etc/cloud/cloud.cfg.d/99-orchestra.cfg

{{#if account}}
{{#if account.keys}}
doing=keys
user={{shell account.name}}
home=$(awk -F: -v name="$user" '$1 == name { print $6 }' /etc/passwd)
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

{{#if ensemble_late_command}}
# Such commands were written for the installer, where `in-target` leads here. We are there already.
doing=ENSEMBLE_LATE_COMMAND
report installing Running+ENSEMBLE_LATE_COMMAND
shims=$(mktemp -d)
printf '%s\n' '#!/bin/sh' 'exec "$@"' >"$shims/in-target"
chmod 755 "$shims/in-target"
# This script comes in by standard input: nobody else may read from that.
: | PATH="$shims:$PATH" sh -c {{shell ensemble_late_command}}
rm -r "$shims"

{{/if}}
doing=end
