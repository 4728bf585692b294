# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# CASE_TIMEOUT=5400
# Power cuts, booted: cut points of an installation, each installed on by a second run where it was cut, and of a first boot,
# with growth, and of `ros config set`. They are evenly spread over the flushes, and each is there twice: as it was at the
# flush, and with some of the writes that followed. CUTS says how many of a boot.

. tests/replay/direct.sh
. tests/replay/logged.sh
install_cuts=6 boot_cuts=${CUTS:-54}

# counted: what the tool says about the cut points of the check before.
counted() {
	sed -n 's/^replay: .*: \([0-9]* cut points, [0-9]* failed\)$/\1/p' "$WORK/check.out"
}

config() {
	logged_payload && printf '#cloud-config\nhostname: installed\n' >"$WORK/config.yml"
}

a_waiting_machine() {
	blank_disk "$WORK/booted" 1G
	waiting_save "$(realpath "$WORK")/waiting" "$WORK/booted" "$FIX/good.iso" "$WORK/waiting-vm"
}

install_cuts() {
	blank_disk "$WORK/cut" 2G
	"$WORK/replay" "$WORK/log" "$WORK/cut" $((install_cuts / 2)) 7 tests/replay/boot-install "$WORK/payload" "$WORK"
}

boot_cuts() {
	cp --sparse=always "$WORK/before" "$WORK/cut" &&
		"$WORK/replay" "$WORK/log" "$WORK/cut" $((boot_cuts / 2)) 7 tests/replay/boot "$WORK/payload" "$WORK"
}

need "the replay tool" gcc -O2 -o "$WORK/replay" tests/replay/replay.c
need "what is installed" config
rm -f "$WORK/boots"
need "a machine that waits for its disk" a_waiting_machine
need "ros install onto a logged disk" tests/replay/record "$WORK" 2G \
	build/ros install -i "$WORK/payload" -c "$WORK/config.yml" -f -d
check "each cut of an installation is installed on, and starts" install_cuts
printf '# an installation: %s\n' "$(counted)"
logged_boot
rm -f "$WORK/last"
check "each cut of a boot and of its changes starts, with what was set" boot_cuts
printf '# a boot: %s\n' "$(counted)"
rm -rf "$WORK"/{again,before,booted,copy,cut,disk,log,payload,state,waiting}
