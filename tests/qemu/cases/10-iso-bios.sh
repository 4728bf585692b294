# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The live ISO from CD, on BIOS, in 512 MiB, with a seed and an empty disk that nobody asked it to use.

blank_disk "$WORK/disk" 1G
need "starts" vm_start "$WORK/vm" --iso build/ocicat.iso --memory 512 --seed "$FIX/good.iso" --disk "$WORK/disk"
need "user Docker answers" wait_docker 180
assert_user_data
check "the disk was left alone" guest_is '' 'sudo blkid -o value -s TYPE /dev/vda'
assert_docker
check "docker run -v of a disk mounted after boot" late_disk /dev/vda
assert_system
check "poweroff" powers_off 20
