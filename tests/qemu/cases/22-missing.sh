# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Whatever is missing or broken, the machine boots to a console, no more than 3 s later than a good one, and says in
# one clear line what was wrong. Everything is asserted on the serial console, which is all that a machine without a
# network card has.

# What each machine is given, and the line that it must show ('' for none).
WORDS="$STATE_ON_VDB rancher.password=let-me-in"
SCENES=(good no-nic no-nic-url no-disk no-seed damaged bad-yaml)
good_options=(--seed "$FIX/good.iso" --disk "$WORK/disk" --append "$WORDS")
good_line=''
no_nic_options=(--nic none --seed "$FIX/good.iso" --disk "$WORK/disk" --append "$WORDS")
no_nic_line='[Nn]o network'
# RancherOS' NoNetworkCloudConfigFromUrl: nobody is waited for who cannot answer.
no_nic_url_options=(--nic none --disk "$WORK/disk"
	--append "$WORDS rancher.cloud_init.datasources=[url:http://192.0.2.1/user-data]")
no_nic_url_line='no network: this machine has no card'
no_disk_options=(--seed "$FIX/good.iso" --append "$WORDS")
no_disk_line='(state|RANCHER_STATE)'
no_seed_options=(--disk "$WORK/disk" --append "$WORDS")
no_seed_line='(seed|datasource|user-data|cidata)'
damaged_options=(--seed "$FIX/damaged.iso" --disk "$WORK/disk" --append "$WORDS")
damaged_line='user-data:1:'
bad_yaml_options=(--seed "$FIX/bad.iso" --disk "$WORK/disk" --append "$WORDS")
bad_yaml_line='user-data:[0-9]+'
declare -A console_ms

# In by a password that the kernel line gives: a machine that found a seed logs nobody in by itself.
serial_login() {
	vm_mark
	vm_serial_type rancher
	# A prompt that is just being drawn anew, for an address that came, may have lost the name: it is typed again.
	vm_wait_serial 'assword:' 8 || vm_serial_type rancher
	vm_wait_serial 'assword:' 15 || return
	vm_serial_type let-me-in
	vm_wait_serial '[$#] ' 15 || return
	vm_mark
	vm_serial_type 'echo con""sole answers'
	vm_wait_serial '^console answers' 10
}

# boot_scene NAME: boots it, and notes when its console was there.
boot_scene() {
	local name=$1
	local -n options=${name//-/_}_options line=${name//-/_}_line
	blank_disk "$WORK/disk" 2G
	check "$name: starts" vm_start "$WORK/$name" --no-autologin "${options[@]}" || return
	check "$name: a console" vm_wait_serial 'login: ' 120 || return
	console_ms[$name]+="$(($(vm_now) - VM_STARTED)) "
	check "$name: the console works" serial_login
	check "$name: one line says what is wrong" says_what "$line"
	[[ $name != no-nic-url ]] || check "$name: the configuration shows the source" shows_source
	vm_stop
}

# The banner, /run/ros/messages and `ros status` have it; a good machine has no message at all.
says_what() {
	vm_mark
	vm_serial_type 'echo BEGIN; cat /run/ros/messages 2>/dev/null; echo E""ND'
	vm_wait_serial '^END' 10 || return 1
	local messages
	messages=$(vm_serial | sed -n '/^BEGIN/,/^END/{//!p}')
	if [[ -z $1 ]]; then
		equal "$messages" ''
	else
		contains "$messages" "$1"
	fi
}

shows_source() {
	vm_mark
	vm_serial_type 'sudo ros config get rancher.cloud_init.datasources'
	vm_wait_serial '^- "?url:http://192.0.2.1/user-data' 15
}

# late NAME: its median is more than 3 s above the good one's, and above what good boots differ by among each other.
late() {
	local good noise
	# shellcheck disable=SC2086 # Several numbers.
	good=$(median ${console_ms[good]:-0}) noise=$(largest ${console_ms[good]:-0})
	noise=$((noise - good))
	# shellcheck disable=SC2086
	(($(median ${console_ms[$1]:-999999}) > good + noise + $(patient 3000)))
}

in_time() {
	late "$1" || return 0
	printf 'ms: %s; good: %s\n' "${console_ms[$1]:-none}" "${console_ms[good]:-none}"
	return 1
}

for scene in "${SCENES[@]}"; do
	boot_scene "$scene"
done
# A busy host makes single boots late: who seems late is measured twice more, and so is the good one.
for scene in "${SCENES[@]:1}"; do
	late "$scene" || continue
	for again in good "$scene" good "$scene"; do
		boot_scene "$again"
	done
done
for scene in "${SCENES[@]:1}"; do
	check "$scene: its console is there within 3 s of the good one's" in_time "$scene"
done
