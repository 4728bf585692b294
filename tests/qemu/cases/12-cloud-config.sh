# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What only a booted machine shows of a cloud-config: users who log in, partitions and file systems that are made and
# grow, mounts, swap, certificates that everything trusts, files for a container, optional services, images that lie
# on the disk, commands of the first and of the last moment; that a second boot changes nothing; and a machine that
# powers itself off.

# A server that only who trusts the configuration's authority will talk to.
tls=$WORK/tls
mkdir -p "$tls"
openssl req -x509 -newkey ed25519 -nodes -days 3650 -subj /CN=test-authority -keyout "$tls/ca.key" \
	-out "$tls/ca.pem" 2>/dev/null
openssl req -newkey ed25519 -nodes -subj /CN=10.0.2.2 -keyout "$tls/key.pem" -out "$tls/csr.pem" 2>/dev/null
openssl x509 -req -in "$tls/csr.pem" -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -days 3650 -out "$tls/cert.pem" \
	-extfile <(printf 'subjectAltName=IP:10.0.2.2\n') 2>/dev/null
mkdir -p "$tls/web"
echo 'from the TLS server' >"$tls/web/page"
need "a TLS server" web_start "$tls/web" "$tls"
tls_port=$WEB_PORT tls_pid=$WEB_PID
trap 'kill $tls_pid 2>/dev/null; vm_stop' EXIT

# Who is phoned, and has optional services.
web=$WORK/web
rm -rf "$web"
mkdir -p "$web/repo/e" "$web/repo/m"
need "a web server" web_start "$web"
trap 'kill $tls_pid $WEB_PID 2>/dev/null; vm_stop' EXIT
printf 'services: [extra, more]\n' >"$web/repo/index.yml"
for name in extra more; do
	printf '%s:\n  image: %s\n  command: sh -c "echo %s of a repository; sleep 3600"\n' \
		"$name" "$(image)" "$name" >"$web/repo/${name:0:1}/$name.yml"
done

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
		    sudo: ["ALL=(ALL) NOPASSWD:ALL", "no rule at all"]
		    ssh_authorized_keys:
		      - $(<"$FIX/id.pub")
		bootcmd:
		  - echo "\$INSTANCE_ID" >/run/test-bootcmd
		  - [sh, -c, "mountpoint -q /mnt/data; echo \$? >>/run/test-bootcmd"]
		runcmd:
		  - mountpoint -q /mnt/data && echo mounted >/run/test-runcmd
		  - cd /mnt/data
		  - export WHERE=in
		  - [cd, lost+found]
		  - echo "\$WHERE \$PWD" >>/run/test-runcmd
		write_files:
		  - {path: /home/bob/hello, content: "from bob\n", owner: "bob:team", permissions: "0640"}
		  - {path: /home/bob/.there/linked.sh, content: "true\n", owner: "bob:team"}
		  - {path: /usr/local/nowhere, content: x}
		  - {path: /etc/own.conf, content: "for the container\n", container: filer}
		  - {path: /etc/thin.conf, content: "for all\n", container: ntp}
		  - {path: /etc/test-added, content: "10.0.0.10\n"}
		  - {path: /etc/console.added, content: "10.0.0.1\n", append: true}
		  - {path: /etc/hosts, content: "10.9.8.7 added\n", append: true}
		  - {path: /etc/resolv.conf, content: "options ndots:1\n", append: true}
		  - {path: /etc/from-tls, source: {uri: "https://10.0.2.2:$tls_port/page"}}
		disk_setup:
		  /dev/vdd: {table_type: gpt, layout: [25], overwrite: true}
		  /dev/vde: {table_type: mbr, layout: [25]}
		  /dev/vdz: {layout: true}
		fs_setup:
		  - {label: DATA, filesystem: ext4, device: vdc}
		  - {label: OTHER, filesystem: ext4, device: vdb}
		  - {label: PART, filesystem: ext4, device: vdd, partition: auto}
		  - {label: SIZED, filesystem: ext4, device: vde.1}
		growpart: {devices: [/, /mnt/part]}
		mounts:
		  - [LABEL=DATA, /mnt/data, ext4, "noatime,nofail"]
		  - [LABEL=PART, /mnt/part]
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
		disable_root_opts: 'command="echo be \$USER, not \$DISABLE_USER"'
		phone_home: {url: "http://10.0.2.2:$WEB_PORT/home/\$INSTANCE_ID", post: [hostname, pub_key_ed25519]}
		final_message: cloud-config of \$datasource is done
		power_state: {mode: poweroff, condition: test -e /home/rancher/please}
		rancher:
		  cloud_init: {frequency: {power_state: boot}}
		  log: true
		  modules: [br_netfilter]
		  sysctl: {net.bridge.bridge-nf-filter-vlan-tagged: 1}
		  resize_device: /dev/vde
		  upgrade: {url: "https://releases.example.com/os.yml", policy: auto}
		  repositories: {own: {url: "http://10.0.2.2:$WEB_PORT/repo"}}
		  services_include: {extra: true, nosuch: false}
		  docker:
		    insecure_registry: ["$(registry_address)"]
	EOF
}

