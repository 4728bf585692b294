# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What only a booted machine shows of a cloud-config: users who log in, file systems, mounts, swap, certificates that
# everything trusts, files for a container, commands of the first and of the last moment; that a second boot changes
# nothing; and a machine that powers itself off.

# A server that only who trusts the configuration's authority will talk to.
tls=$WORK/tls
mkdir -p "$tls"
openssl req -x509 -newkey ed25519 -nodes -days 3650 -subj /CN=test-authority -keyout "$tls/ca.key" \
	-out "$tls/ca.pem" 2>/dev/null
openssl req -newkey ed25519 -nodes -subj /CN=10.0.2.2 -keyout "$tls/key.pem" -out "$tls/csr.pem" 2>/dev/null
openssl x509 -req -in "$tls/csr.pem" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -days 3650 -out "$tls/cert.pem" \
	-extfile <(printf 'subjectAltName=IP:10.0.2.2\n') 2>/dev/null
tls_port=$((20000 + RANDOM % 10000))
openssl s_server -accept "127.0.0.1:$tls_port" -cert "$tls/cert.pem" -key "$tls/key.pem" -www -quiet \
	>"$tls/log" 2>&1 </dev/null &
tls_pid=$!
trap 'kill $tls_pid 2>/dev/null; vm_stop' EXIT

user_data() {
	cat <<-EOF
		#cloud-config
		hostname: tester
		fqdn: tester.example.com
		ssh_authorized_keys:
		  - $(<"$FIX/id.pub")
		groups: [team]
		users:
		  - default
		  - name: bob
		    gecos: Bob B
		    uid: 2001
		    groups: [team, docker]
		    lock_passwd: false
		    plain_text_passwd: secret words
		    sudo: ALL=(ALL) NOPASSWD:ALL
		    ssh_authorized_keys:
		      - $(<"$FIX/id.pub")
		bootcmd:
		  - echo "\$INSTANCE_ID" >/run/test-bootcmd
		  - [sh, -c, "mountpoint -q /mnt/data; echo \$? >>/run/test-bootcmd"]
		runcmd:
		  - mountpoint -q /mnt/data && echo mounted >/run/test-runcmd
		write_files:
		  - {path: /home/bob/hello, content: "from bob\n", owner: "bob:team", permissions: "0640"}
		  - {path: /usr/local/nowhere, content: x}
		  - {path: /etc/own.conf, content: "for the container\n", container: filer}
		  - {path: /etc/thin.conf, content: "for all\n", container: ntp}
		fs_setup:
		  - {label: DATA, filesystem: ext4, device: vdc}
		  - {label: OTHER, filesystem: ext4, device: vdb}
		mounts:
		  - [LABEL=DATA, /mnt/data, ext4, "noatime,nofail"]
		  - [LABEL=NOSUCH, /mnt/nosuch]
		swap: {filename: /var/swap.img, size: 64M}
		timezone: Europe/Berlin
		locale: C.UTF-8
		ntp: {servers: [10.0.2.2]}
		ca_certs:
		  trusted:
		    - |
		$(sed 's/^/      /' "$tls/ca.pem")
		rsyslog: {remotes: {x: "@10.0.2.2:9"}}
		final_message: cloud-config of \$datasource is done
		power_state: {mode: poweroff, condition: test -e /home/rancher/please}
		rancher:
		  cloud_init: {frequency: {power_state: boot}}
		  docker:
		    insecure_registry: ["$(registry_address)"]
	EOF
}

# bob COMMAND: as another user than vm_ssh, on a connection of its own. sshd drops who is just connecting when it starts
# anew with its RSA key, and for some seconds who gave up before (PerSourcePenalties): he tries again.
bob() {
	local try
	for try in 1 2 3 4 5; do
		ssh -F none -i "$FIX/id" -p "$VM_PORT" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
			-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes bob@127.0.0.1 "$@" 2>"$WORK/bob"
		(($? == 255 && try < 5)) || break
		sleep 5
	done
	cat "$WORK/bob"
}

bob_is() {
	equal "$(bob "$2")" "$1"
}

# trusts COMMAND: a pull from the server, which is no registry and leaves a HEAD unanswered: whoever does not trust it
# says so before.
trusts() {
	local answer status
	answer=$(guest "timeout 20 $1; echo status \$?")
	status=$(sed -n 's/^status //p' <<<"$answer")
	! grep -E 'x509|unknown authority' <<<"$answer" && ((status != 0))
}

