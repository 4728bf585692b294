# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The medium is taken out after a boot to RAM: the system lost nothing.

need "starts" vm_start "$WORK/vm" --ram --memory 1024 --seed "$FIX/good.iso"
need "user Docker answers" wait_docker 180
check "the image is in RAM" guest_has '^ram' 'cat /run/ros/image'
