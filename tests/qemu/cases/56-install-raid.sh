# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Two disks that mirror one another: either starts the machine alone, with the same state, and it says that the other one
# is missing.

printf '#cloud-config\nhostname: twins\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")" >"$WORK/config.yml"
blank_disk "$WORK/one" 4G
blank_disk "$WORK/two" 4G
need "starts" vm_start "$WORK/vm" --iso build/ocicat.iso --memory 1024 --seed "$FIX/good.iso" --disk "$WORK/one" \
	--disk "$WORK/two"
need "log-in by SSH" vm_wait_ssh 240
vm_put 'cat >config.yml' <"$WORK/config.yml"
need "ros install" guest_has '/dev/vda is installed' \
	'sudo ros install -t raid -d /dev/vda --mirror /dev/vdb -c config.yml -f --no-reboot'
check "poweroff" powers_off 20

need "starts from both" vm_start "$WORK/both" --boot-disk --memory 768 --disk "$WORK/one" --disk "$WORK/two"
need "user Docker answers" wait_docker 240
check "the state is on the array" guest_has '^LABEL=RANCHER_STATE /dev/md[0-9]+ ext4' 'cat /run/ros/state'
check "it is configured" guest_is twins hostname
check "both disks are in it" guest_has '\[UU\]' 'cat /proc/mdstat'
check "nothing is the matter" guest 'ros status'
check "a file is written" guest 'echo kept >~/kept && sync'

# An editor, which nobody has to sit at.
guest 'printf "#!/bin/sh\nsed -i \"s/^APPEND.*/& made.by=syslinux/\" \"\$1\"\n" >~/editor && chmod 755 ~/editor'
check "ros config syslinux" guest_is 'the next boot uses it' 'sudo EDITOR=$HOME/editor ros config syslinux'
check "the boot partition is read-only again" guest_has ' ro,' 'grep " /boot " /proc/mounts'
check "poweroff of the twins" powers_off 25

need "starts from the second one alone" vm_start "$WORK/second" --boot-disk --memory 768 --disk "$WORK/two"
need "user Docker answers there" wait_docker 240
check "it runs from that disk" guest_has '^partition /dev/vda1' 'cat /run/ros/image'
check "its kernel line was written, too" guest_has ' made.by=syslinux' 'cat /proc/cmdline'
check "the file is there" guest_is kept 'cat ~/kept'
check "it says that a disk is missing" guest_has 'runs without one of its disks' 'cat /run/ros/messages'
check "poweroff of the second one" powers_off 25
