# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The generic kernel on every disk controller and network card that QEMU has and people ask for: it gets a lease (the
# log-in proves it) and finds its state disk by its label. Long: seven boots.

KINDS=(virtio scsi ahci nvme pvscsi lsi usb)
NICS=(virtio-net-pci e1000 e1000e vmxnet3 rtl8139 virtio-net-pci e1000)

hardware() {
	local kind=$1 nic=$2 words=rancher.state.dev=LABEL=RANCHER_STATE
	# Of these cards it is the one that can wake a machine.
	[[ $nic != e1000e ]] ||
		words+=' rancher.network.interfaces.eth0.dhcp=true rancher.network.interfaces.eth0.wakeonlan=true'
	blank_disk "$WORK/disk" 1G
	mkfs.ext4 -q -F -L RANCHER_STATE "$WORK/disk"
	check "$kind, $nic: starts" vm_start "$WORK/$kind" --generic --memory 768 --seed "$FIX/good.iso" \
		--disk "$WORK/disk,$kind" --nic "$nic" --append "$words" || return
	check "$kind, $nic: a lease, and user Docker answers" wait_docker 240 &&
		check "$kind: found its disk" guest_has '^LABEL=RANCHER_STATE /dev/' 'cat /run/ros/state'
	[[ $nic != e1000e ]] ||
		check "$nic: it may wake the machine" guest_is enabled 'cat /sys/class/net/eth0/device/power/wakeup'
	vm_stop
}

for i in "${!KINDS[@]}"; do
	hardware "${KINDS[i]}" "${NICS[i]}"
done