assert_applied() {
	check "bob logs in, with his groups" bob_is 'bob docker team' 'id -nG | tr " " "\n" | sort | xargs'
	check "bob's number and home" bob_is '2001 /home/bob bob' 'echo $(id -u) $HOME $(stat -c %U /home/bob)'
	check "bob uses sudo and Docker" bob_is 'root ok' 'echo $(sudo -n id -un) $(docker ps >/dev/null && echo ok)'
	check "bob has a password" guest_has '^bob:[$]y[$]' 'sudo grep ^bob: /etc/shadow'
	check "bob's file, of a group that was made" guest_is '640 bob team from bob' \
		'sudo sh -c "echo \$(stat -c \"%a %U %G\" /home/bob/hello) \$(cat /home/bob/hello)"'
	check "names" guest_has '127.0.1.1 tester.example.com tester' 'cat /etc/hosts'
	check "the blank disk has its file system, and is mounted" guest_has '^ext4 .*noatime' \
		'findmnt -n -o FSTYPE,OPTIONS /mnt/data'
	check "a disk with something on it was left alone" guest_is RANCHER_STATE 'sudo blkid -o value -s LABEL /dev/vdb'
	check "docker run -v of the mount" guest_is 'from data' \
		'echo from data | sudo tee /mnt/data/f >/dev/null; docker run --rm -v /mnt/data:/x b cat /x/f'
	check "swap is on" guest_has '^/var/swap.img[[:space:]]+file[[:space:]]+65532' 'cat /proc/swaps'
	check "the time zone" guest_has '^CES?T$' 'date +%Z'
	check "the locale of a log-in shell" guest_is C.UTF-8 'bash -lc "echo \$LANG"'
	check "chrony has the server" guest_has '^server 10.0.2.2' 'cat /etc/chrony/chrony.conf'
	check "the configuration's authority is trusted by curl" guest "curl -sS https://10.0.2.2:$tls_port/ >/dev/null"
	check "by user Docker" trusts "docker pull 10.0.2.2:$tls_port/x"
	check "by System Docker" trusts "sudo system-docker pull 10.0.2.2:$tls_port/x"
	check "and in a container of the system" guest_is 1 \
		'sudo system-docker exec ntp grep -c "ca_certs of the cloud-config" /etc/ssl/certs/ca-certificates.crt'
	check "a file for a thin container" guest_is 'for all' 'sudo system-docker exec ntp cat /etc/thin.conf'
	check "bootcmd ran before the mounts" guest_has '^i-.* 1$' 'xargs </run/test-bootcmd'
	check "runcmd ran behind them" guest_is mounted 'cat /run/test-runcmd'
	check "the final message" guest_is 'cloud-config of nocloud is done' 'cat /run/ros/boot-finished'
	check "what failed stands in the status" guest_has '/usr/local/nowhere' 'ros status; cat /run/ros/messages'
	check "what is not there, too" guest_has 'LABEL=NOSUCH is not there' 'cat /run/ros/messages'
}

# unit=result of what the agent did in this boot.
results() {
	fetch_journal && jq -r 'select(.kind == "step-end" and (.unit | startswith("agent/"))) |
		"\(.unit | ltrimstr("agent/"))=\(.text | split(":")[0])"' "$VM_DIR/journal" | sort -u
}

nothing_changed() {
	local changed
	# What lies in memory is made at each boot.
	changed=$(results | grep '=changed$' |
		grep -E -v '^(bootcmd|final_message|hostname|mounts|swap|sysctl|modules|network|runcmd|system_docker)=' | xargs)
	equal "$changed" ''
}

user_data >"$WORK/user-data"
scripts/seed "$WORK/seed.iso" --user-data "$WORK/user-data"
blank_disk "$WORK/disk" 2G
blank_disk "$WORK/data" 256M
need "starts" vm_start "$WORK/vm" --memory 768 --seed "$WORK/seed.iso" --disk "$WORK/disk" --disk "$WORK/data" \
	--append "$STATE_ON_VDB"
need "user Docker answers" wait_docker 180
guest "docker pull -q $(image) && docker tag $(image) b" >/dev/null
assert_applied

# A service of the system with an image of its own, for which the configuration has a file.
guest 'docker save b | sudo system-docker load -q' >/dev/null
vm_put 'sudo tee /var/lib/rancher/conf/cloud-config.d/filer.yml >/dev/null' <<-'EOF'
	rancher:
	  services:
	    filer:
	      image: b
	      command: sh -c "cat /etc/own.conf; sleep 3600"
	      labels: {io.rancher.os.scope: system}
EOF
vm_mark
vm_ssh 'sudo reboot' >/dev/null 2>&1
need "restarts" vm_wait 60 "reboot" vm_serial_has 'reboot: Restarting system'
vm_ssh_drop
vm_mark
need "user Docker answers again" wait_docker 180
assert_applied
check "a file for a container with an image of its own" guest_is 'for the container' 'sudo system-docker logs filer'
check "the second boot changed nothing" nothing_changed

guest 'touch ~/please' >/dev/null
vm_ssh 'sudo reboot' >/dev/null 2>&1
vm_ssh_drop
check "power_state: it starts once more, and powers itself off" vm_wait_end 120
