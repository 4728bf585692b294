# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# CASE_TIMEOUT=2400
#
# Nobody is there, and no network has to do with it (27-unattended comes by one): user-data, an OEM's disk and the kernel
# line each have a live system install itself. The machine starts from its disk, configured, and never installs again.

# The firmware tries the disk first, and goes on to the CD when there is nothing to start on it.
cd=(-drive "id=cd,if=none,media=cdrom,readonly=on,format=raw,file=build/ocicat.iso" -device "ide-cd,drive=cd,bus=ide.0")

# seed NAME: with what the standard input has for user-data beside host name and key.
seed() {
	printf '#cloud-config\nhostname: nobody\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")" >"$WORK/$1.yml"
	cat >>"$WORK/$1.yml"
	scripts/seed "$WORK/$1.iso" --user-data "$WORK/$1.yml"
}

oem_disk() {
	blank_disk "$WORK/oem" 8M && mkfs.vfat -n RANCHER_OEM "$WORK/oem" >/dev/null &&
		printf '#cloud-config\nrancher:\n  install: {device: auto, match: {min_size: 3G}, then: reboot}\n' >"$WORK/oem.yml" &&
		mcopy -i "$WORK/oem" "$WORK/oem.yml" ::/oem-config.yml
}

# assert_runs NAME: from its disk, as configured, with user Docker.
assert_runs() {
	need "$1: it installs itself and starts from its disk" vm_wait_serial 'image: partition' 400
	need "$1: user Docker answers" wait_docker 240
	check "$1: it runs from its disk" guest_has '^partition /dev/vd.1' 'cat /run/ros/image'
	check "$1: the state is on the disk" guest_has '^LABEL=RANCHER_STATE /dev/vd.2' 'cat /run/ros/state'
	check "$1: it is configured" guest_is nobody hostname
}

# --- user-data on a seed ---

blank_disk "$WORK/disk" 4G
need "seeds" seed install <<<'rancher: {install: {device: /dev/vda, then: reboot}}'
need "user-data: starts from the CD" vm_start "$WORK/seed" --boot-disk --disk "$WORK/disk" --memory 1024 \
	--seed "$WORK/install.iso" -- "${cd[@]}"
assert_runs "user-data"
id=$(guest 'cat /etc/machine-id')
check "user-data: it has an identity" contains "$id" '^[0-9a-f]{32}$'
vm_mark
guest 'sudo reboot' >/dev/null
vm_ssh_drop
need "user-data: it starts from its disk again" vm_wait_serial 'image: partition' 120
need "user-data: log-in by SSH" vm_wait_ssh 240
check "user-data: it is the same machine" guest_is "$id" 'cat /etc/machine-id'
check "user-data: poweroff" powers_off 25

# With the CD in front of the disk the live system finds it installed.
need "user-data: starts from the CD once more" vm_start "$WORK/again" --iso build/ocicat.iso --disk "$WORK/disk" \
	--memory 1024 --seed "$WORK/install.iso"
need "user-data: log-in to the live system" vm_wait_ssh 240
check "user-data: it says that the disk is installed already" guest_has 'installed already' 'cat /run/ros/messages'
vm_stop

# --- an OEM's disk ---

blank_disk "$WORK/disk" 4G
need "an OEM's disk" oem_disk
need "a seed with a key" seed key </dev/null
need "OEM: starts from the CD" vm_start "$WORK/oem-vm" --boot-disk --disk "$WORK/disk" --disk "$WORK/oem" --memory 1024 \
	--seed "$WORK/key.iso" -- "${cd[@]}"
assert_runs OEM
check "OEM: its configuration goes on to be read" guest_has 'oem-config.yml' 'sudo ros config explain rancher.install.then'
vm_stop

# --- the kernel line; a machine that is switched off when it is done ---

blank_disk "$WORK/disk" 4G
need "kernel line: starts" vm_start "$WORK/line" --boot-disk --disk "$WORK/disk" --memory 1024 --seed "$WORK/key.iso" -- \
	"${cd[@]}" -kernel build/vmlinuz -initrd build/initrd \
	-append "$(grep -v '^#' os/boot/cmdline) rancher.install.device=/dev/vda rancher.install.then=poweroff"
check "kernel line: it installs itself, and is switched off" vm_wait_end 300
need "kernel line: starts from its disk" vm_start "$WORK/line-disk" --boot-disk --disk "$WORK/disk" --memory 512 \
	--seed "$WORK/key.iso"
assert_runs "kernel line"
vm_stop

# --- a disk that holds data is left alone, in one line ---

blank_disk "$WORK/disk" 4G
need "data" mkfs.ext4 -q -F -L precious "$WORK/disk"
sum=$(sha256sum <"$WORK/disk")
need "data: starts from the CD" vm_start "$WORK/data" --iso build/ocicat.iso --disk "$WORK/disk" --memory 1024 \
	--seed "$WORK/install.iso"
need "data: log-in by SSH" vm_wait_ssh 240
check "data: one line says why nothing was installed" guest_has '^1$' 'grep -c "holds ext4 precious" /run/ros/messages'
vm_stop
check "data: nothing was written" equal "$(sha256sum <"$WORK/disk")" "$sum"
rm -f "$WORK"/{disk,oem}
