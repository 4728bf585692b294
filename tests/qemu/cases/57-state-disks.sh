# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# State disks that somebody else made: a logical volume; an array, with the state in a directory of it; and the
# configuration of an OEM's partition, which names it.

oem_disk() {
	blank_disk "$WORK/oem" 8M && mkfs.vfat -n RANCHER_OEM "$WORK/oem" >/dev/null &&
		printf '#cloud-config\nrancher:\n  state: {mdadm_scan: true, dev: LABEL=MYSTATE, directory: deep/er}\n' \
			>"$WORK/oem-config.yml" &&
		mcopy -i "$WORK/oem" "$WORK/oem-config.yml" ::/oem-config.yml
}

blank_disk "$WORK/lvm" 1G
blank_disk "$WORK/one" 1G
blank_disk "$WORK/two" 1G
need "an OEM's disk" oem_disk
need "starts" vm_start "$WORK/vm" --memory 768 --seed "$FIX/good.iso" --disk "$WORK/lvm" --disk "$WORK/one" --disk "$WORK/two"
need "log-in by SSH" vm_wait_ssh 240
need "a logical volume" guest 'sudo lvm pvcreate /dev/vdb && sudo lvm vgcreate vg /dev/vdb &&
	sudo lvm lvcreate -y -n state -l 100%FREE vg && sudo mkfs.ext4 -q -L RANCHER_STATE /dev/vg/state'
need "an array" guest 'sudo mdadm --create /dev/md0 --run --level=1 --raid-devices=2 /dev/vdc /dev/vdd &&
	sudo mkfs.ext4 -q -L MYSTATE /dev/md0'
check "poweroff" powers_off 25

need "starts with the volume" vm_start "$WORK/on-lvm" --memory 768 --seed "$FIX/good.iso" --disk "$WORK/lvm" \
	--append 'rancher.state.lvm_scan rancher.state.dev=LABEL=RANCHER_STATE'
need "user Docker answers on the volume" wait_docker 240
check "the state is on the volume" guest_has '^LABEL=RANCHER_STATE /dev/(dm-|mapper/|vg/)' 'cat /run/ros/state'
check "poweroff of the volume's machine" powers_off 25

need "starts with the array" vm_start "$WORK/on-md" --memory 768 --seed "$FIX/good.iso" --disk "$WORK/one" \
	--disk "$WORK/two" --disk "$WORK/oem"
need "user Docker answers on the array" wait_docker 240
check "the state is on the array" guest_has '^LABEL=MYSTATE /dev/md' 'cat /run/ros/state'
check "it is in its directory" guest_has '/deep/er ' 'grep " /state " /proc/self/mountinfo'
check "the OEM's partition says so" guest_has 'oem-config.yml' 'sudo ros config explain rancher.state.dev'
check "poweroff of the array's machine" powers_off 25
rm -f "$WORK"/{lvm,one,two,oem}
