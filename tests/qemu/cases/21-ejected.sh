# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The CD is taken out after a boot to RAM (rancher.toram): the system lost nothing, and powers off.

words="$(grep -v '^#' os/boot/cmdline) rancher.toram"
need "starts" vm_start "$WORK/vm" --boot-disk --memory 1024 --seed "$FIX/good.iso" \
	-- -drive id=cd,if=none,media=cdrom,readonly=on,format=raw,file=build/ocicat.iso -device ide-cd,drive=cd,bus=ide.0 \
	-kernel build/vmlinuz -initrd build/initrd -append "$words"
need "user Docker answers" wait_docker 180
check "the image is in memory" guest_has '^iso9660 /dev/sr. \(copied' 'cat /run/ros/image'
vm_monitor eject -f cd
cd_is_out() {
	contains "$(vm_monitor info block cd)" 'not inserted'
}
check "the CD is out" vm_wait 10 "the monitor's word" cd_is_out
guest 'echo 3 | sudo tee /proc/sys/vm/drop_caches' >/dev/null
check "docker pull still works" guest "docker pull -q $(image)"
check "docker run still works" guest_is still "docker run --rm $(image) echo still"
check "ros status still works" guest 'ros status'
check "poweroff still works" powers_off 20

check "a second initrd finds its place" equal "$(($(stat -c %s build/initrd) % 4))" 0
need "starts from the network's initrd" vm_start "$WORK/pxe" --ram --memory 1024 --seed "$FIX/good.iso"
need "user Docker answers there" wait_docker 180
check "the image came with the initrd" guest_has '^ram' 'cat /run/ros/image'
