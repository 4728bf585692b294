# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A state partition that is full to the last byte: the machine starts as far as SSH and says so. Then a factory reset: it
# shows first what it takes away, and keeps what was named.

machine() {
	vm_start "$WORK/$1" --boot-disk --memory 768 --seed "$FIX/good.iso" --disk "$WORK/disk"
}

cp --sparse=always build/ocicat.img "$WORK/disk"
need "starts" machine first
need "user Docker answers" wait_docker 240
id=$(guest 'cat /etc/machine-id')
check "there is a reserve" guest 'sudo test -s /state/var/lib/rancher/reserve'
guest 'mkdir -p ~/.config && echo kept >~/.config/kept && echo gone >~/gone'
# First as much as there is in one piece, then the rest.
available="df -k /state | tail -n 1 | awk '{ print \$4 }'"
guest "sudo fallocate -l \$((\$($available) - 1024))k /var/fill; for i in 1 2 3 4 5; do
	sudo sh -c 'cat /dev/zero >>/var/fill2'; sync; [ \$($available) = 0 ] && break; done" >/dev/null 2>&1
check "the state is full" guest_is 0 "$available"
check "poweroff" powers_off 25

need "starts, full" machine full
need "log-in by SSH" vm_wait_ssh 240
check "it says so" guest_has 'the state disk was full: its reserve' 'cat /run/ros/messages'
check "it is the same machine" guest_is "$id" 'cat /etc/machine-id'
need "user Docker answers, too" wait_docker 240
check "there is room again" guest 'sudo rm -f /var/fill /var/fill2 && echo room >~/room'

check "a reset shows what it takes away" guest_has 'home' 'sudo ros reset --dry-run --keep /home/rancher/.config'
check "and takes nothing away" guest_is gone 'cat ~/gone'
check "a reset is asked for" guest 'sudo ros reset --force --no-reboot --keep /home/rancher/.config'
check "poweroff of the machine that is reset" powers_off 25

need "starts anew" machine reset
need "user Docker answers after the reset" wait_docker 240
check "what was named is there" guest_is kept 'cat ~/.config/kept'
check "the rest is gone" guest '! test -e ~/gone'
check "it is another machine" guest "test \"\$(cat /etc/machine-id)\" != $id"
check "poweroff of the new machine" powers_off 25
rm -f "$WORK/disk"
