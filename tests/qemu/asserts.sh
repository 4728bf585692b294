# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What a machine that booted well with the good seed must show, in groups that the cases call: what the user asked
# for, both Dockers, and the journal. Every name is what a user would do, by SSH as rancher.

# The system's own services, by container name.
SYSTEM_SERVICES=(syslog udev network ntp cron console docker)

# guest COMMAND…: its output, also when it fails.
guest() {
	vm_ssh "$@" 2>&1
}

# guest_is EXPECTED COMMAND
guest_is() {
	equal "$(guest "$2")" "$1"
}

# guest_has REGEX COMMAND
guest_has() {
	contains "$(guest "$2")" "$1"
}

# guest_copy FILE PATH: a file of ours, made executable there.
guest_copy() {
	vm_put "cat >'$2' && chmod 755 '$2'" <"$1"
}

# The journal as it is now, in VM_DIR/journal.
fetch_journal() {
	if ! vm_ssh 'cat /run/ros/journal' >"$VM_DIR/journal" || [[ ! -s $VM_DIR/journal ]]; then
		printf 'there is no journal\n'
		return 1
	fi
	jq -e -s 'all(.[]; has("t") and has("kind"))' "$VM_DIR/journal" >/dev/null || {
		printf 'the journal has a line that is no event: %s\n' "$(tail -n 1 "$VM_DIR/journal")"
		return 1
	}
}

# journal_time FILTER: microseconds of the first event that matches.
journal_time() {
	jq -r "select($1) | .t" "$VM_DIR/journal" | head -n 1
}

# No render may end after user Docker was started.
renders_before_docker() {
	fetch_journal || return 1
	local rendered count start
	count=$(jq -r 'select(.kind == "rendered") | .unit' "$VM_DIR/journal" | sort -u | wc -l)
	rendered=$(jq -s '[.[] | select(.kind == "rendered") | .t] | max // empty' "$VM_DIR/journal")
	start=$(journal_time '.unit == "user-docker" and .kind == "daemon-start"')
	[[ -n $start ]] || {
		printf 'the journal does not say when user Docker started\n'
		return 1
	}
	((count >= 4)) || {
		printf 'the journal has renders of %s targets only\n' "$count"
		return 1
	}
	at_most "$rendered" "$start"
}

# From the kernel's start to the "user-docker" milestone, in milliseconds.
docker_ready_ms() {
	local t
	t=$(journal_time '.kind == "ready" and (.text // "" | test("user-docker"))')
	[[ -n $t ]] && printf '%s\n' $((t / 1000))
}

# Boots are done once user Docker answers: by the system's own tool, which waits without asking again and again.
wait_docker() {
	vm_wait_ssh "$1" && guest "timeout $(patient 60) wait-for-docker" &&
		guest 'docker version --format "{{.Server.Version}}"'
}

assert_user_data() {
	check "host name" guest_is tester hostname
	check "/etc/hosts knows the name" guest_has '\btester\b' 'cat /etc/hosts'
	check "a written file, its mode and owner" guest_is '640 rancher docker a plain file' \
		'printf "%s %s" "$(stat -c "%a %U %G" /etc/test/plain)" "$(cat /etc/test/plain)"'
	check "a written file in base64" guest_is 'a base64 file' 'sudo cat /etc/test/base64'
	check "a written file, packed" guest_is '600 a gzip file' \
		'printf "%s %s" "$(stat -c %a /etc/test/gzip)" "$(sudo cat /etc/test/gzip)"'
	check "runcmd as text and as a list" guest_is 'runcmd in tester' 'test -e /run/test-list && cat /run/test-shell'
	check "runcmd ran before user Docker" guest_is 1 'cat /run/test-docker-during-runcmd'
	check "sysctl" guest_is 262145 'cat /proc/sys/vm/max_map_count'
	check "modules" guest_has '^tun ' 'cat /proc/modules'
	check "a service of user-data ran in user Docker" greeter_ran
	check "log-in by password is refused" vm_wait 30 "refusal" password_refused
}

greeter_ran() {
	guest 'for i in $(seq 100); do docker logs greeter 2>&1 | grep -q hello && break; sleep 0.2; done' >/dev/null
	guest_is 'hello from a user service' 'docker logs greeter'
}

# sshd drops who is just connecting when it reads its configuration again, for the RSA key.
password_refused() {
	local answer
	answer=$(ssh -F none -p "$VM_PORT" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
		-o PubkeyAuthentication=no -o BatchMode=yes rancher@127.0.0.1 true 2>&1)
	contains "$answer" 'Permission denied \(publickey\)'
}

