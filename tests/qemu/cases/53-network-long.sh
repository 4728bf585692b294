# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What takes many boots: four cards that keep their numbers over ten of them; the time that a static network takes,
# against none at all; a bond with a VLAN in a bridge by each of the other formats. (58-network-nodhcp has the boots
# without a DHCP server.)
. tests/qemu/network.sh

key=$(<"$FIX/id.pub")

# --- ten boots with four cards; the user's is static, so that the network has nothing to wait for. Every third one is
# --- followed by one without a card, for the time that user Docker takes in both. ---

cat >"$WORK/static.yml" <<-END
	#cloud-config
	ssh_authorized_keys: ["$key"]
	rancher: {network: {interfaces: {eth3: {address: 10.0.2.15/24, gateway: 10.0.2.2}}}}
END
need "a seed" scripts/seed "$WORK/static.iso" --user-data "$WORK/static.yml"
for n in 1 2 3; do card $n; done
applies=() with=() without=()

# The journal's word for when user Docker was ready, over the serial line, which a machine without a card has.
ready_by_serial() {
	vm_wait_serial 'login: ' 120 || return
	vm_serial_type rancher
	vm_wait_serial 'assword:' 15 || vm_serial_type rancher
	vm_wait_serial 'assword:' 15 || return
	vm_serial_type let-me-in
	vm_wait_serial '[$#] ' 15 || return
	vm_mark
	vm_serial_type 'wait-for-docker; grep ""ready /run/ros/journal | grep user-docker; echo E""ND'
	vm_wait_serial '^END' 120 || return
	vm_serial | grep -a '^{' >"$VM_DIR/journal"
	READY=$(docker_ready_ms)
}

for boot in 1 2 3 4 5 6 7 8 9 10; do
	check "boot $boot: starts" vm_start "$WORK/boot" --memory 512 --no-autologin --seed "$WORK/static.iso" -- "${cards[@]}" &&
		check "boot $boot: log-in" vm_wait_ssh 120 &&
		check "boot $boot: every card has its number" guest_is '01 02 03 56' \
			'for n in 0 1 2 3; do sed "s/.*://" /sys/class/net/eth$n/address; done | xargs' && {
		((boot % 3)) || check "boot $boot: user Docker" wait_docker 120
		check "boot $boot: the journal" fetch_journal &&
			applies+=("$(jq -s '[.[] | select(.unit == "network/apply") | .ms] | first' "$VM_DIR/journal")")
	}
	((boot % 3)) || with+=("$(docker_ready_ms)")
	vm_stop
	((boot % 3 == 0)) || continue
	check "without a card: starts" vm_start "$WORK/none" --memory 512 --no-autologin --nic none \
		--seed "$WORK/static.iso" --append rancher.password=let-me-in &&
		check "without a card: user Docker" ready_by_serial && without+=("$READY")
	vm_stop
done
check "a static network took under 0.3 s (median of: ${applies[*]} ms)" at_most \
	"$(median "${applies[@]:-999999}")" "$(patient 300)"
# What boots without a card differ by among each other is the host's noise.
noise=$(($(largest "${without[@]:-0}") - $(median "${without[@]:-0}")))
check "with it user Docker is there no more than 0.3 s later (${with[*]} against ${without[*]} ms, noise $noise ms)" at_most \
	"$(median "${with[@]:-999999}")" $(($(median "${without[@]:-0}") + $(patient 300) + noise))

# --- a bond with a VLAN in a bridge, both families, two tables ---

bonded() {
	check "$1: log-in" vm_wait_ssh 120 || return
	check "$1: addresses" soon "addresses" addresses_are "br0 10.77.0.1/24,br0 fd77::1/64,eth2 10.0.2.15/24"
	check "$1: links" links_are bond0,bond0.100:br0,br0,eth0:bond0,eth1:bond0,eth2
	check "$1: the VLAN" guest_has 'vlan protocol 802.1Q id 100' 'ip -d link show dev bond0.100'
	check "$1: the first table" guest_has '^10.78.0.0/16 via 10.77.0.9 dev br0' 'ip route'
	check "$1: nothing is left to do" guest_is '' 'sudo ros network diff 2>/dev/null'
}

