# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The types of installation that 25-install has not: each made on a plain file, as an ordinary user could, and booted by
# BIOS in 512 MiB.

payload() {
	mkdir -p "$WORK/payload" && ln -f build/vmlinuz build/initrd build/system.img build/manifest.json "$WORK/payload/" &&
		printf '#cloud-config\nhostname: typed\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")" >"$WORK/config.yml"
}

# installs OPTION…: onto the disk.
installs() {
	build/ros install -i "$WORK/payload" -d "$WORK/disk" -c "$WORK/config.yml" -f "$@"
}

# boots TYPE: and is what was asked for.
boots() {
	check "$1: starts" vm_start "$WORK/$1" --boot-disk --memory 512 --disk "$WORK/disk" || return
	check "$1: user Docker answers" wait_docker 240 || return
	check "$1: it runs from its disk" guest_has '^partition /dev/vda1' 'cat /run/ros/image'
	check "$1: the state is on the disk" guest_has '^LABEL=RANCHER_STATE /dev/vda2' 'cat /run/ros/state'
	check "$1: it is configured" guest_is typed hostname
	check "$1: poweroff" powers_off 25
}

need "what is installed" payload
for type in msdos gptsyslinux; do
	blank_disk "$WORK/disk" 3G
	need "$type: ros install" installs -t "$type"
	boots "$type"
done

# On partitions that are there: the state of the machine above stays, the new one is in a directory beside it.
check "noformat: ros install" installs -t noformat --statedir beside
boots noformat

# state_has PATH: on the disk, whose first partition is a quarter of it.
state_has() {
	contains "$(debugfs -R "stat $1" "$WORK/disk?offset=$(((1 + 768) << 20))" 2>&1)" '^Inode: '
}

check "noformat: the other state is where it was" state_has /var/lib/rancher/etc/upper/machine-id
check "noformat: the new one is beside it" state_has /beside/var/lib/rancher/etc/upper/machine-id
rm -rf "$WORK/disk" "$WORK/payload"
