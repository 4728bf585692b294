# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The network tests that RancherOS had (Network, NetworkFromUrl, NetworkBootCfg, NetworkBootAndCloudCfg, NetworkCfg,
# NetworkCmds, ConfigDhcp, DhcpHostname), with several cards, in two boots. NoNetworkCloudConfigFromUrl is a scene of
# 22-missing.
. tests/qemu/network.sh
. tests/qemu/serve.sh
trap 'serve_end; vm_stop' EXIT

resolv_conf_is() {
	equal "$(guest "$1 cat /etc/resolv.conf" | grep -v '^#' | paste -sd ,)" "$2"
}

# --- everything by URL, and a kernel line that knows some of it better ---

mkdir -p "$WORK/folder"
cat >"$WORK/folder/user-data" <<-END
	#cloud-config
	ssh_authorized_keys: ["$(<"$FIX/id.pub")"]
	rancher:
	  docker: {insecure_registry: ["$(registry_address)"]}
	  network:
	    dns:
	      nameservers: [208.67.222.123, 208.67.220.123]
	      search: [mydomain.com, example.com]
	    pre_cmds: ["sh -c 'echo pre_cmds >>/run/ros/order'"]
	    post_cmds: ["sh -c 'echo post_cmds >>/run/ros/order'", "echo no shell; touch /run/ros/no-shell"]
	    interfaces:
	      eth0:
	        address: 10.1.0.50/24
	        gateway: 10.1.0.1
	        mtu: 1400
	        pre_up: ["sh -c 'echo pre_up \$iface >>/run/ros/order'"]
	        post_up: ["sh -c 'echo post_up \$iface >>/run/ros/order'"]
	      eth1: {bridge: br0}
	      br0: {bridge: "true", addresses: [172.19.8.1/24, 172.19.9.1/24], vlans: "100,200:foo"}
	      br0.100: {address: 10.100.0.1/24}
	      eth2: {vlans: "100", dhcp: false}
	      eth2.100: {bridge: br0}
	      mac=52:54:00:00:00:04: {bond: bond0}
	      eth4: {bond: bond0}
	      bond0:
	        bond_opts: {mode: 1, miimon: 100}
	        address: 10.4.0.2/16
	      "eth5*":
	        dhcp: true
	        address: 10.5.0.9/24
	        pre_up: ["sh -c 'echo pre_up \$iface >>/run/ros/order'"]
	        post_up: ["sh -c 'echo post_up \$iface \$(ip -4 -o addr show dev \$iface | grep -c 10.0.2.15/) >>/run/ros/order'"]
END
for n in 1 2 3 4 5; do card $n; done
need "a web server" serve "$WORK/folder"
need "starts" vm_start "$WORK/url" --memory 640 --no-autologin \
	--net "hostname=rancher-dev,dnssearch=lease.test" --append "rancher.network.interfaces.eth0.address=10.1.0.41/24 \
rancher.cloud_init.datasources=[url:http://10.0.2.2:$SERVE_PORT/user-data]" -- "${cards[@]}"
need "a key that came by URL opens" vm_wait_ssh 120

check "NetworkFromUrl: exact addresses, the kernel line's beside the cloud-config's" soon "the lease" addresses_are \
	"bond0 10.4.0.2/16,br0 172.19.8.1/24,br0 172.19.9.1/24,br0.100 10.100.0.1/24,eth0 10.1.0.41/24,eth5 10.0.2.15/24,eth5 10.5.0.9/24"
metric=$(lease_metric eth5)
check "NetworkCfg: exact routes" routes_are "10.0.2.0/24 dev eth5 metric $metric,10.1.0.0/24 dev eth0 metric 0,\
10.100.0.0/24 dev br0.100 metric 0,10.4.0.0/16 dev bond0 metric 0,10.5.0.0/24 dev eth5 metric 0,172.19.8.0/24 dev br0 metric 0,\
172.19.9.0/24 dev br0 metric 0,default via 10.0.2.2 dev eth5 metric $metric,default via 10.1.0.1 dev eth0 metric 0"
check "NetworkBootAndCloudCfg: other keys of that card hold" guest_is 1400 'cat /sys/class/net/eth0/mtu'
check "Network: members" guest_is 'br0 br0 bond0 bond0' 'for l in eth1 eth2.100 eth3 eth4; do
	basename "$(readlink /sys/class/net/$l/master)"; done | xargs'
check "Network: VLANs" guest_is 'br0.100@br0 foo@br0 eth2.100@eth2' \
	'for l in br0.100 foo eth2.100; do ip -o link show dev $l | sed "s/^[0-9]*: //; s/:.*//"; done | xargs'
