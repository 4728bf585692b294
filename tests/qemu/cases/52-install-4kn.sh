# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A disk with sectors of 4096 bytes, which UEFI alone can start from: installed from the live ISO, with the image of a
# service, and booted where no registry can be reached.

sectors_of_4k=(-drive "id=k,if=none,format=raw,file=$WORK/disk"
	-device "virtio-blk-pci,drive=k,logical_block_size=4096,physical_block_size=4096")

saved=$(registry_address)/saved:1

config() {
	printf '#cloud-config\nhostname: four\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")"
	printf 'rancher:\n  services:\n    greeter: {image: "%s", command: echo hello from the disk}\n' "$saved"
}

# The service ran, in a container of the image that was on the disk.
greeted() {
	guest 'for i in $(seq 300); do docker logs greeter 2>&1 | grep hello && break; sleep 0.2; done' >/dev/null
	guest_is 'hello from the disk' 'docker logs greeter'
}

need "an image in the registry alone" scripts/registry push "$FIX/registry" saved:1 sh
blank_disk "$WORK/disk" 4G
need "starts" vm_start "$WORK/vm" --uefi --iso build/ocicat.iso --memory 1024 --seed "$FIX/good.iso" -- "${sectors_of_4k[@]}"
need "log-in by SSH" vm_wait_ssh 240
need "user Docker answers on the ISO" wait_docker 240
config >"$WORK/config.yml"
vm_put 'cat >config.yml' <"$WORK/config.yml"
check "BIOS alone is refused" guest_has 'sectors of 4096 bytes' 'sudo ros install -d /dev/vda -t msdos -c config.yml -f --no-reboot'
need "ros install --save" guest_has '/dev/vda is installed' 'sudo ros install --save -d /dev/vda -c config.yml -f --no-reboot'
check "nothing of it stays mounted or attached" guest_is '' 'sudo losetup -l -n -O NAME,BACK-FILE | grep /dev/vda; grep ros-state /proc/mounts'
check "poweroff" powers_off 20

need "starts from it" vm_start "$WORK/disk-boot" --uefi --boot-disk --memory 1024 --net restrict=on -- "${sectors_of_4k[@]}"
need "user Docker answers" wait_docker 240
check "it runs from its disk" guest_has '^partition /dev/vda1' 'cat /run/ros/image'
check "it is configured" guest_is four hostname
check "no registry can be reached" guest "! timeout 5 wget -q -T 3 -O - http://$(registry_address)/v2/"
check "the service runs from the image on the disk" greeted
check "poweroff of the installed machine" powers_off 25
