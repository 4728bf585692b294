# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The live ISO goes to memory by itself once the boot is done: the drive gives the CD out without force, and nothing is
# lost. A machine with too little memory keeps it, and says so.

cd=(-drive "id=cd,if=none,media=cdrom,readonly=on,format=raw,file=build/ocicat.iso"
	-device "ide-cd,drive=cd,bus=ide.0,bootindex=0")

need "starts" vm_start "$WORK/vm" --boot-disk --memory 1024 --seed "$FIX/good.iso" -- "${cd[@]}"
need "user Docker answers" wait_docker 240
need "the image goes to memory" vm_wait 240 "the copy" guest_has '^iso9660 /dev/sr. \(copied' 'cat /run/ros/image'
# The button of the drive: udev hears it, and opens the tray of what nobody uses.
ejected() {
	vm_monitor eject cd >/dev/null
	contains "$(vm_monitor info block cd)" 'not inserted'
}
check "the CD comes out without force" vm_wait 30 "the CD" ejected
guest 'echo 3 | sudo tee /proc/sys/vm/drop_caches' >/dev/null
check "docker pull still works" guest "docker pull -q $(image)"
check "docker run still works" guest_is still "docker run --rm $(image) echo still"
check "what ros install needs is there" guest_has 'gpt table' 'truncate -s 4G f && sudo ros install -d f -f --dry-run'
check "ros status: healthy" guest 'ros status'
check "poweroff still works" powers_off 20

need "starts in 512 MiB" vm_start "$WORK/small" --boot-disk --memory 512 --seed "$FIX/good.iso" -- "${cd[@]}"
need "user Docker answers there" wait_docker 240
need "the boot comes to its end" vm_wait 120 "the end" guest_has '"unit":"to-ram"' 'grep step-end /run/ros/journal'
check "the image stays on the CD" guest_has '^iso9660 /dev/sr.$' 'cat /run/ros/image'
check "it says why" guest_has 'must stay \(too little memory' 'grep to-ram /run/ros/journal'