check "Network: the bond" guest_is 'active-backup 1 100' 'cat /sys/class/net/bond0/bonding/{mode,miimon} | xargs'
dns='search mydomain.com example.com,nameserver 208.67.222.123,nameserver 208.67.220.123'
check "Network: resolv.conf" resolv_conf_is '' "$dns"
for container in ntp cron syslog; do
	check "Network: resolv.conf in $container" soon "$container" resolv_conf_is "sudo system-docker exec $container" "$dns"
done
check "user Docker" wait_docker 120
# Docker writes the lines in an order of its own.
check "Network: resolv.conf in a user container" guest_is "$(tr , '\n' <<<"$dns" | LC_ALL=C sort)" \
	"docker pull -q $(image) >/dev/null && docker run --rm $(image) cat /etc/resolv.conf | grep -E '^(search|nameserver)' | sort"
# What comes after a card is up waits for its lease, also beside a static address.
check "NetworkCmds: the exact order" soon "post_cmds" guest_is \
	'pre_cmds pre_up eth0 post_up eth0 pre_up eth5 post_up eth5 1 post_cmds' 'cat /run/ros/order | xargs'
check "NetworkCmds: no shell but the user's own" guest_is no 'test -e /run/ros/no-shell || echo no'
check "DhcpHostname: the host name" guest_is rancher-dev hostname
check "DhcpHostname: /etc/hosts" guest_has '\brancher-dev\b' 'grep 127.0.1.1 /etc/hosts'
check "nothing is left to do" guest_is '' 'sudo ros network diff 2>/dev/null'
check "no message" guest_is '' 'cat /run/ros/messages 2>/dev/null | grep -i network | grep -v http:'
vm_stop
serve_end

# --- everything on the kernel line; then changes ---

printf '#cloud-config\nssh_authorized_keys: ["%s"]\n' "$(<"$FIX/id.pub")" >"$WORK/user-data"
need "a seed" scripts/seed "$WORK/seed.iso" --user-data "$WORK/user-data"
cards=()
card 1
card 2
cards+=(-netdev "user,id=second,net=10.0.3.0/24" -device "virtio-net-pci,netdev=second,mac=52:54:00:00:00:03")
need "starts" vm_start "$WORK/line" --memory 512 --no-autologin --seed "$WORK/seed.iso" \
	--append "rancher.network.interfaces.eth0.addresses=[10.1.0.41/24,fd01::41/64] \
rancher.network.interfaces.eth0.gateway_ipv6=fd01::1 rancher.network.interfaces.eth3.dhcp=true \
rancher.network.dns.nameservers=[10.1.0.53] rancher.network.dns.search=[line.test]" -- "${cards[@]}"
need "log-in" vm_wait_ssh 120
always="eth0 10.1.0.41/24,eth0 fd01::41/64"
lease="eth3 10.0.2.15/24"
check "NetworkBootCfg: exact addresses" soon "the lease" addresses_are "$always,$lease"
check "NetworkBootCfg: exact routes" routes_are "10.0.2.0/24 dev eth3 metric $(lease_metric eth3),\
10.1.0.0/24 dev eth0 metric 0,default via 10.0.2.2 dev eth3 metric $(lease_metric eth3)"
check "NetworkBootCfg: the IPv6 gateway" guest_has '^default via fd01::1 dev eth0' 'ip -6 route show default'
check "NetworkBootCfg: resolv.conf" resolv_conf_is '' 'search line.test,nameserver 10.1.0.53'

check "ConfigDhcp: a static card and a leased one are merged" guest "echo 'rancher: {network: {interfaces: {\
eth1: {address: 10.2.0.9/24, dhcp: false}, eth2: {dhcp: true}}}}' | sudo ros config merge &&
	sudo system-docker restart network"
check "ConfigDhcp: exact addresses without a reboot" soon "the lease" \
	addresses_are "$always,eth1 10.2.0.9/24,eth2 10.0.3.15/24,$lease"
check "NetworkCfg: config set turns it around" guest 'sudo ros config set rancher.network.interfaces.eth2.dhcp false &&
	sudo ros config set rancher.network.interfaces.eth2.address 10.0.3.15/24 && sudo ros network apply'
check "NetworkCfg: exact addresses" soon "the static address" \
	addresses_are "$always,eth1 10.2.0.9/24,eth2 10.0.3.15/24,$lease"
check "NetworkCfg: the address that was leased stays for ever" soon "its lifetime" guest_is 1 \
	'ip -o -4 addr show dev eth2 | grep -c "valid_lft forever"'
check "NetworkCfg: and back to DHCP" guest 'sudo ros config set rancher.network.interfaces.eth2 \
	"{dhcp: true, address: null}" && sudo ros network apply'
check "NetworkCfg: the lease again" soon "the lease" addresses_are "$always,eth1 10.2.0.9/24,eth2 10.0.3.15/24,$lease"
check "NetworkCfg: with a server's time" soon "the lease" guest_is 0 \
	'ip -o -4 addr show dev eth2 | grep -c "valid_lft forever"'
