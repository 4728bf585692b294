# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Reboot and power off with containers of every restart policy: each is asked to stop, the machine is down within
# 10 s, and after a reboot runs what should. A container that will not stop does not hold the machine.

blank_disk "$WORK/disk" 4G
need "starts" vm_start "$WORK/vm" --memory 1024 --seed "$FIX/good.iso" --disk "$WORK/disk" --append "$STATE_ON_VDB"
need "user Docker answers" wait_docker 180
guest "docker pull -q $(image) && docker tag $(image) b && mkdir -p ~/asked" >/dev/null

# A container that notes that it was asked to stop, and stops.
polite='trap "echo asked >/asked/$(hostname); exit 0" TERM; while :; do sleep 0.1; done'

run_polite() {
	guest "docker run -d --name $1 --hostname $1 --restart $2 -v ~/asked:/asked b sh -c '$polite'"
}

# down_for_reboot SECONDS: until the machine starts anew. The next boot's first words are the event.
down_for_reboot() {
	local begun
	vm_mark
	begun=$(vm_now)
	vm_ssh 'sudo reboot' >/dev/null 2>&1
	vm_wait "$(($1 + 20))" "reboot" vm_serial_has 'reboot: Restarting system' || return 1
	vm_ssh_drop
	at_most $(($(vm_now) - begun)) "$(patient $(($1 * 1000)))"
}

prompt_is_clean() {
	vm_serial_has 'login: ' && ! vm_serial_has 'login: +ocicat:'
}

# The console makes the RSA key when user Docker has run for a while. This event is its last step.
rsa_key_made() {
	guest 'for i in $(seq 300); do
			grep "\"host-key-rsa\"" /run/ros/journal | grep -q "\"step-end\"" && exit; sleep 0.2
		done; exit 1'
}

machine_id() {
	guest 'cat /etc/machine-id; cat /etc/ssh/ssh_host_*_key.pub | sort'
}

need "an always container" run_polite one always
need "an unless-stopped container" run_polite two unless-stopped
need "one that is not restarted" run_polite three no
need "one that its user stops" run_polite four unless-stopped
check "docker stop" guest 'docker stop four && rm -f ~/asked/four'
need "the RSA host key is made" rsa_key_made
identity=$(machine_id)
guest 'echo kept >~/kept; echo gone >/tmp/gone' >/dev/null
console=$(guest 'sudo system-docker inspect -f "{{.Id}}" console')
check "a new console is asked for" guest 'sudo ros config set rancher.force_console_rebuild true'

# cron is the last that is started, and follows System Docker's events.
need "cron runs" guest 'for i in $(seq 150); do
		[ "$(sudo system-docker inspect -f "{{.State.Running}}" cron 2>/dev/null)" = true ] && exit; sleep 0.2
	done; exit 1'
check "nothing is written behind the log-in prompt" prompt_is_clean
check "reboot within 10 s" down_for_reboot 10
check "System Docker waits for nobody who follows it" vm_serial_has 'system-docker stopped \(([0-9]{1,3}|[1-3][0-9]{3}) ms\)'
vm_mark
need "user Docker answers again" wait_docker 180
check "each container was asked to stop" guest_is 'one three two' 'ls ~/asked | sort | xargs'
# The seed's own service runs for a moment at every boot.
check "always and unless-stopped containers run again, the others do not" guest_is 'one two' \
	'for i in $(seq 50); do [ $(docker ps --format "{{.Names}}" | grep -c -v greeter) -ge 2 ] && break; sleep 0.2; done
	 docker ps --format "{{.Names}}" | grep -v greeter | sort | xargs'
check "machine id and host keys are the same" equal "$(machine_id)" "$identity"
check "the home directory was kept, /tmp was not" guest_is 'kept' 'cat ~/kept; cat /tmp/gone 2>/dev/null'
check "the console was made anew" guest "[ \$(sudo system-docker inspect -f '{{.Id}}' console) != $console ]"
check "once" guest_is false 'sudo ros config get rancher.force_console_rebuild'
check "ros status says why the machine stopped" guest_has '[Rr]eboot' 'ros status'
assert_system

check "one that ignores SIGTERM" guest \
	'docker run -d --name deaf --restart always b sh -c "trap : TERM; while :; do sleep 1; done"'
check "poweroff is not held by it" powers_off 25
