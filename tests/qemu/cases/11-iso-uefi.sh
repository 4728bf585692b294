# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The same ISO from CD, on UEFI, with 1 GiB: the same is asserted.

blank_disk "$WORK/disk" 1G
need "starts" vm_start "$WORK/vm" --uefi --iso build/ocicat.iso --memory 1024 --seed "$FIX/good.iso" --disk "$WORK/disk"
need "user Docker answers" wait_docker 240
check "it was UEFI" guest 'test -d /sys/firmware/efi'
assert_user_data
assert_docker
check "docker run -v of a disk mounted after boot" late_disk /dev/vda
assert_system
vm_monitor system_powerdown
check "the power button" vm_wait_end 20
