# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A power cut while a disk is being installed: every write is logged, and what the disk was at the flushes between is
# replayed onto an image. Each must be installed, or be taken by a second run. FULL=1: at every flush.

cuts=40
[[ ${FULL:-0} != 1 ]] || cuts=100000

payload_folder() {
	mkdir -p "$WORK/payload" &&
		ln -f build/vmlinuz "$WORK/payload/vmlinuz" && ln -f build/initrd "$WORK/payload/initrd" &&
		ln -f build/system.img "$WORK/payload/system.img" && ln -f build/manifest.json "$WORK/payload/manifest.json"
}

logged_disk() {
	printf '%s\n' -blockdev "driver=file,node-name=log,filename=$WORK/log" \
		-blockdev "driver=file,node-name=under,filename=$WORK/disk" \
		-blockdev "driver=blklogwrites,node-name=logged,file=under,log=log" \
		-device virtio-blk-pci,drive=logged
}

blank_disk "$WORK/disk" 2G
blank_disk "$WORK/cut" 2G
: >"$WORK/log"
mapfile -t logged < <(logged_disk)
need "the replay tool" gcc -O2 -o "$WORK/replay" tests/replay/replay.c
need "what is installed" payload_folder
need "starts" vm_start "$WORK/vm" --iso build/ocicat.iso --memory 512 --seed "$FIX/good.iso" -- "${logged[@]}"
need "log-in by SSH" vm_wait_ssh 180
need "ros install" guest_has '/dev/vda is installed' \
	'printf "#cloud-config\nhostname: x\n" >c.yml; sudo ros install -d /dev/vda -c c.yml -f --no-reboot'
check "poweroff" powers_off 20
check "every cut is installed, or can be installed on" \
	"$WORK/replay" "$WORK/log" "$WORK/cut" "$cuts" 1 tests/replay/check-install "$WORK/payload"
sed -n 's/^replay:/# &/p' "$WORK/check.out"
check "the whole of it is installed" tests/replay/check-install "$WORK/payload" "$WORK/cut"
check "a run after a cut finishes" build/ros install -i "$WORK/payload" -d "$WORK/cut" -f
