# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The types of installation that 25-install has not: each made on a plain file, as an ordinary user could, and booted by
# BIOS in 512 MiB.

payload() {
	mkdir -p "$WORK/payload" && ln -f build/vmlinuz build/initrd build/system.img build/manifest.json "$WORK/payload/" &&
		printf '#cloud-config\nhostname: typed\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")" >"$WORK/config.yml"
}

# The same system, and yet another version of it: nobody reads what is behind an initrd's end.
another_version() {
	cp --remove-destination build/initrd "$WORK/payload/initrd" && truncate -s +512 "$WORK/payload/initrd" &&
		rm -f "$WORK/payload/manifest.json"
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
	need "$type: ros install" installs -t "$type" -a ocicat.test=kept
	boots "$type"
done

# On partitions that are there: the state of the machine above stays, the new one is in a directory beside it.
need "another version" another_version
check "noformat: ros install" installs -t noformat --statedir beside

# on_boot NAME: a file of the boot partition.
on_boot() {
	MTOOLS_SKIP_CHECK=1 mtype -i "$WORK/disk@@1M" "::/$1"
}

check "noformat: the words of the kernel line are kept" contains "$(on_boot global.cfg)" ' ocicat.test=kept'
check "noformat: the version before has its entry" contains "$(on_boot linux-previous.cfg)" ' rancher\.slot='
check "noformat: which is another one" test \
	"$(on_boot linux-previous.cfg | grep LINUX)" != "$(on_boot linux-current.cfg | sed -n '/LINUX/{p;q}')"
boots noformat

# state_has PATH: on the disk, whose first partition is a quarter of it.
state_has() {
	contains "$(debugfs -R "stat $1" "$WORK/disk?offset=$(((1 + 768) << 20))" 2>&1)" '^Inode: '
}

check "noformat: the other state is where it was" state_has /var/lib/rancher/etc/upper/machine-id
check "noformat: the new one is beside it" state_has /beside/var/lib/rancher/etc/upper/machine-id
rm -rf "$WORK/disk" "$WORK/payload"
