#!/bin/sh
# Shown at a login: the password is still that of the image. (update-motd runs this as root.)
user=$(cut -d: -f1 /etc/orchestra/first-password)
if [ "$(getent shadow "$user" | cut -d: -f1,2)" = "$(cat /etc/orchestra/first-password)" ]; then
  echo "The password of $user is the first one, which whoever made this image knows: change it with passwd."
fi