assert_docker() {
	check "docker info: cgroup v2, AppArmor" docker_info_good
	check "the engine is the newest of its suite" engine_newest
	check "docker pull from the registry that the seed names" guest "docker pull -q $(image)"
	guest "docker tag $(image) b" >/dev/null
	check "docker run -v of home" guest_is 'from home' \
		'echo from home >~/f && docker run --rm -v ~:/x b cat /x/f'
	check "docker run -v of /tmp" guest_is 'from tmp' \
		'echo from tmp >/tmp/f && docker run --rm -v /tmp:/x b cat /x/f'
	check "docker run -v of a directory made after boot" guest_is 'from new' \
		'sudo mkdir -p /srv/new && echo from new | sudo tee /srv/new/f >/dev/null &&
		 docker run --rm -v /srv/new:/x b cat /x/f'
	check "a container reaches the network" guest_has 'Docker|\{\}|^$' \
		"docker run --rm b wget -q -T 10 -O - http://$(registry_address)/v2/"
	check "a published port answers" guest_is 'from a port' \
		'docker run -d --rm --name web -p 8080:80 b sh -c "echo from a port >/f; httpd -f -p 80 -h /" >/dev/null &&
		 for i in $(seq 50); do wget -q -T 2 -O - http://127.0.0.1:8080/f && break; sleep 0.2; done
		 docker rm -f web >/dev/null'
	check "a memory limit is set" guest_is 33554432 'docker run --rm -m 32m b cat /sys/fs/cgroup/memory.max'
	check "a memory limit holds" guest_is 137 \
		'docker run --rm -m 32m --memory-swap 32m b dd if=/dev/zero of=/dev/null bs=128M count=1 >/dev/null 2>&1; echo $?'
	check "cpu and pids limits are set" guest_is '50000 100000 64' \
		'docker run --rm --cpus 0.5 --pids-limit 64 b sh -c "cat /sys/fs/cgroup/cpu.max /sys/fs/cgroup/pids.max" | xargs'
	check "user containers are confined by AppArmor" guest_has 'docker-default' \
		'docker run --rm b cat /proc/self/attr/current'
}

docker_info_good() {
	local info
	info=$(guest 'docker info')
	contains "$info" 'Cgroup Version: 2' && contains "$info" 'apparmor' && contains "$info" 'Storage Driver: overlay2' &&
		contains "$info" 'Insecure Registries' && ! grep -E '^(WARNING|ERROR)' <<<"$info"
}

# The engine that runs is the one that the build took from ENGINE_SUITE.
engine_newest() {
	local built
	built=$(jq -r '.. | objects | select(.name? == "docker.io") | .versionInfo // .version' build/sbom.json | head -n 1)
	[[ -n $built ]] || {
		printf 'build/sbom.json does not name docker.io\n'
		return 1
	}
	built=${built%%[+-]*}
	contains "$(guest 'docker version --format "{{.Server.Version}}"')" "^${built//./\\.}"
}

assert_system() {
	# Some start only after user Docker, so as not to hold it up.
	check "system-docker ps shows the services" vm_wait 30 "all services" system_services_run
	check "removing every user container harms no system container" removal_harmless
	check "ros status: healthy" guest 'ros status'
	check "ros analyze: a time line" guest_has 'docker' 'ros analyze'
	check "no process is a zombie" no_zombies
	check "every render ended before user Docker started" renders_before_docker
	check "only sshd listens" only_sshd
}

system_services_run() {
	local names name
	names=$(guest 'sudo system-docker ps --format "{{.Names}}"')
	for name in "${SYSTEM_SERVICES[@]}"; do
		contains "$names" "^$name\$" || return 1
	done
}

# cron starts logrotate at each full hour, for a moment.
system_ids() {
	guest 'sudo system-docker ps -q --no-trunc | while read -r c; do
		sudo system-docker inspect -f "{{.Name}} {{.Id}} {{.State.StartedAt}}" $c </dev/null; done | grep -v "^/logrotate " | sort'
}

removal_harmless() {
	local before
	before=$(system_ids)
	guest 'docker run -d b sleep 600 && docker run -d b sleep 600 && docker rm -f $(docker ps -qa)' &&
		equal "$(system_ids)" "$before" && guest_is '' 'docker ps -qa'
}

# A process may be a zombie for the blink between its end and its parent's look: twice in a row is one too many.
no_zombies() {
	guest_is '' 'z() { ps -eo pid=,stat=,comm= | awk "\$2 ~ /^Z/ { print \$1, \$3 }" | sort; }
		z >/tmp/z1; [ ! -s /tmp/z1 ] || { sleep 2; z >/tmp/z2; grep -F -x -f /tmp/z1 /tmp/z2; }'
}

only_sshd() {
	guest_is 22 'sudo ss -Hlntu | grep -v -E "127\.|\[::1\]|:68 |:546 " |
		awk "{ n = split(\$5, a, \":\"); print a[n] }" | sort -u | xargs'
}

assert_all() {
	assert_user_data
	assert_docker
	assert_system
}

# late_disk DEVICE: a file system made and mounted after boot is what a container sees there.
late_disk() {
	guest_is 'from a late disk' "sudo mkfs.ext4 -q -F $1 && sudo mkdir -p /mnt/late && sudo mount $1 /mnt/late &&
		echo from a late disk | sudo tee /mnt/late/f >/dev/null && docker run --rm -v /mnt/late:/x b cat /x/f"
}

# powers_off SECONDS: the command, and how long until the machine is gone.
powers_off() {
	vm_ssh 'sudo poweroff' >/dev/null 2>&1
	vm_wait_end "$1"
}

vm_no_ssh() {
	! vm_ssh true
}
