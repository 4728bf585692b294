# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A disk with sectors of 4096 bytes, which UEFI alone can start from: installed from the live ISO, and booted.

sectors_of_4k=(-drive "id=k,if=none,format=raw,file=$WORK/disk"
	-device "virtio-blk-pci,drive=k,logical_block_size=4096,physical_block_size=4096")

blank_disk "$WORK/disk" 4G
need "starts" vm_start "$WORK/vm" --uefi --iso build/ocicat.iso --memory 1024 --seed "$FIX/good.iso" -- "${sectors_of_4k[@]}"
need "log-in by SSH" vm_wait_ssh 240
printf '#cloud-config\nhostname: four\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")" >"$WORK/config.yml"
vm_put 'cat >config.yml' <"$WORK/config.yml"
check "BIOS alone is refused" guest_has 'sectors of 4096 bytes' 'sudo ros install -d /dev/vda -t msdos -c config.yml -f --no-reboot'
need "ros install" guest_has '/dev/vda is installed' 'sudo ros install -d /dev/vda -c config.yml -f --no-reboot'
check "poweroff" powers_off 20

need "starts from it" vm_start "$WORK/disk-boot" --uefi --boot-disk --memory 1024 -- "${sectors_of_4k[@]}"
need "user Docker answers" wait_docker 240
check "it runs from its disk" guest_has '^partition /dev/vda1' 'cat /run/ros/image'
check "it is configured" guest_is four hostname
check "poweroff of the installed machine" powers_off 25
