# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# `ros install` beside dd of the same bytes from the same CD to the same disk, in turn, each with cold caches: it hashes,
# formats, reads back and compares besides, and takes at most a quarter longer. Then onto partitions that are there.

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

# --- onto a state that was not unmounted ---

# What is in the old configuration's place is in the journal, too: the first mount would put it there again, whatever was
# written to that place meanwhile.
seed=/var/lib/rancher/conf/cloud-config.d/user_config.yml
for name in old new; do
	printf '#cloud-config\nhostname: %s\n' "$name" >"$WORK/config.yml"
	vm_put "cat >$name.yml" <"$WORK/config.yml"
done
vm_put 'cat >pend' <<-END
	block=\$(debugfs -R "blocks $seed" /dev/vda2 2>/dev/null | tr -d ' ')
	dd if=/dev/vda2 of=block bs=4096 skip=\$block count=1 2>/dev/null
	printf 'jo -c\njw -b %s block\njc\n' \$block | debugfs -w -f - /dev/vda2 >/dev/null 2>&1
	debugfs -R stats /dev/vda2 2>/dev/null
END
need "an installation" guest_has 'is installed' 'sudo ros install -d /dev/vda -c old.yml -f --no-reboot'
need "its state was not unmounted" guest_has 'needs_recovery' 'sudo sh pend'
check "noformat replays its journal first" guest_has 'recover +/dev/vda2, which was not unmounted' \
	'sudo ros install -t noformat -d /dev/vda -c new.yml -f --no-reboot'
check "the first mount finds the new configuration" guest_is 'hostname: new' \
	"sudo mkdir -p /mnt/d && sudo mount /dev/vda2 /mnt/d && sudo grep hostname /mnt/d$seed; sudo umount /mnt/d"
rm -f "$WORK/disk"
