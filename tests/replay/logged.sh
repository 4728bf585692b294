# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A first boot and its owner's changes, with every write logged, for the cases that replay it: the disk image of the build,
# on a disk that is larger, so that its partition and file system grow. Leaves $WORK/log, $WORK/before (the disk as it
# was) and $WORK/payload (what is in its slot).

LOGGED_SIZE=3G
LOGGED_SETS=5

# The disk behind a log of its writes.
logged_disk() {
	printf '%s\n' -blockdev "driver=file,node-name=under,filename=$WORK/disk,cache.direct=off" \
		-blockdev "driver=file,node-name=log,filename=$WORK/log" \
		-blockdev "driver=blklogwrites,node-name=logged,file=under,log=log" \
		-device virtio-blk-pci,drive=logged,bootindex=0
}

# What is installed, under the names that the build and a slot have for it.
logged_payload() {
	mkdir -p "$WORK/payload" && ln -f build/vmlinuz "$WORK/payload/vmlinuz" &&
		ln -f build/vmlinuz "$WORK/payload/kernel" && ln -f build/initrd "$WORK/payload/initrd" &&
		ln -f build/system.img "$WORK/payload/system.img" && ln -f build/manifest.json "$WORK/payload/manifest.json"
}

logged_files() {
	rm -rf "$WORK/log" "$WORK/disk" "$WORK/before" "$WORK/payload" "$WORK/last"
	: >"$WORK/log"
	cp --sparse=always build/ocicat.img "$WORK/before" && truncate -s "$LOGGED_SIZE" "$WORK/before" &&
		cp --sparse=always "$WORK/before" "$WORK/disk" && logged_payload
}

# logged_boot: boots it, and changes its configuration several times.
logged_boot() {
	local device i
	mapfile -t device < <(logged_disk)
	need "a disk that is logged" logged_files
	need "starts for the first time" vm_start "$WORK/vm" --boot-disk --memory 768 --seed "$FIX/good.iso" -- "${device[@]}"
	need "user Docker answers" wait_docker 240
	check "the state has grown with the disk" guest_has '^2[0-9]{3}$' "df -m /state | tail -n 1 | awk '{ print \$2 }'"
	for ((i = 1; i <= LOGGED_SETS; i++)); do
		check "ros config set ($i)" guest "sudo ros config set hostname cut-$i"
	done
	vm_stop
}
