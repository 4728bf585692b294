# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The live ISO goes to memory by itself once the boot is done: the drive gives the CD out without force, a stick is pulled
# out, and nothing is lost. A machine with too little memory keeps its medium, and says so.

cd=(-drive "id=cd,if=none,media=cdrom,readonly=on,format=raw,file=build/ocicat.iso"
	-device "ide-cd,drive=cd,bus=ide.0,bootindex=0")
# The kernel of virtual machines has no USB: its stick is a disk in a slot (51-stick has a real one).
stick=(-drive "id=stick,if=none,readonly=on,format=raw,file=build/ocicat.iso" -device "pcie-root-port,id=stick-slot,chassis=1"
	-device "virtio-blk-pci,id=stick-device,drive=stick,bus=stick-slot,bootindex=0")

# The button of the drive: udev hears it, and opens the tray of what nobody uses.
cd_is_out() {
	vm_monitor eject cd >/dev/null
	contains "$(vm_monitor info block cd)" 'not inserted'
}

stick_is_out() {
	vm_monitor device_del stick-device >/dev/null
	! contains "$(vm_monitor info qtree)" 'id "stick-device"'
}

# out_of MEDIUM DEVICE: after the boot it is let go and taken out.
out_of() {
	need "$1: starts" vm_start "$WORK/$1" --boot-disk --memory 1024 --seed "$FIX/good.iso" -- "${@:3}"
	need "$1: user Docker answers" wait_docker 240
	need "$1: the image goes to memory" vm_wait 240 "the copy" guest_has "^iso9660 $2 \\(copied" 'cat /run/ros/image'
	check "$1: it comes out without force" vm_wait 30 "the $1" "${1}_is_out"
	guest 'echo 3 | sudo tee /proc/sys/vm/drop_caches' >/dev/null
	check "$1: docker pull still works" guest "docker pull -q $(image)"
	check "$1: docker run still works" guest_is still "docker run --rm $(image) echo still"
	check "$1: what ros install needs is there" guest_has 'gpt table' 'truncate -s 4G f && sudo ros install -d f -f --dry-run'
	check "$1: ros status: healthy" guest 'ros status'
	check "$1: poweroff still works" powers_off 20
}

out_of cd '/dev/sr.' "${cd[@]}"
out_of stick '/dev/vda' "${stick[@]}"

need "starts in 512 MiB" vm_start "$WORK/small" --boot-disk --memory 512 --seed "$FIX/good.iso" -- "${cd[@]}"
need "user Docker answers there" wait_docker 240
need "the boot comes to its end" vm_wait 120 "the end" guest_has '"unit":"to-ram"' 'grep step-end /run/ros/journal'
check "the image stays on the CD" guest_has '^iso9660 /dev/sr.$' 'cat /run/ros/image'
check "it says why" guest_has 'must stay \(too little memory' 'grep to-ram /run/ros/journal'
