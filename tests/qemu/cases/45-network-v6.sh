# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A machine with IPv6 alone: router advertisements, DHCPv6 and DNS by dnsmasq in a namespace. It gets its user-data and
# with them its keys over IPv6, and runs a container from a registry that only IPv6 leads to, by name. Beside that one
# there is a card with addresses of privacy, and one that hears no advertisements and is static.
. tests/qemu/lab.sh
. tests/qemu/network.sh
trap 'vm_stop; lab_end' EXIT

mkdir -p "$WORK/folder"
cat >"$WORK/folder/user-data" <<-END
	#cloud-config
	hostname: six
	ssh_authorized_keys: ["$(<"$FIX/id.pub")"]
	rancher:
	  docker: {insecure_registry: ["registry.lab.test:5000"]}
	  network:
	    interfaces:
	      eth0: {dhcp: true}
	      eth1: {accept_ra: true, privacy: true}
	      eth2: {addresses: ["fd07::2/64"], routes: [{to: "fd08::/32", via: "fd07::1"}]}
END

advertise() {
	lab_daemon dnsmasq 'dnsmasq.*started' dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--log-facility=- --pid-file= --dhcp-leasefile="$WORK/leases" --user=root --bind-interfaces --interface=br0 \
		--enable-ra --dhcp-range=fd06::100,fd06::1ff,slaac,64,10m \
		"--dhcp-option=option6:dns-server,[fd06::1]" --dhcp-option=option6:domain-search,lab.test \
		--host-record=registry.lab.test,fd06::1
}

rm -f "$WORK/leases"
need "a lab" lab_begin fd06::1/64
need "advertisements, DHCPv6, DNS" advertise
need "a registry in it" lab_forward 5000 "$(<"$FIX/registry/port")"
need "user-data in it" lab_daemon serve '[0-9]+$' build/ros datasource serve "$WORK/folder" --listen '[fd06::1]:80'
lab_card virtio-net-pci 52:54:00:00:06:01
cards=("${LAB_CARD[@]}")
lab_card virtio-net-pci 52:54:00:00:06:02
cards+=("${LAB_CARD[@]}" -netdev "hubport,id=alone,hubid=1" -device "virtio-net-pci,netdev=alone,mac=52:54:00:00:06:03")
need "starts" vm_start "$WORK/vm" --memory 640 --no-autologin --nic none \
	--append "cloud-config-url=http://[fd06::1]:80/user-data" -- "${cards[@]}"
need "its cables" lab_plug
slaac=fd06::5054:ff:fe00:601
lab_login $slaac
need "keys that came over IPv6 open" vm_wait_ssh 150

# global LINK: its global addresses.
global() {
	guest "ip -6 -o addr show dev $1 scope global" | awk '{ print $4 }' | LC_ALL=C sort | xargs
}

globals_are() {
	equal "$(global "$1")" "$2"
}

check "host name" guest_is six hostname
both() {
	contains "$(global eth0)" "^fd06::1[0-9a-f]{2}/128 $slaac/64\$"
}

check "an address by advertisement and one by DHCPv6" soon "both" both
check "no address of IPv4" guest_is '' 'ip -4 -o addr show scope global | grep -v docker'
check "the default route" guest_has '^default via fe80::' 'ip -6 route show default dev eth0'
check "name servers and search" guest_is 'search lab.test,nameserver fd06::1' "grep -v '^#' /etc/resolv.conf | paste -sd ,"
check "privacy: an address of the prefix that does not show the card's" soon "a temporary address" \
	guest_has 'inet6 fd06:.* temporary' 'ip -6 addr show dev eth1 scope global'
check "no advertisements: the static address" globals_are eth2 fd07::2/64
check "no advertisements: its route" guest_has '^fd08::/32 via fd07::1' 'ip -6 route show dev eth2'
check "user Docker" wait_docker 120
check "a container, pulled by name over IPv6" guest_has '^over six$' \
	'docker run --rm registry.lab.test:5000/busybox:latest echo over six'
check "nothing is left to do" guest_is '' 'sudo ros network diff 2>/dev/null'
check "no message but that of plain http" guest_is '' 'cat /run/ros/messages 2>/dev/null | grep -v "plain http"'
