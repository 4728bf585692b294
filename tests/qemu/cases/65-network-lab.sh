# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The firewall from outside: every TCP port of a machine, over IPv4 and IPv6, before, during and after boot, after a
# reboot, and after `docker run -p`. No port is open that nobody asked for. So that a probe that sees nothing is not
# taken for a firewall that works, a port is asked for in the end, and must be seen.
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

# open_ports: of both families, "22 8080".
open_ports() {
	local list
	list=$(lab nmap -n -Pn -sS -p- --min-rate 5000 --max-retries 2 -oG - $v4
		lab nmap -6 -n -Pn -sS -p- --min-rate 5000 --max-retries 2 -oG - $v6) || return 1
	grep -o -E '[0-9]+/open/tcp' <<<"$list" | cut -d / -f 1 | sort -n -u | xargs
}

open_are() {
	equal "$(open_ports)" "$1"
}

# One look after the other, into WORK/probe, until it is ended.
probe_begin() {
	: >"$WORK/probe"
	(while :; do printf 'seen: %s\n' "$(open_ports)" >>"$WORK/probe"; done) &
	PROBE_PID=$!
}

probe_end() {
	[[ -n $PROBE_PID ]] || return 0
	kill "$PROBE_PID" 2>/dev/null
	wait "$PROBE_PID" 2>/dev/null
	PROBE_PID=''
}

# probed ALLOWED…: some looks were made, and saw nothing else.
probed() {
	local port
	(($(grep -c seen: "$WORK/probe") >= 2)) || {
		printf 'only %s looks\n' "$(grep -c seen: "$WORK/probe")"
		return 1
	}
	for port in $(sed 's/seen://' "$WORK/probe" | xargs); do
		contains " $* " " $port " || return 1
	done
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
check "after boot: SSH alone" open_are 22
check "a service that nobody may reach" guest 'sudo busybox httpd -p 7777 -h /usr/share && wget -q -O /dev/null http://127.0.0.1:7777/'
check "it is not seen" open_are 22
check "a container with a port" guest "docker run -d --restart always --name web -p 8080:80 10.66.0.1:5000/busybox:latest httpd -f -p 80"
check "after docker run -p: its port, too" open_are "22 8080"

vm_ssh 'sudo reboot' >/dev/null 2>&1
vm_ssh_drop
probe_begin
check "it is down" vm_wait 60 "the end of SSH" vm_no_ssh
check "up again after a reboot" vm_wait_ssh 150
check "user Docker again" wait_docker 120
probe_end
check "while it rebooted nothing else was open" probed 22 8080
check "after the reboot: the same ports" vm_wait 60 "both ports" open_are "22 8080"
check "a port is asked for" guest 'sudo busybox httpd -p 7777 -h /usr/share &&
	sudo ros config set rancher.network.firewall.allow "[22, 7777]" && sudo ros network apply'
check "and is open" open_are "22 7777 8080"
