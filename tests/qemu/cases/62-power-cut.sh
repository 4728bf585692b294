# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# CASE_TIMEOUT=5400
# QEMU killed at random instants. First its storage daemon, behind which `ros install` writes: each time a second run, which
# is not forced to, finishes. Then a machine with that disk, in its first boot, in which the state grows, and in those
# after it, while `ros config set` runs once it can. After each kill the disk is one that starts, with what was set
# (tests/replay/check-boot), and the next machine goes on with it; in the end it starts by itself, and user Docker answers.
# KILLS says how often, half of them of an installation; SEED repeats a run.

. tests/replay/direct.sh
. tests/replay/logged.sh
kills=${KILLS:-30}
RANDOM=${SEED:-$((SECONDS + $$))}
printf '# SEED=%s\n' "$RANDOM"
was=0 killed=0 lost=0

# below NUMBER: a random number.
below() {
	printf '%s\n' $(((RANDOM << 15 | RANDOM) % $1))
}

seconds() {
	awk -v ms="$1" 'BEGIN { print ms / 1000 }'
}

# --- the installation ---

config() {
	logged_payload && printf '#cloud-config\nhostname: tester\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")" \
		>"$WORK/config.yml"
}

# installs OPTION…: `ros install` behind the daemon, onto a blank disk. KILL_AFTER: in so many seconds the daemon is killed.
installs() {
	tests/replay/record "$WORK" 3G build/ros install -i "$WORK/payload" -c "$WORK/config.yml" "$@" -d
}

uncut_installation() {
	local begun
	begun=$(vm_now)
	installs -f && span=$(($(vm_now) - begun))
}

# Whatever was there, a second run ends well, and the disk is whole.
cut_installation() {
	KILL_AFTER=$(seconds "$(below "$span")") installs -f
	tests/replay/check-install "$WORK/payload" "$WORK/disk" || return
	killed=$((killed + 1))
	! build/ros install -i "$WORK/payload" -d "$WORK/disk" --dry-run >/dev/null 2>&1 ||
		build/ros install -i "$WORK/payload" -c "$WORK/config.yml" -d "$WORK/disk" <<<y || return
	! build/ros install -i "$WORK/payload" -d "$WORK/disk" --dry-run >/dev/null 2>&1 || return
	tests/replay/check-install "$WORK/payload" "$WORK/disk"
}

# --- the machine ---

a_waiting_machine() {
	blank_disk "$WORK/nothing" 1G
	waiting_save "$(realpath "$WORK")/waiting" "$WORK/nothing" "$FIX/good.iso" "$WORK/waiting-vm"
}

sets() {
	VM_CONNECT=$((2 * VM_SLOWNESS / 100)) vm_ssh "sudo ros config set hostname cut-$((was + 1))" >/dev/null 2>&1 && was=$((was + 1))
}

# A machine that is killed MS milliseconds after its disk appeared, or with a second word, after something was set for the
# first time. What is set meanwhile counts once the command says so.
cut_machine() {
	local end
	waiting_go "$(realpath "$WORK")/waiting" "$WORK/disk" "$FIX/good.iso" "$WORK/vm" || return
	[[ -z ${2-} ]] || vm_wait 240 "a change of the configuration" sets || return
	end=$(($(vm_now) + $1))
	while (($(vm_now) < end)) && vm_alive; do
		sets
		sleep "$VM_TICK"
	done
	kill -9 "$VM_PID" || return
	wait "$VM_PID" 2>/dev/null
	vm_ssh_drop
	VM_PID=''
	killed=$((killed + 1))
}

# What was being set when the power went may be there or not.
intact() {
	local is
	tests/replay/check-boot "$WORK/payload" "$WORK" "$WORK/disk" || return
	is=$(sed -n 's/^hostname: cut-//p' "$WORK/set.yml")
	if [[ ${is:-0} != "$was" && ${is:-0} != "$((was + 1))" ]]; then
		printf 'the configuration has %s, %s was set\n' "${is:-0}" "$was"
		return 1
	fi
	was=${is:-0}
}

comes_up() {
	local direct
	mapfile -t direct < <(direct_options "$WORK/payload" "$WORK/disk")
	vm_start "$WORK/vm" --boot-disk --memory 768 --seed "$FIX/good.iso" --disk "$WORK/disk" -- "${direct[@]}" &&
		wait_docker 240 && guest 'ros status' || return
	((was == 0)) || guest_is "cut-$was" hostname
}

need "what is installed" config
need "an installation that is left alone" uncut_installation
printf '# kills of an installation are spread over %s ms\n' "$span"
for ((i = 1; i <= kills / 2; i++)); do
	check "an installation that is killed is finished by the next run ($i)" cut_installation || lost=$((lost + 1))
done
installs=$killed

rm -f "$WORK/last"
need "it grows in its first boot" truncate -s 4G "$WORK/disk"
need "a machine that waits for its disk" a_waiting_machine
# About until somebody can log in.
span=$(($(patient 16) * 1000))
printf '# kills of a boot are spread over %s ms\n' "$span"
for ((i = installs + 1; i <= kills; i++)); do
	if ((i % 4)); then
		check "a boot that is killed ($i)" cut_machine "$(below "$span")"
	else
		check "a machine that is killed while it is configured ($i)" cut_machine "$(below 5000)" configured
	fi
	check "nothing is lost ($i)" intact || lost=$((lost + 1))
done
check "it comes up in the end" comes_up || lost=$((lost + 1))
vm_stop
check "all were killed" equal "$killed" "$kills"
printf '# %s kills (%s of an installation, %s of a boot), %s settings, %s lost\n' \
	"$killed" "$installs" $((killed - installs)) "$was" "$lost"
rm -rf "$WORK"/{disk,payload,copy,state,log,nothing,waiting}
