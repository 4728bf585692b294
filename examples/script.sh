#!/bin/sh
# User-data may be a script: it runs in the console at every boot, before user Docker starts.
# (What needs Docker goes to /etc/rc.local, behind wait-for-docker.)
set -e
stamp=/var/lib/first-boot-done
[ ! -e $stamp ] || exit 0
echo "first boot of $(hostname)" | logger -t setup
touch $stamp
