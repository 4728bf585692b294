# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The generic ISO written to a USB stick, on BIOS and on UEFI; it is pulled out once the system is in memory. Long: two
# boots.

stick=(-drive "id=stick,if=none,readonly=on,format=raw,file=build/ocicat-generic.iso" -device "qemu-xhci,id=usb"
	-device "usb-storage,id=stick-device,bus=usb.0,drive=stick,bootindex=0")

stick_is_out() {
	vm_monitor device_del stick-device >/dev/null
	! contains "$(vm_monitor info qtree)" 'id "stick-device"'
}

for firmware in bios uefi; do
	options=()
	[[ $firmware == bios ]] || options=(--uefi)
	check "$firmware: starts" vm_start "$WORK/$firmware" "${options[@]}" --boot-disk --memory 1024 \
		--seed "$FIX/good.iso" -- "${stick[@]}" || continue
	check "$firmware: user Docker answers" wait_docker 240 &&
		check "$firmware: host name" guest_is tester hostname &&
		check "$firmware: the image goes to memory" vm_wait 240 "the copy" \
			guest_has '^iso9660 /dev/sd.1? \(copied' 'cat /run/ros/image' &&
		check "$firmware: the stick is pulled out" vm_wait 30 "the stick" stick_is_out &&
		check "$firmware: docker run still works" guest_is still "docker run --rm $(image) echo still" &&
		check "$firmware: poweroff still works" powers_off 20
	vm_stop
done