# as USER COMMAND: as another user than vm_ssh, on a connection of its own. sshd drops who is just connecting when it
# starts anew with its RSA key, and for some seconds who gave up before (PerSourcePenalties): he tries again.
as() {
	local user=$1 try
	shift
	for try in 1 2 3 4 5; do
		ssh -F none -i "$FIX/id" -p "$VM_PORT" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
			-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o BatchMode=yes "$user@127.0.0.1" "$@" 2>"$WORK/bob"
		(($? == 255 && try < 5)) || break
		sleep 5
	done
	cat "$WORK/bob"
}

bob_is() {
	equal "$(as bob "$2")" "$1"
}

# At the end of the boot, when user Docker runs.
is_final() {
	guest_is 'cloud-config of nocloud is done' 'cat /run/ros/boot-finished'
}

# larger MIB PATH: the file system there.
larger() {
	local blocks
	blocks=$(guest "stat -f -c '%b %S' $2 | awk '{ print \$1 * \$2 / 1048576 }'")
	at_most "$1" "${blocks%.*}"
}

# The whole of it, which no mount shows.
sized() {
	guest 'sudo mkdir -p /mnt/sized && sudo mount LABEL=SIZED /mnt/sized' && larger 200 /mnt/sized
	local status=$?
	guest 'sudo umount /mnt/sized'
	return "$status"
}

# asked COUNT WORDS…: so often, on one line of what the web server was asked for.
asked() {
	equal "$(grep -c -E "$2" "$web.log")" "$1"
}

service_said() {
	vm_wait 60 "$1" guest_has "$1 of a repository" "docker logs $1"
}

# trusts COMMAND: a pull from the server, which is no registry: whoever does not trust it asks it nothing.
trusts() {
	local before answer
	before=$(grep -c 'GET /v2/' "$tls/web.log")
	answer=$(guest "timeout 20 $1")
	! grep -E 'x509|unknown authority' <<<"$answer" && (($(grep -c 'GET /v2/' "$tls/web.log") > before))
}

