# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A network without a DHCP server: the boot goes on without one, and the lease comes by itself once there is one. A
# datasource on the network is given up with the lease; a static network does not wait for one.
. tests/qemu/network.sh
. tests/qemu/lab.sh
trap 'vm_stop; lab_end' EXIT

key=$(<"$FIX/id.pub")

server() {
	lab_daemon dnsmasq 'dnsmasq.*started' dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts \
		--log-facility=- --pid-file= --dhcp-leasefile="$WORK/leases" --user=root --bind-interfaces --interface=br0 \
		--dhcp-range=10.53.0.10,10.53.0.20,5m --dhcp-host=52:54:00:00:53:01,10.53.0.10 --dhcp-option=42,10.53.0.1 \
		--dhcp-option=26,1400 --dhcp-option=121,10.99.0.0/16,10.53.0.2,0.0.0.0/0,10.53.0.1
}

# boots NAME ADDRESS OPTION…: a machine in the lab, logged in to at this address. Sets READY, in milliseconds.
boots() {
	local name=$1 address=$2
	shift 2
	LAB_CABLES=0
	lab_card virtio-net-pci 52:54:00:00:53:01
	READY=''
	check "$name: starts" vm_start "$WORK/$name" --memory 512 --no-autologin --nic none "$@" -- "${LAB_CARD[@]}" &&
		check "$name: its cable" lab_plug || return
	lab_login "$address"
	check "$name: log-in" vm_wait_ssh 120 && check "$name: user Docker" wait_docker 120 &&
		check "$name: the journal" fetch_journal && READY=$(docker_ready_ms)
}

# An address that is always there.
always='fe80::5054:ff:fe00:5301%br0'
printf '#cloud-config\nssh_authorized_keys: ["%s"]\nrancher: {network: {interfaces: {eth0: {dhcp: true}}}}\n' "$key" >"$WORK/dhcp.yml"
need "a seed" scripts/seed "$WORK/dhcp.iso" --user-data "$WORK/dhcp.yml"
rm -f "$WORK/leases"
need "a lab" lab_begin 10.53.0.1/24
with=() without=()
for turn in 1 2; do
	need "a DHCP server" server
	server=$LAB_PID
	boots "with-server-$turn" "$always" --seed "$WORK/dhcp.iso" && with+=("$READY")
	[[ $turn != 1 ]] || check "a lease" soon "the lease" addresses_are 'eth0 10.53.0.10/24'
	lab_daemon_end "$server"
	vm_stop
	boots "without-server-$turn" "$always" --seed "$WORK/dhcp.iso" && without+=("$READY")
	((turn == 2)) || vm_stop
done
check "without a server user Docker is there no more than 2 s later (${without[*]} against ${with[*]} ms)" at_most \
	"$(median "${without[@]:-999999}")" $(($(median "${with[@]:-0}") + $(patient 2000)))
check "no address without a server" addresses_are ''
# As long as it takes for nobody to believe in a server any more.
sleep 60
need "the server comes a minute later" server
server=$LAB_PID
# Who gets no answer asks less and less often, after a while once in 64 s.
check "the lease comes by itself" vm_wait 90 "the lease" addresses_are 'eth0 10.53.0.10/24'
check "its routes and its MTU" soon "the routes" guest_is '10.53.0.1 10.53.0.2 1400' \
	'echo $(ip route show default | cut -d " " -f 3) $(ip route show 10.99.0.0/16 | cut -d " " -f 3) $(cat /sys/class/net/eth0/mtu)'
check "chronyd hears of the lease's time server" soon "the server" guest_has '10\.53\.0\.1' \
	'sudo system-docker exec ntp chronyc -n sources'
vm_stop
lab_daemon_end "$server"

# --- a datasource on that network ---

words="cc.ssh_authorized_keys=[$key] rancher.network.dhcp_timeout=5"
boots no-lease "$always" --append "$words rancher.cloud_init.datasources=[url:http://10.53.0.1/user-data]" && {
	check "a datasource without a lease is given up after dhcp_timeout ($READY ms)" at_most "$READY" \
		$(($(largest "${without[@]:-0}") + 5000 + $(patient 2000)))
	check "and one line says so" guest_has 'no network: no lease after 5 s' 'cat /run/ros/messages'
}
vm_stop
mkdir -p "$WORK/folder"
printf '#cloud-config\nhostname: fetched\nssh_authorized_keys: ["%s"]\n' "$key" >"$WORK/folder/user-data"
need "user-data there" lab_daemon serve '[0-9]+$' build/ros datasource serve "$WORK/folder" --listen 10.53.0.1:80
boots static 10.53.0.30 --append "rancher.network.interfaces.eth0.address=10.53.0.30/24 \
rancher.cloud_init.datasources=[url:http://10.53.0.1:80/user-data]" && {
	check "a static network of the kernel line leads to the datasource" guest_is fetched hostname
	check "and waits for no lease ($READY ms)" at_most "$READY" $(($(largest "${without[@]:-0}") + $(patient 2000)))
}
vm_stop
