# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Several network cards: a lease, a bond of two with a VLAN on it in a bridge, and one that asks a server which is not
# there. Then the configuration changes on the running machine, and the session that changes it lives on.

# card NUMBER HUB: cards of one hub hear each other, and nobody else.
cards=()
card() {
	cards+=(-netdev "hubport,id=hub$1,hubid=$2" -device "virtio-net-pci,netdev=hub$1,mac=52:54:00:00:00:0$1")
}
card 1 1
card 2 1
card 3 2

cat >"$WORK/user-data" <<-END
	#cloud-config
	ssh_authorized_keys: ["$(<"$FIX/id.pub")"]
	rancher:
	  network:
	    pre_cmds: ["sh -c 'echo pre_cmds >>/run/ros/order'"]
	    post_cmds: ["sh -c 'echo post_cmds >>/run/ros/order'"]
	    firewall: {policy: drop, allow: [22]}
	    block_metadata: true
	  docker: {insecure_registry: ["$(registry_address)"]}
END
cat >"$WORK/network-config" <<-'END'
	version: 2
	ethernets:
	  eth2: {dhcp4: true}
	  first: {match: {macaddress: "52:54:00:00:00:01"}}
	  second: {match: {macaddress: "52:54:00:00:00:02"}}
	  eth3: {dhcp4: true}
	bonds:
	  bond0: {interfaces: [first, second], parameters: {mode: active-backup, mii-monitor-interval: 100}}
	vlans:
	  lab: {id: 100, link: bond0}
	bridges:
	  br0:
	    interfaces: [lab]
	    addresses: [10.77.0.1/24, "fd77::1/64"]
	    mtu: 1400
	    routes: [{to: 10.78.0.0/16, via: 10.77.0.9, metric: 5}, {to: default, via: 10.77.0.9, table: 77}]
	    routing-policy: [{from: 10.77.0.1, table: 77, priority: 100}]
END
need "a seed" scripts/seed "$WORK/seed.iso" --user-data "$WORK/user-data" --network-config "$WORK/network-config"
need "starts" vm_start "$WORK/vm" --memory 640 --no-autologin --seed "$WORK/seed.iso" -- "${cards[@]}"
need "log-in over the leased address" vm_wait_ssh 120

# addresses LINK: of both families, without the kernel's own.
addresses() {
	guest "ip -j addr show dev $1" | jq -r '.[].addr_info[] | select(.scope == "global") | "\(.local)/\(.prefixlen)"' |
		sort | xargs
}

has_addresses() {
	equal "$(addresses "$1")" "$2"
}

order_is() {
	guest_is "$1" 'for i in $(seq 150); do grep -q post_cmds /run/ros/order && break; sleep 0.1; done
		sudo cat /run/ros/order | xargs'
}

check "the lease" has_addresses eth3 10.0.2.15/24
check "no server, no address" has_addresses eth2 ''
check "the bridge" has_addresses br0 '10.77.0.1/24 fd77::1/64'
check "its MTU" guest_is 1400 'cat /sys/class/net/br0/mtu'
check "the VLAN belongs to it" guest_is br0 'basename $(readlink /sys/class/net/lab/master)'
check "the VLAN is on the bond" guest_has 'vlan protocol 802.1Q id 100' 'ip -d link show dev lab'
check "the bond" guest_is 'active-backup 1 100 eth0 eth1' \
	'cat /sys/class/net/bond0/bonding/{mode,miimon,slaves} | xargs'
check "a route with a metric" guest_has '^10.78.0.0/16 via 10.77.0.9 dev br0 .*metric 5' 'ip route'
check "a table of its own" guest_has '^default via 10.77.0.9 dev br0' 'ip route show table 77'
check "and its rule" guest_has '^100:.*from 10.77.0.1 lookup 77' 'ip rule'
check "the default route of the lease" guest_has '^default via 10.0.2.2 dev eth3 .*metric 20' 'ip route'
check "name servers of the lease" guest_has '^nameserver 10.0.2.3' 'cat /etc/resolv.conf'
check "the firewall" guest_has 'dport 22 accept' 'sudo nft list table inet ros_network'
check "the metadata are blocked" guest_has '169.254.169.254' 'sudo nft list table inet ros_network'
check "commands" order_is 'pre_cmds post_cmds'
check "nothing is left to do" guest_is '' 'sudo ros network diff 2>/dev/null'
check "it is shown" guest_has '^lab +up +vlan .* member of br0 \(lab\)' 'sudo ros network show'
check "with its routes" guest_has '^route 10.78.0.0/16 via 10.77.0.9 dev br0 metric 5$' 'sudo ros network show'
check "it is shown to programs" equal "$(guest 'sudo ros network show --json' | jq -r '.interfaces |
	"\(.br0.kind) \(.br0.mtu) \([.br0.addresses[] | select(startswith("fe80") | not)] | sort) \(.eth3.dynamic)"')" \
	'bridge 1400 ["10.77.0.1/24","fd77::1/64"] true'
