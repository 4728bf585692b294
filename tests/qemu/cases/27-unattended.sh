# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A machine that boots from the network, without any medium, and is told by its kernel line to install itself: nobody
# is there. It comes up from its disk with the configuration that it was given; when it boots from the network again it
# does not install again.

words='rancher.install.device=/dev/vda rancher.install.then=poweroff'

blank_disk "$WORK/disk" 4G
need "starts from the network" vm_start "$WORK/vm" --ram --memory 1024 --seed "$FIX/good.iso" --disk "$WORK/disk" \
	--append "$words"
need "it installs itself and powers off" vm_wait_end 240

need "starts from its disk, without its seed" vm_start "$WORK/disk-boot" --boot-disk --memory 512 --disk "$WORK/disk"
need "user Docker answers" wait_docker 180
check "it runs from its disk" guest_has '^partition /dev/vda1' 'cat /run/ros/image'
check "it is configured" guest_is 'tester a plain file' 'echo $(hostname) $(sudo cat /etc/test/plain)'
id=$(guest 'cat /etc/machine-id')
check "poweroff" powers_off 25

need "starts from the network again" vm_start "$WORK/again" --ram --memory 1024 --seed "$FIX/good.iso" \
	--disk "$WORK/disk" --append "$words"
need "log-in by SSH" vm_wait_ssh 180
check "it says that the disk is installed already" guest_has 'installed already' 'cat /run/ros/messages'
check "the state of the disk was left alone" guest_is "$id" \
	'sudo mkdir -p /mnt/d && sudo mount -o ro /dev/vda2 /mnt/d && cat /mnt/d/var/lib/rancher/etc/upper/machine-id'
