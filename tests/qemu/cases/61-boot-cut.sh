# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Power cuts of a first boot, with growth, and of `ros config set`, booted: 60 cut points, evenly spread over the flushes
# and with some of the writes that followed each. Very long; CUTS says how many.

. tests/replay/logged.sh
CASE_CUTS=$((${CUTS:-60} / 2))

boot_cuts() {
	cp --sparse=always "$WORK/before" "$WORK/cut" &&
		"$WORK/replay" "$WORK/log" "$WORK/cut" "$CASE_CUTS" 7 tests/replay/boot "$WORK"
}

need "the replay tool" gcc -O2 -o "$WORK/replay" tests/replay/replay.c
logged_boot
check "each of them starts" boot_cuts
grep '^replay:' "$WORK/check.out" | sed 's/^/# /'
rm -rf "$WORK"/{before,booted,cut,disk,log,payload}