check "user Docker" wait_docker 120
# Somebody at that address, beside the machine: it is reached from here, and not from a container.
check "a machine at the metadata address" guest 'sudo ip netns add meta && sudo ip link add meta0 type veth peer name meta1 netns meta &&
	sudo ip addr add 169.254.169.1/24 dev meta0 && sudo ip link set meta0 up &&
	sudo ip -n meta addr add 169.254.169.254/24 dev meta1 && sudo ip -n meta link set meta1 up &&
	sudo ip -n meta route add default via 169.254.169.1'
check "the machine itself reaches the metadata" guest 'sudo busybox ping -c 1 -W 10 169.254.169.254'
guest "docker pull -q $(image) && docker tag $(image) b" >/dev/null
check "a container does not" guest_is refused 'docker run --rm b ping -c 1 -W 5 169.254.169.254 >/dev/null 2>&1 || echo refused'
check "a container reaches others" guest 'docker run --rm b ping -c 1 -W 10 169.254.169.1'
check "no message" guest_is '' 'cat /run/ros/messages 2>/dev/null | grep -i network'

fetch_journal && {
	guest 'cat /run/ros/journal' | jq -r 'select(.unit | test("network")) | "# \(.t / 1000 | floor) ms \(.kind) \(.unit) \(.ms // "") \(.text // "")"'
	# Most of it is the kernel loading the modules for bonds, VLANs and bridges.
	check "the network took under 3 s" at_most \
		"$(jq -s '[.[] | select(.unit == "network/apply") | .ms] | first' "$VM_DIR/journal")" "$(patient 3000)"
}

# A session that says a number twice a second, of which none may be missing in the end.
vm_ssh 'for i in $(seq 40); do echo $i; sleep 0.5; done' >"$WORK/session" 2>&1 &
session=$!

# set_interfaces YAML [OPTION…]: the configuration changes, and the network with it.
set_interfaces() {
	local yaml=$1
	shift
	guest "sudo ros config set rancher.network.interfaces \"$yaml\" && sudo ros network apply $*"
}

session_lives() {
	wait "$session" && equal "$(xargs <"$WORK/session")" "$(seq 40 | xargs)"
}

check "a change" set_interfaces "{eth3: {dhcp: true}, bond0: null, br0: null, lab: null, first: null, second: null, \
eth0: {address: 10.79.0.1/24, vlans: '7'}, eth0.7: {address: 10.80.0.1/24}, eth2: {dhcp: false, ipv4ll: true}}"
check "the bridge is gone" guest_is no 'test -e /sys/class/net/br0 || echo no'
check "the bond is gone" guest_is no 'test -e /sys/class/net/bond0 || echo no'
check "the rule is gone" guest_is '' 'ip rule | grep 77'
check "a static address" has_addresses eth0 10.79.0.1/24
check "a VLAN by RancherOS' key" has_addresses eth0.7 10.80.0.1/24
check "a mistake with --confirm" set_interfaces '{eth3: {address: 10.99.0.1/24}}' --confirm 8
check "the session has lived through all of it" session_lives
check "it is said that it is taken back" guest_has 'not confirmed, and is taken back' \
	'for i in $(seq 100); do grep -q "not confirmed" /run/ros/messages && break; sleep 0.2; done; cat /run/ros/messages'
check "the mistake went back" guest_has '10.0.2.15/24' \
	'for i in $(seq 100); do ip addr show dev eth3 | grep -q 10.0.2.15/ && break; sleep 0.2; done; ip addr show dev eth3'
check "and so did the rest" has_addresses eth0 10.79.0.1/24
check "and the configuration" guest_is '' 'for i in $(seq 100); do
	sudo ros config get rancher.network.interfaces.eth3.address >/tmp/eth3; [ -n "$(cat /tmp/eth3)" ] || break; sleep 0.2
	done; cat /tmp/eth3'
check "an address of its own choice (ipv4ll)" guest_has '^169\.254\.[0-9]+\.[0-9]+/16' 'for i in $(seq 150); do
	ip -o -4 addr show dev eth2 | grep -q 169.254 && break; sleep 0.2; done; ip -o -4 addr show dev eth2 | awk "{ print \$4 }"'

# The cable is pulled, and put back.
vm_monitor set_link net off >/dev/null
sleep 2
vm_monitor set_link net on >/dev/null
check "the address after the cable was out" guest_has '10.0.2.15/24' \
	'for i in $(seq 100); do ip addr show dev eth3 | grep -q 10.0.2.15/ && break; sleep 0.2; done; ip addr show dev eth3'

check "the service is restarted" guest 'sudo ros config set rancher.network.interfaces.eth3 "{address: null, dhcp: true}" &&
	sudo system-docker restart network'
check "without an address lost" has_addresses eth3 10.0.2.15/24
check "the metadata are not blocked any more" guest 'sudo ros config set rancher.network.block_metadata false &&
	sudo ros network apply && docker run --rm b ping -c 1 -W 10 169.254.169.254'
