# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The generic kernel on every disk controller and network card that QEMU has and people ask for: it gets a lease (the
# log-in proves it) and finds its state disk by its label. Long: seven boots.

KINDS=(virtio scsi ahci nvme pvscsi lsi usb)
NICS=(virtio-net-pci e1000 e1000e vmxnet3 rtl8139 virtio-net-pci e1000)

# Of these cards vmxnet3 is the one that keeps what it is told about waking the machine.
wakes() {
	check "it may wake the machine" guest 'sudo ros config set rancher.network.interfaces.eth0 "{dhcp: true, wakeonlan: true}" &&
		sudo ros network apply'
	check "the card has it" guest_is '' 'sudo ros network diff 2>&1'
	check "or not" guest_is 'ethtool -s eth0 wol d' \
		'sudo ros config set rancher.network.interfaces.eth0.wakeonlan false && sudo ros network diff 2>/dev/null'
}

hardware() {
	local kind=$1 nic=$2
	blank_disk "$WORK/disk" 1G
	mkfs.ext4 -q -F -L RANCHER_STATE "$WORK/disk"
	check "$kind, $nic: starts" vm_start "$WORK/$kind" --generic --memory 768 --seed "$FIX/good.iso" \
		--disk "$WORK/disk,$kind" --nic "$nic" --append 'rancher.state.dev=LABEL=RANCHER_STATE' || return
	check "$kind, $nic: a lease, and user Docker answers" wait_docker 240 &&
		check "$kind: found its disk" guest_has '^LABEL=RANCHER_STATE /dev/' 'cat /run/ros/state'
	[[ $nic != vmxnet3 ]] || wakes
	vm_stop
}

for i in "${!KINDS[@]}"; do
	hardware "${KINDS[i]}" "${NICS[i]}"
done
