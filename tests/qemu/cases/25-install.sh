# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# From the live ISO, in 512 MiB and without a network but the one that the test talks over: `ros install` on an empty
# disk. The disk boots on BIOS and on UEFI, is configured, and keeps what was done on it.

install_config() {
	printf '#cloud-config\nhostname: installed\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")"
	printf 'write_files:\n  - path: /etc/test/installed\n    content: by user-data\n'
}

# installed_machine: what it must show at each boot.
assert_installed() {
	check "$1: it runs from its disk" guest_has '^partition /dev/vda1' 'cat /run/ros/image'
	check "$1: the state is on the disk" guest_has '^LABEL=RANCHER_STATE /dev/vda2' 'cat /run/ros/state'
	check "$1: the cloud-config is applied" guest_is 'installed by user-data' \
		'echo $(hostname) $(cat /etc/test/installed)'
	check "$1: nobody but root reads the cloud-config" guest_is '600 root' \
		'sudo stat -c "%a %U" /var/lib/rancher/conf/cloud-config.d/user_config.yml'
	check "$1: the boot partition is read-only" guest_has ' ro,' 'grep " /boot " /proc/mounts'
}

# state_has MIB: at least.
state_has() {
	local has
	has=$(guest 'df -m /state | tail -n 1' | awk '{ print $2 }')
	((has >= $1)) || {
		printf 'it has %s MiB\n' "$has"
		return 1
	}
}

# guest_ms COMMAND: how long it takes.
guest_ms() {
	guest "b=\$(cut -d ' ' -f 1 /proc/uptime); { $1; } >/dev/null 2>&1; e=\$(cut -d ' ' -f 1 /proc/uptime)
		awk \"BEGIN { print int((\$e - \$b) * 1000) }\""
}

blank_disk "$WORK/disk" 4G
need "starts" vm_start "$WORK/vm" --iso build/ocicat.iso --memory 512 --seed "$FIX/good.iso" --disk "$WORK/disk"
need "log-in by SSH" vm_wait_ssh 180
install_config >"$WORK/config.yml"
vm_put 'cat >config.yml' <"$WORK/config.yml"
check "a plan, and nothing written" guest_has 'gpt table' 'sudo ros install -d /dev/vda -c config.yml -f --dry-run'
check "the disk is blank still" guest_is '' 'sudo blkid -o value -s PTTYPE -p /dev/vda'
# The same bytes to the same disk, as a measure.
dd_ms=$(guest_ms 'cat /boot/boot/vmlinuz /boot/boot/initrd /boot/ocicat/system.img | sudo dd of=/dev/vda bs=1M conv=fsync')
install_ms=$(guest_ms 'sudo ros install -d /dev/vda -c config.yml -a rancher.password=once -f --no-reboot >install.log')
printf '# dd took %s ms, ros install %s ms\n' "$dd_ms" "$install_ms"
need "ros install" guest_has '/dev/vda is installed' 'cat install.log'
guest 'grep " in [0-9]" install.log' | sed 's/^/# /'
check "a second time it is refused" guest_has 'holds a gpt table with 2 partitions' \
	'sudo ros install -d /dev/vda -c config.yml --no-reboot </dev/null'
check "poweroff" powers_off 20

need "starts on BIOS" vm_start "$WORK/bios" --boot-disk --memory 512 --disk "$WORK/disk"
need "user Docker answers on BIOS" wait_docker 180
assert_installed BIOS
check "a file is written" guest 'echo kept >~/kept && sync'
identity=$(guest 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub')
check "the state fills the disk" state_has 2700
check "the password of the kernel line is set" guest_has '^rancher:[$]y[$]' 'sudo grep ^rancher: /etc/shadow'
vm_put 'cat >edit && chmod +x edit' <<-'END'
	#!/bin/sh
	sed -i 's/ rancher.password=once//; s/^APPEND .*/& ocicat.test=edited/' "$1"
END
check "the kernel line is edited" guest_has 'the next boot uses it' 'sudo env EDITOR=$PWD/edit ros config syslinux'
check "for the loader of BIOS, too" guest 'sudo grep -q "ocicat.test=edited" /boot/linux-current.cfg'
check "the boot partition is read-only again" guest_has ' ro,' 'grep " /boot " /proc/mounts'
check "poweroff of the installed machine" powers_off 25
truncate -s 20G "$WORK/disk"

need "starts on UEFI" vm_start "$WORK/uefi" --boot-disk --uefi --memory 512 --disk "$WORK/disk"
need "user Docker answers on UEFI" wait_docker 240
check "it is UEFI" guest 'test -d /sys/firmware/efi'
assert_installed UEFI
check "the line that was edited is the kernel's" guest_has 'ocicat\.test=edited' 'cat /proc/cmdline'
check "the password went with its word" guest_has '^rancher:[*]:' 'sudo grep ^rancher: /etc/shadow'
check "the state has grown with the disk" state_has 18000
check "the file is there" guest_is kept 'cat ~/kept'
check "machine id and host keys are the same" equal \
	"$(guest 'cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub')" "$identity"
check "poweroff on UEFI" powers_off 25
