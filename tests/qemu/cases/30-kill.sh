# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Everything that the system consists of is killed in turn. Each time all of it is back within 30 s (the median within
# 15), user containers never notice, nothing stays behind as a zombie, and the journal tells.

blank_disk "$WORK/disk" 4G
need "starts" vm_start "$WORK/vm" --memory 1024 --seed "$FIX/good.iso" --disk "$WORK/disk" --append "$STATE_ON_VDB"
need "user Docker answers" wait_docker 180
check "the state is on the disk" guest_has '/dev/vdb' 'cat /run/ros/state'
guest "docker pull -q $(image) && docker tag $(image) b" >/dev/null
need "three user containers" guest 'for i in 1 2 3; do docker run -d --name keep$i --restart always b sleep 100000; done'

# The process IDs and start times of what must not be touched.
user_pids() {
	guest 'for i in 1 2 3; do p=$(docker inspect -f "{{.State.Pid}}" keep$i); echo "$p $(cut -d " " -f 22 /proc/$p/stat)"; done'
}

same_user_pids() {
	equal "$(user_pids)" "$pids"
}

# The shims of the system's containers, without those that clear away a dead one's.
shims="pgrep -f '^[^ ]*containerd-shim-runc-v2 .*system-containerd' | while read -r p; do
	tr '\\0' '\\n' </proc/\$p/cmdline | tail -n 1 | grep -q delete || echo \$p; done"

# A process of the system, by what it is. The two daemons' pid files are theirs, the containerds differ in their
# configuration, the rest are containers.
pid_of() {
	case $1 in
	system-dockerd) guest 'cat /run/system-docker.pid' ;;
	user-dockerd) guest 'cat /var/run/docker.pid' ;;
	system-containerd) guest 'pgrep -o -f "^[^ ]*containerd .*system-containerd"' ;;
	shim) guest "$shims | head -n 1" ;;
	user-containerd) guest 'pgrep -f "^[^ ]*containerd( |$)" | while read -r p; do
		grep -q -a system-containerd /proc/$p/cmdline || { echo $p; break; }; done' ;;
	*) guest "sudo system-docker inspect -f '{{.State.Pid}}' $1" ;;
	esac
}

# Which process each of the system's containers is.
system_pids() {
	guest 'sudo system-docker ps --format "{{.Names}}" | sort | while read -r c; do
		echo "$c $(sudo system-docker inspect -f "{{.State.Pid}}" "$c" </dev/null)"; done'
}
# all_new: each of the system's containers is another process than in $before.
all_new() {
	local now
	now=$(system_pids)
	(($(grep -c -E '^[a-z]+ [1-9][0-9]*$' <<<"$now") >= ${#SYSTEM_SERVICES[@]})) &&
		[[ -z $(sort <<<"$before"$'\n'"$now" | uniq -d) ]]
}

# everything_back TARGET OLD_PID: the target is another process, all services run, user Docker answers.
everything_back() {
	local pid
	pid=$(pid_of "$1") && [[ $pid =~ ^[1-9][0-9]*$ && $pid != "$2" ]] || return 1
	[[ $1 != shim ]] || all_new || return 1
	system_services_run && vm_ssh 'docker ps -q | grep -q .'
}

recovery_ms=()
# killed TARGET COMMAND [SECONDS]: PID stands for the target's process in the command; all is back within SECONDS (30).
killed() {
	local target=$1 old begun
	old=$(pid_of "$target")
	[[ $old =~ ^[1-9][0-9]*$ ]] || {
		printf 'cannot tell the process of %s: %s\n' "$target" "$old"
		return 1
	}
	begun=$(vm_now)
	vm_ssh "sudo sh -c '${2//PID/$old}'"
	vm_wait "${3:-30}" "recovery of $target" everything_back "$target" "$old" || return 1
	recovery_ms+=($(($(vm_now) - begun)))
	# Who is logged in may be thrown out while the console comes back.
	vm_wait 30 "same user containers" same_user_pids && no_zombies
}

# journal_tells UNIT: that it ended, or was started once more.
journal_tells() {
	fetch_journal || return 1
	jq -e -s --arg u "$1" '[.[] | select(.unit == $u and
		(.kind == "daemon-exit" or .kind == "daemon-start" or .kind == "service-start" or .kind == "service-fail"))] |
		length >= 2' "$VM_DIR/journal" >/dev/null || {
		printf 'the journal does not tell of %s\n' "$1"
		return 1
	}
}

containerd_alone() {
	local before
	before=$(system_pids)
	killed system-containerd 'kill -9 PID' && equal "$(system_pids)" "$before"
}

pids=$(user_pids)
for target in system-dockerd user-dockerd system-containerd user-containerd syslog udev network ntp cron console; do
	check "kill -9 of $target" killed "$target" 'kill -9 PID'
done
check "system-docker kill docker" killed docker 'system-docker kill docker'
# One shim serves the system's containers: all of them end with it and are started at once, by one shim again. Until
# containerd has cleared them away, the old ones look as if they were well.
before=$(system_pids)
check "kill -9 of the shim" killed shim 'kill -9 PID'
vm_ssh_drop
need "log-in by SSH again" vm_wait_ssh 60
check "one shim for all again" guest_is 1 "$shims | wc -l"
check "a new System containerd finds them all" containerd_alone
((${#recovery_ms[@]} == 0)) || check "all back within 15 s as median (${recovery_ms[*]} ms)" at_most "$(median "${recovery_ms[@]}")" "$(patient 15000)"
check "the journal tells of System Docker" journal_tells system-docker
check "the journal tells of user Docker" journal_tells user-docker

# What somebody runs in System Docker for himself, and a service that is taken away, are no fault of the system.
missed_no_more() {
	guest_is 1 'sudo system-docker run --rm --network none --name own-try -v /usr:/usr:ro --entrypoint /usr/bin/false \
		"$(sudo system-docker inspect -f "{{.Config.Image}}" ntp)" >/dev/null 2>&1; echo $?' || return 1
	guest 'sudo ros service rm -f ntp' || return 1
	vm_wait 30 "line of the journal" guest_has '"service-gone","unit":"ntp"' 'cat /run/ros/journal' || return 1
	guest '! grep own-try /run/ros/journal' && guest_has '"name":"ntp","why":"","state":"done"' 'ros status --json'
}
check "what was removed is missed no more" missed_no_more
check "and comes back when it is asked for" guest 'sudo ros service up ntp'

damage_and_kill='rm -rf /var/lib/system-docker/image && echo rubbish >/var/lib/system-docker/image && kill -9 PID'
# It fails twice first, then every service is made anew: that is no restart, and has no limit of its own.
check "a damaged System Docker data root heals" killed system-dockerd "$damage_and_kill" 120
check "the damaged one was moved aside" guest_has system-docker 'sudo ls -d /var/lib/system-docker?*'
check "user Docker kept its images" guest_has '^b:latest' 'docker images --format "{{.Repository}}:{{.Tag}}"'
