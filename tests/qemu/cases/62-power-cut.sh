# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# QEMU killed at random instants of a first boot and of the boots after it, while `ros config set` runs once it can: each
# time the machine comes up again, and what was set before is still set. KILLS says how often; SEED repeats a run.

kills=${KILLS:-30}
RANDOM=${SEED:-$((SECONDS + $$))}
printf '# SEED=%s\n' "$RANDOM"

machine() {
	vm_start "$WORK/vm" --boot-disk --memory 768 --seed "$FIX/good.iso" --disk "$WORK/disk"
}

# One boot that is killed after MS milliseconds; what is set meanwhile counts once the command has said so.
cut_after() {
	local end=$(($(vm_now) + $1))
	machine || return
	while (($(vm_now) < end)) && vm_alive; do
		VM_CONNECT=2 vm_ssh "sudo ros config set rancher.environment.CUT $((was + 1))" >/dev/null 2>&1 && was=$((was + 1))
		sleep "$VM_TICK"
	done
	kill -9 "$VM_PID"
	wait "$VM_PID" 2>/dev/null
	vm_ssh_drop
	VM_PID=''
}

# What was being set when the power went may be there or not.
survives() {
	local is
	machine && wait_docker 240 && guest 'ros status' || return
	is=$(guest 'sudo ros config get rancher.environment.CUT')
	if [[ ${is:-0} != "$was" && ${is:-0} != "$((was + 1))" ]]; then
		printf 'the configuration has %s, %s was set\n' "$is" "$was"
		return 1
	fi
	was=${is:-0}
}

cp --sparse=always build/ocicat.img "$WORK/disk"
truncate -s 3G "$WORK/disk"
was=0 lost=0
for ((i = 1; i <= kills; i++)); do
	at=$((2000 + RANDOM * 4 % ($(patient 60) * 1000)))
	check "killed after $at ms ($i)" cut_after "$at"
	# Every fifth time it is looked at; the others are cut again on their way up.
	((i % 5 == 0 || i == kills)) || continue
	check "it comes up, and nothing is lost ($i)" survives || lost=$((lost + 1))
	vm_stop
done
printf '# %s kills, %s machines lost\n' "$kills" "$lost"
rm -f "$WORK/disk"