assert_applied() {
	check "bob logs in, with his groups" bob_is 'bob docker team' 'id -nG | tr " " "\n" | sort | xargs'
	check "bob's number and home" bob_is '2001 /home/bob bob' 'echo $(id -u) $HOME $(stat -c %U /home/bob)'
	check "bob uses sudo and Docker" bob_is 'root ok' 'echo $(sudo -n id -un) $(docker ps >/dev/null && echo ok)'
	check "bob has a password" guest_has '^bob:[$]y[$]' 'sudo grep ^bob: /etc/shadow'
	check "bob's file, of a group that was made" guest_is '640 bob team from bob' \
		'sudo sh -c "echo \$(stat -c \"%a %U %G\" /home/bob/hello) \$(cat /home/bob/hello)"'
	check "root is told who he should be" equal "$(as root id)" 'be rancher, not root'
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
	check "the late services run" vm_wait 60 "all services" system_services_run
	check "and in a container of the system" guest_is 1 \
		'sudo system-docker exec ntp grep -c "ca_certs of the cloud-config" /etc/ssl/certs/ca-certificates.crt'
	check "a file for a thin container" guest_is 'for all' 'sudo system-docker exec ntp cat /etc/thin.conf'
	check "bootcmd ran before the mounts" guest_has '^i-.* 1$' 'xargs </run/test-bootcmd'
	check "runcmd ran behind them, as one script" guest_is 'mounted in /mnt/data/lost+found' 'xargs </run/test-runcmd'
	check "a kernel module's setting" guest_is 1 'cat /proc/sys/net/bridge/bridge-nf-filter-vlan-tagged'
	check "a line is added, once" guest_is 10.0.0.1 'cat /etc/console.added'
	check "also to a file of the machine's" guest_is 10.9.8.7 'grep -o "^10.*[0-9]" /etc/hosts'
	check "and behind the servers of DHCP" guest_is 'options ndots:1' 'tail -n 1 /etc/resolv.conf'
	check "partitions are made, with their file systems" guest_is 'gpt ext4 dos ext4' \
		'sudo sh -c "for d in vdd vdd1 vde vde1; do blkid -p -o value -s PTTYPE -s TYPE /dev/\$d | head -n 1; done" | xargs'
	check "an optional service runs" service_said extra
	check "the final message" vm_wait 120 "the end of the boot" is_final
	check "a partition that is mounted grew" larger 200 /mnt/part
	check "the last partition of a disk grew" sized
	check "the agent trusts the authority, too" guest_is 'from the TLS server' 'cat /etc/from-tls'
	check "the server was phoned, once" asked 1 '^POST /home/i-[0-9a-f]+ (.*&)?hostname=tester'
	check "with a host key" asked 1 '^POST /home/.*pub_key_ed25519=ssh-ed25519'
	check "its definition was fetched, once" asked 1 '^GET /repo/e/extra.yml'
	check "what cannot work says so" guest_has 'rancher.upgrade has no effect' 'cat /run/ros/messages'
	check "a rule that sudo cannot read is left out alone" guest_has 'this rule of bob' 'cat /run/ros/messages'
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
blank_disk "$WORK/part" 256M
blank_disk "$WORK/sized" 256M
need "starts" vm_start "$WORK/vm" --memory 768 --seed "$WORK/seed.iso" --disk "$WORK/disk" --disk "$WORK/data" \
	--disk "$WORK/part" --disk "$WORK/sized" --append "$STATE_ON_VDB"
need "user Docker answers" wait_docker 180
guest "docker pull -q $(image) && docker tag $(image) b" >/dev/null
assert_applied

check "a plain http repository has its warning" guest_is 2 'grep -c "plain http" /run/ros/messages'
check "rancher.log tells what services do" vm_serial_has 'service [a-z]+: [a-z]+ [(][0-9]+ ms'
check "optional services are listed" guest_is 'enabled extra disabled more disabled nosuch' \
	'sudo ros service list -u 2>/dev/null | sort -k 2 | xargs'
check "one is enabled" guest 'sudo ros service enable more && sudo ros service up more'
check "it runs" service_said more
check "one that no repository has is refused" guest_has 'HTTP 404' 'sudo ros service enable nosuch'
guest 'sudo ros service disable more' >/dev/null
check "it is disabled" guest_has '^disabled +more' 'sudo ros service list'

# kept_up N: a service of a definition of its own; each of its containers adds a line to its anonymous volume.
kept_up() {
	vm_put 'sudo tee /var/lib/rancher/conf/cloud-config.d/kept.yml >/dev/null' <<-EOF
		rancher:
		  services:
		    kept:
		      image: b
		      command: sh -c "echo \$\$N >>/data/log; sleep 3600"
		      environment: ["N=$1"]
		      volumes: [/data]
		      stop_signal: SIGKILL
	EOF
	guest 'sudo ros service up kept' >/dev/null
}
kept_up 1
check "a service with a volume" vm_wait 30 "its line" guest_is 1 'docker exec kept cat /data/log'
kept_up 2
check "another container has it" vm_wait 30 "its line" guest_is '1 2' 'docker exec kept sh -c "xargs </data/log"'
check "and nothing is left beside it" guest_is kept 'docker ps -a --format "{{.Names}}" | grep ^kept'
guest 'sudo rm /var/lib/rancher/conf/cloud-config.d/kept.yml; docker rm -f -v kept' >/dev/null
check "files for no service are told of" guest_has 'container: filer: no service' 'cat /run/ros/messages'

# Images that wait on the disk: for user Docker, and for a service of the system, for which the configuration has a file.
guest 'sudo mkdir -p /var/lib/rancher/preload/docker /var/lib/rancher/preload/system-docker
	docker tag b preloaded && docker save preloaded | gzip | sudo tee /var/lib/rancher/preload/docker/p.tar.gz >/dev/null
	docker rmi preloaded
	docker save b | sudo tee /var/lib/rancher/preload/system-docker/b.tar >/dev/null' >/dev/null
vm_put 'sudo tee /var/lib/rancher/conf/cloud-config.d/filer.yml >/dev/null' <<-'EOF'
	rancher:
	  services:
	    filer:
	      image: b
	      command: sh -c "cat /etc/own.conf; sleep 3600"
	      labels: {io.rancher.os.scope: system}
EOF
check "a new directory of bob's file is bob's" bob_is bob 'stat -c %U ~/.there'
as bob 'rm -r ~/.there && ln -s /etc/profile.d ~/.there'
vm_mark
vm_ssh 'sudo reboot' >/dev/null 2>&1
need "restarts" vm_wait 60 "reboot" vm_serial_has 'reboot: Restarting system'
vm_ssh_drop
vm_mark
need "user Docker answers again" wait_docker 180
assert_applied
check "an image that lay on the disk" guest_has '^preloaded' 'docker image ls --format "{{.Repository}}"'
check "a file for a container with an image of its own" guest_is 'for the container' 'sudo system-docker logs filer'
check "the second boot changed nothing" nothing_changed
check "a link that bob laid is not followed" guest_has '[.]there is a link' 'cat /run/ros/messages'
check "and nothing is written behind it" guest '! test -e /etc/profile.d/linked.sh'
check "a missing disk is told of" guest_has 'disk_setup: .*/dev/vdz' 'cat /run/ros/messages'

guest 'touch ~/please' >/dev/null
vm_ssh 'sudo reboot' >/dev/null 2>&1
vm_ssh_drop
check "power_state: it starts once more, and powers itself off" vm_wait_end 120
