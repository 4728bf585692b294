# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The live ISO with nothing but a screen and a keyboard: who sits there logs in without a word and runs a container.
# Its image is made on the spot from the system's own busybox; what it says is copied to the serial line, where we
# can read it.

need "starts" vm_start "$WORK/vm" --iso build/ocicat.iso --memory 512
need "a prompt" vm_wait_serial '[$#] $' 180
vm_mark

# What is typed blindly is typed again when keys were lost in a busy emulator.
typed() {
	local try
	for try in 1 2 3; do
		vm_keyboard "$1"
		vm_wait 40 "answer to the keys (try $try)" vm_serial_has "$2" && return 0
	done
	return 1
}

need "the keyboard reaches a shell" typed 'wait-for-docker; echo key""board | sudo tee /dev/ttyS0' 'keyboard'
check "an image made of the system's busybox" typed \
	'tar -c -C /usr/bin busybox | docker import - b; docker images | sudo tee /dev/ttyS0' '^b +latest'
check "a container answers" typed \
	'docker run --rm b /busybox echo from a contain""er | sudo tee /dev/ttyS0' 'from a container'
check "who has no seed cannot be reached by SSH" vm_no_ssh
vm_mark
vm_monitor sendkey ctrl-alt-delete
check "Ctrl-Alt-Del" vm_wait_serial 'reboot: Restarting system' 20
