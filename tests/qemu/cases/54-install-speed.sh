# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# `ros install` beside dd of the same bytes from the same CD to the same disk, in turn, each with cold caches: it hashes,
# formats, reads back and compares besides, and takes at most a quarter longer.

# timed COMMAND: milliseconds.
timed() {
	guest 'sync; echo 3 | sudo tee /proc/sys/vm/drop_caches' >/dev/null
	guest "b=\$(cut -d ' ' -f 1 /proc/uptime); { $1; } >out 2>&1 || cat out; e=\$(cut -d ' ' -f 1 /proc/uptime)
		awk \"BEGIN { print int((\$e - \$b) * 1000) }\""
}

fast_enough() {
	(($1 * 80 <= $2 * 100)) || {
		printf 'ros install took %s ms, dd %s ms\n' "$1" "$2"
		return 1
	}
}

blank_disk "$WORK/disk" 4G
need "starts" vm_start "$WORK/vm" --iso build/ocicat.iso --memory 512 --seed "$FIX/good.iso" --disk "$WORK/disk"
need "user Docker answers" wait_docker 240
dd=() install=()
for i in 1 2 3; do
	dd+=("$(timed 'cat /boot/boot/vmlinuz /boot/boot/initrd /boot/ocicat/system.img | sudo dd of=/dev/vda bs=1M conv=fsync')")
	install+=("$(timed 'sudo ros install -d /dev/vda -f --no-reboot')")
done
printf '# dd: %s ms, ros install: %s ms\n' "${dd[*]}" "${install[*]}"
check "at least 80 % as fast as dd" fast_enough "$(median "${install[@]}")" "$(median "${dd[@]}")"
rm -f "$WORK/disk"
