# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Cheap boots of an installed disk, for cases that need many of them; the emulator takes long for each.

# direct_options FOLDER DISK: QEMU's words, one a line, for a boot without firmware and menu, which a power cut cannot harm:
# the kernel and the initrd that are in its slot, and the kernel line that is on the disk. FOLDER has the kernel and the
# initrd of the slot. The serial line is the last console named, which is the one that PID 1 speaks on.
direct_options() {
	local line
	line=$(MTOOLS_SKIP_CHECK=1 mtype -i "$2@@1M" ::/linux-current.cfg | sed -n 's/^ *APPEND //p' | head -n 1)
	[[ $line == *rancher.slot=* ]] || return
	printf '%s\n' -kernel "$1/kernel" -initrd "$1/initrd" -append "$line console=ttyS0,115200"
}

# waiting_vm DIR DISK SEED OPTION…: the system of the build as it waits for its state's disk, which DISK is going to be.
waiting_vm() {
	vm_start "$1" --cpus 1 --memory 512 --seed "$3" --append 'rancher.state.dev=LABEL=RANCHER_STATE rancher.state.wait' \
		-- -drive "id=late,if=none,format=raw,file=$2" -device pcie-root-port,id=late-port,chassis=1 "${@:4}"
}

vm_migrated() {
	vm_monitor info migrate | grep -E '^(Migration status|Status): *completed'
}

# waiting_save FILE DISK SEED DIR: keeps such a machine in FILE.
waiting_save() {
	waiting_vm "$4" "$2" "$3" && vm_wait_serial '^ocicat: image: image /dev/vda' 240 && vm_monitor stop
	vm_monitor migrate "file:$1"
	vm_wait 120 "the machine's memory in a file" vm_migrated && vm_stop
}

# waiting_go FILE DISK SEED DIR: goes on from there with the disk.
waiting_go() {
	waiting_vm "$4" "$2" "$3" -incoming "file:$1" && vm_wait 60 "the machine" vm_paused || return
	vm_monitor device_add virtio-blk-pci,drive=late,bus=late-port
	vm_monitor cont
	return 0
}

vm_paused() {
	vm_monitor info status | grep 'VM status: paused$'
}
