# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The firewall from outside, over IPv4 and IPv6: every TCP port of a machine after boot, after `docker run -p` and after
# a reboot; those that anything could listen at while it boots, again and again from before its start. No port is open
# that nobody asked for. So that a probe that sees nothing is not taken for a firewall that works, a port is asked for
# in the end, and must be seen.
. tests/qemu/lab.sh
PROBE_PID=''
trap 'probe_end; vm_stop; lab_end' EXIT

v4=10.66.0.10 v6=fd66::10

cat >"$WORK/user-data" <<-END
	#cloud-config
	ssh_authorized_keys: ["$(<"$FIX/id.pub")"]
	rancher:
	  docker: {insecure_registry: ["10.66.0.1:5000"]}
	  network:
	    firewall: {policy: drop, allow: [22]}
	    interfaces: {eth0: {dhcp: true, addresses: ["$v6/64"]}}
END

# open_ports RANGE ADDRESS: "22 8080".
open_ports() {
	local six=()
	[[ $2 != *:* ]] || six=(-6)
	lab nmap "${six[@]}" -n -Pn -sS -p "$1" --min-rate 2000 --max-retries 1 -oG - "$2" |
		grep -o -E '[0-9]+/open/tcp' | cut -d / -f 1 | sort -n | xargs
}

# no_others ALLOWED SEEN
no_others() {
	local port
	for port in $2; do
		contains " $1 " " $port " || return 1
	done
}

# open_are ADDRESS PORTS: just these are open. A busy host loses packets: who does not see all looks again, and no look
# may see another one.
open_are() {
	local seen try
	for try in 1 2 3; do
		seen=$(open_ports 1-65535 "$1")
		no_others "$2" "$seen" || return 1
		[[ $seen != "$2" ]] || return 0
	done
	equal "$seen" "$2"
}

# One look after the other, into WORK/probe, until it is ended.
probe_begin() {
	: >"$WORK/probe"
	rm -f "$WORK/probe.end"
	(until [[ -e $WORK/probe.end ]]; do
		for address in $v4 $v6; do
			printf 'seen: %s\n' "$(open_ports 1-2048,2375-2380,4243,5000,7777,8080,9323 "$address")" >>"$WORK/probe"
		done
	done) &
	PROBE_PID=$!
}

probe_end() {
	[[ -n $PROBE_PID ]] || return 0
	touch "$WORK/probe.end"
	wait "$PROBE_PID"
	PROBE_PID=''
}

# probed ALLOWED: looks were made, saw sshd in the end, and nothing else.
probed() {
	printf '%s looks\n' "$(grep -c seen: "$WORK/probe")"
	contains "$(cat "$WORK/probe")" '\b22\b' && no_others "$1" "$(sed 's/seen://' "$WORK/probe" | xargs)"
}

need "a seed" scripts/seed "$WORK/seed.iso" --user-data "$WORK/user-data"
rm -f "$WORK/leases"
need "a lab" lab_begin 10.66.0.1/24 fd66::1/64
need "a DHCP server" lab_daemon dnsmasq 'dnsmasq.*started' dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv \
	--no-hosts --log-facility=- --pid-file= --dhcp-leasefile="$WORK/leases" --user=root --bind-interfaces \
	--interface=br0 --dhcp-range=10.66.0.10,10.66.0.20,5m --dhcp-host=52:54:00:00:65:01,$v4
need "a registry" lab_forward 5000 "$(<"$FIX/registry/port")"
blank_disk "$WORK/disk" 2G
lab_card virtio-net-pci 52:54:00:00:65:01
probe_begin
need "starts" vm_start "$WORK/vm" --memory 640 --no-autologin --nic none --seed "$WORK/seed.iso" --disk "$WORK/disk" \
	--append "$STATE_ON_VDB" -- "${LAB_CARD[@]}"
need "its cable" lab_plug
lab_login $v4
need "log-in" vm_wait_ssh 150
check "user Docker" wait_docker 120
probe_end
check "before and during boot nothing else was open" probed 22
check "after boot: SSH alone" open_are $v4 22
check "after boot, over IPv6: SSH alone" open_are $v6 22
serves='sudo busybox httpd -p 7777 -h /usr/share/ros'
check "a service that nobody may reach" guest "$serves && wget -q -O /dev/null http://127.0.0.1:7777/os-config.yml"
check "it is not seen" open_are $v4 22
check "it is not seen over IPv6" open_are $v6 22
check "a container with a port" guest "docker run -d --restart always --name web -p 8080:80 10.66.0.1:5000/busybox:latest httpd -f -p 80"
# A container without IPv6 is behind Docker's own proxy there, which is a service of the machine like any other.
check "after docker run -p: its port, too" open_are $v4 "22 8080"
check "after docker run -p, over IPv6: SSH alone" open_are $v6 22

vm_ssh 'sudo reboot' >/dev/null 2>&1
vm_ssh_drop
probe_begin
check "it is down" vm_wait 60 "the end of SSH" vm_no_ssh
check "up again after a reboot" vm_wait_ssh 150
check "user Docker again" wait_docker 120
probe_end
check "while it rebooted nothing else was open" probed "22 8080"
check "the container is back" vm_wait 60 "the container" guest_is true "docker inspect -f '{{.State.Running}}' web"
check "after the reboot: the same ports" open_are $v4 "22 8080"
check "after the reboot, over IPv6: SSH alone" open_are $v6 22
check "a port is asked for" guest "$serves &&
	sudo ros config set rancher.network.firewall.allow '[22, 7777]' && sudo ros network apply"
check "and is open" open_are $v4 "22 7777 8080"
check "and is open over IPv6" open_are $v6 "22 7777"
