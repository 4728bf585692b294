# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A power cut while a disk is being installed: every write of `ros install` is logged, and what the disk was at each
# flush (and with some of the writes that followed) is replayed onto an image. Each must be installed, or be taken by a
# second run. Then the same of a first boot, in which partition and file system grow, and of `ros config set`: at each cut
# the disk must be one that starts with a configuration that was set. FULL=1: at every flush, with many more choices.

. tests/replay/logged.sh
seeds=(1 2 3) boot_cuts=12
[[ ${FULL:-0} != 1 ]] || { mapfile -t seeds < <(seq 1 100) && boot_cuts=100000; }

payload_folder() {
	logged_payload && printf '#cloud-config\nhostname: x\n' >"$WORK/config.yml"
}

replay_with() {
	blank_disk "$WORK/cut" 2G
	"$WORK/replay" "$WORK/log" "$WORK/cut" 100000 "$1" tests/replay/check-install "$WORK/payload"
}

# The check must be able to fail: one byte of the installed system is another.
notices_damage() {
	cp --sparse=always "$WORK/cut" "$WORK/damaged" &&
		printf 'X' | dd of="$WORK/damaged" bs=1 seek=$((40 << 20)) conv=notrunc status=none &&
		! tests/replay/check-install "$WORK/payload" "$WORK/damaged"
}

need "the replay tool" gcc -O2 -o "$WORK/replay" tests/replay/replay.c
need "what is installed" payload_folder
need "ros install onto a logged disk" tests/replay/record "$WORK" 2G \
	build/ros install -i "$WORK/payload" -c "$WORK/config.yml" -f -d
for seed in "${seeds[@]}"; do
	check "every cut is installed, or can be installed on ($seed)" replay_with "$seed"
	grep '^replay:' "$WORK/check.out" | sed 's/^/# /'
done
check "the whole of it is installed" tests/replay/check-install "$WORK/payload" "$WORK/cut"
check "a damaged one is noticed" notices_damage
check "a run after a cut finishes" build/ros install -i "$WORK/payload" -d "$WORK/cut" -f
rm -f "$WORK/cut" "$WORK/damaged" "$WORK/disk" "$WORK/log"

# replay_boot SEED
replay_boot() {
	rm -f "$WORK/last"
	cp --sparse=always "$WORK/before" "$WORK/cut" &&
		"$WORK/replay" "$WORK/log" "$WORK/cut" "$boot_cuts" "$1" tests/replay/check-boot "$WORK/payload" "$WORK"
}

# The check must be able to fail here, too: one sector of the table is another.
notices_a_lost_table() {
	printf 'X' | dd of="$WORK/cut" bs=1 seek=530 conv=notrunc status=none &&
		! tests/replay/check-boot "$WORK/payload" "$WORK" "$WORK/cut"
}

logged_boot
check "every cut of a boot and of its changes is a machine that starts" replay_boot 1
grep '^replay:' "$WORK/check.out" | sed 's/^/# /'
# By now the disk has every write.
last_change() {
	tests/replay/check-boot "$WORK/payload" "$WORK" "$WORK/cut" && contains "$(<"$WORK/set.yml")" "^hostname: cut-$LOGGED_SETS\$"
}
check "the last change is on the disk" last_change
check "a lost table is noticed" notices_a_lost_table
rm -rf "$WORK"/{before,cut,disk,log,payload}
