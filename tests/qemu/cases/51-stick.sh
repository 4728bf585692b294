# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The generic ISO written to a USB stick, on BIOS and on UEFI. Long: two boots.

for firmware in bios uefi; do
	options=()
	[[ $firmware == bios ]] || options=(--uefi)
	check "$firmware: starts" vm_start "$WORK/$firmware" "${options[@]}" --stick build/ocicat-generic.iso \
		--memory 768 --seed "$FIX/good.iso" || continue
	check "$firmware: user Docker answers" wait_docker 240 &&
		check "$firmware: host name" guest_is tester hostname
	vm_stop
done