cards=()
card 1
card 2
cat >"$WORK/v1" <<-'END'
	version: 1
	config:
	  - {type: physical, name: eth0, mac_address: "52:54:00:00:00:01"}
	  - {type: physical, name: eth1, mac_address: "52:54:00:00:00:02"}
	  - {type: physical, name: eth2, mac_address: "52:54:00:12:34:56", subnets: [{type: dhcp}]}
	  - {type: bond, name: bond0, bond_interfaces: [eth0, eth1], params: {bond-mode: 802.3ad, bond-miimon: 100,
	      bond-lacp-rate: fast, bond-xmit-hash-policy: layer3+4, bond-ad-select: bandwidth, bond-updelay: 200,
	      bond-downdelay: 300, bond-min-links: 1}}
	  - {type: vlan, name: bond0.100, vlan_link: bond0, vlan_id: 100}
	  - type: bridge
	    name: br0
	    bridge_interfaces: [bond0.100]
	    subnets:
	      - {type: static, address: 10.77.0.1/24, routes: [{network: 10.78.0.0, netmask: 255.255.0.0, gateway: 10.77.0.9}]}
	      - {type: static6, address: "fd77::1/64"}
END
printf '#cloud-config\nssh_authorized_keys: ["%s"]\n' "$key" >"$WORK/plain.yml"
need "a seed" scripts/seed "$WORK/v1.iso" --user-data "$WORK/plain.yml" --network-config "$WORK/v1"
bond_options() {
	guest_is "$1" 'cd /sys/class/net/bond0/bonding
		cat mode miimon lacp_rate xmit_hash_policy ad_select updelay downdelay min_links | xargs'
}

check "v1: starts" vm_start "$WORK/v1-vm" --memory 512 --no-autologin --seed "$WORK/v1.iso" -- "${cards[@]}" && {
	bonded v1
	check "v1: the bond's options" bond_options '802.3ad 4 100 fast 1 layer3+4 1 bandwidth 1 200 300 1'
	# The kernel gives a bond that is up no other rate: it is made anew, with all that stands on it.
	check "v1: an option that only a new bond can have" guest \
		'sudo ros config set rancher.network.interfaces.bond0.bond.options.lacp_rate slow && sudo ros network apply'
	check "v1: the bond's options then" bond_options '802.3ad 4 100 slow 0 layer3+4 1 bandwidth 1 200 300 1'
	bonded "v1, again"
}
vm_stop

# OpenStack has no bridges: the bond's VLAN has the addresses itself.
tree=$WORK/tree/openstack/latest
mkdir -p "$tree"
printf '{"uuid": "u-53", "public_keys": {"k": "%s"}}' "$key" >"$tree/meta_data.json"
cat >"$tree/network_data.json" <<-'END'
	{"links": [
	  {"id": "e0", "type": "phy", "ethernet_mac_address": "52:54:00:00:00:01"},
	  {"id": "e1", "type": "phy", "ethernet_mac_address": "52:54:00:00:00:02"},
	  {"id": "e2", "type": "phy", "ethernet_mac_address": "52:54:00:12:34:56"},
	  {"id": "bond0", "type": "bond", "bond_links": ["e0", "e1"], "bond_mode": "active-backup", "bond_miimon": 100,
	   "ethernet_mac_address": "52:54:00:00:00:01"},
	  {"id": "vlan100", "type": "vlan", "vlan_link": "bond0", "vlan_id": 100, "vlan_mac_address": "52:54:00:00:00:01"}],
	 "networks": [
	  {"id": "n0", "type": "ipv4_dhcp", "link": "e2"},
	  {"id": "n1", "type": "ipv4", "link": "vlan100", "ip_address": "10.77.0.1", "netmask": "255.255.255.0",
	   "routes": [{"network": "10.78.0.0", "netmask": "255.255.0.0", "gateway": "10.77.0.9"}]},
	  {"id": "n2", "type": "ipv6", "link": "vlan100", "ip_address": "fd77::1", "netmask": "ffff:ffff:ffff:ffff::"}],
	 "services": [{"type": "dns", "address": "10.77.0.53"}]}
END
need "a config-drive" xorriso -as mkisofs -quiet -V config-2 -r -o "$WORK/config.iso" "$WORK/tree"
check "config-drive: starts" vm_start "$WORK/config-vm" --memory 512 --no-autologin --seed "$WORK/config.iso" -- "${cards[@]}" &&
	check "config-drive: log-in" vm_wait_ssh 120 && {
	check "config-drive: addresses" soon "addresses" addresses_are "eth2 10.0.2.15/24,vlan100 10.77.0.1/24,vlan100 fd77::1/64"
	check "config-drive: links" links_are bond0,eth0:bond0,eth1:bond0,eth2,vlan100
	check "config-drive: the VLAN" guest_has 'vlan protocol 802.1Q id 100' 'ip -d link show dev vlan100'
	check "config-drive: its route" guest_has '^10.78.0.0/16 via 10.77.0.9 dev vlan100' 'ip route'
	check "config-drive: its name server" guest_has '^nameserver 10.77.0.53' 'cat /etc/resolv.conf'
}
vm_stop
