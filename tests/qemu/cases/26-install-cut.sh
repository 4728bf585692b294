# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A power cut while a disk is being installed: every write of `ros install` is logged, and what the disk was at each
# flush (and with some of the writes that followed) is replayed onto an image. Each must be installed, or be taken by a
# second run. FULL=1: with many more choices of what followed. No machine is started.

seeds=(1 2 3)
[[ ${FULL:-0} != 1 ]] || mapfile -t seeds < <(seq 1 100)

payload_folder() {
	mkdir -p "$WORK/payload" &&
		ln -f build/vmlinuz "$WORK/payload/vmlinuz" && ln -f build/initrd "$WORK/payload/initrd" &&
		ln -f build/system.img "$WORK/payload/system.img" && ln -f build/manifest.json "$WORK/payload/manifest.json" &&
		printf '#cloud-config\nhostname: x\n' >"$WORK/config.yml"
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
