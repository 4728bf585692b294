# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# How little memory is enough to boot, pull an image and run it: the last size that passes is the floor, which the
# README states. Long: one boot for each size.

# works_with MIB
works_with() {
	blank_disk "$WORK/disk" 2G
	vm_start "$WORK/vm" --memory "$1" --seed "$FIX/good.iso" --disk "$WORK/disk" --append "$STATE_ON_VDB" &&
		wait_docker 120 && guest "docker pull -q $(image)" && guest_is ran "docker run --rm $(image) echo ran"
}

floor=0
for mib in 512 384 320 288 256 224 192 160; do
	works_with "$mib" >"$WORK/$mib.out" 2>&1 || break
	floor=$mib
	vm_stop
done
vm_stop
check "it boots in 512 MiB" at_most 1 "$floor"
check "and in 288 MiB, as the README says (the floor is $floor)" at_most "$floor" 288
