# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Twenty changes of the configuration in a row on a running machine: after each one addresses, routes and links are
# exactly the model, and a session over an address that does not change lives through all of them. Then a mistake goes
# back by itself, cards are put in while it runs, and a cable is pulled and put back.
. tests/qemu/network.sh

printf '#cloud-config\nssh_authorized_keys: ["%s"]\n' "$(<"$FIX/id.pub")" >"$WORK/user-data"
need "a seed" scripts/seed "$WORK/seed.iso" --user-data "$WORK/user-data"
for n in 1 2 3 4; do card $n; done
for n in 1 2; do cards+=(-device "pcie-root-port,id=slot$n,chassis=$n,slot=$n"); done
need "starts" vm_start "$WORK/vm" --memory 512 --no-autologin --seed "$WORK/seed.iso" -- "${cards[@]}"
need "log-in" vm_wait_ssh 120
check "user Docker" wait_docker 120

# A session that says a number twice a second until it is told to end, of which none may be missing; and the kernel's
# own word on the address that it uses.
vm_ssh 'i=0; until [ -e /tmp/end ]; do i=$((i + 1)); echo $i; sleep 0.5; done' >"$WORK/session" 2>&1 &
session=$!
vm_ssh 'exec timeout 3600 ip -o monitor address dev eth4' >"$WORK/monitor" 2>&1 &

session_lives() {
	guest 'touch /tmp/end' && wait "$session" && [[ -s $WORK/session ]] &&
		equal "$(xargs <"$WORK/session")" "$(seq "$(tail -n 1 "$WORK/session")" | xargs)"
}

address_stays() {
	! grep -E 'Deleted.* 10\.0\.2\.15/' "$WORK/monitor"
}

nothing_to_do() {
	guest_is '' 'sudo ros network diff 2>/dev/null'
}

metric=$(lease_metric eth4)
own=10.0.2.0/24\ dev\ eth4\ metric\ $metric
way="default via 10.0.2.2 dev eth4 metric $metric"

# turn YAML ADDRESSES ROUTES LINKS: what there is beside the card with the lease; links without masters go without saying.
turns=0
turn() {
	local yaml="{eth4: {dhcp: true}${1:+, $1}}" addresses=$2 routes=$3 links=$4
	turns=$((turns + 1))
	check "change $turns is applied" set_interfaces "$yaml" || printf '# %s\n' "$yaml"
	check "change $turns: addresses" soon "addresses" addresses_are \
		"$(lines "$addresses" "eth4 10.0.2.15/24")"
	check "change $turns: routes" soon "routes" routes_are "$(lines "$routes" "$own,$way")"
	check "change $turns: links" links_are "$(lines "$links" eth4)"
	check "change $turns: nothing is left to do" nothing_to_do
}

# lines LIST MORE: both, in order.
lines() {
	tr , '\n' <<<"$1,$2" | grep . | LC_ALL=C sort | paste -sd ,
}

plain=eth0,eth1,eth2,eth3
turn 'eth0: {address: 10.1.0.2/24}' 'eth0 10.1.0.2/24' '10.1.0.0/24 dev eth0 metric 0' $plain
turn 'eth0: {addresses: [10.1.0.2/24, 10.1.0.3/24, "fd01::2/64"], gateway: 10.1.0.1}' \
	'eth0 10.1.0.2/24,eth0 10.1.0.3/24,eth0 fd01::2/64' \
	'10.1.0.0/24 dev eth0 metric 0,default via 10.1.0.1 dev eth0 metric 0' $plain
turn 'eth0: {addresses: [10.1.0.3/24], gateway: 10.1.0.254}' 'eth0 10.1.0.3/24' \
	'10.1.0.0/24 dev eth0 metric 0,default via 10.1.0.254 dev eth0 metric 0' $plain
turn 'eth0: {addresses: [10.1.0.3/24], mtu: 1400, routes: [{to: 10.9.0.0/16, via: 10.1.0.9, metric: 5}]}' \
	'eth0 10.1.0.3/24' '10.1.0.0/24 dev eth0 metric 0,10.9.0.0/16 via 10.1.0.9 dev eth0 metric 5' $plain
check "change 4: the MTU" guest_is 1400 'cat /sys/class/net/eth0/mtu'
table='routes: [{to: default, via: 10.1.0.7, table: 77}], rules: [{from: 10.1.0.3, table: 77, priority: 9}]'
turn "eth0: {addresses: [10.1.0.3/24], $table}" 'eth0 10.1.0.3/24' '10.1.0.0/24 dev eth0 metric 0' $plain
check "change 5: the table and its rule" guest_is 'default via 10.1.0.7 dev eth0 1' \
	'echo $(ip route show table 77 | sed "s/ proto.*//") $(ip rule | grep -c "from 10.1.0.3 lookup 77")'
members='eth0: {bond: bond0}, eth1: {bond: bond0}'
turn "$members, bond0: {bond_opts: {mode: 1, miimon: 100}, address: 10.2.0.2/24}" \
	'bond0 10.2.0.2/24' '10.2.0.0/24 dev bond0 metric 0' bond0,eth0:bond0,eth1:bond0,eth2,eth3
check "change 6: the rule is gone" guest_is 0 'ip rule | grep -c "lookup 77"'
tagged='vlans: "5"}, bond0.5: {address: 10.5.0.1/24}'
turn "$members, bond0: {bond_opts: {mode: 1, miimon: 100}, address: 10.2.0.2/24, $tagged" \
	'bond0 10.2.0.2/24,bond0.5 10.5.0.1/24' \
	'10.2.0.0/24 dev bond0 metric 0,10.5.0.0/24 dev bond0.5 metric 0' bond0,bond0.5,eth0:bond0,eth1:bond0,eth2,eth3
bridged='bond0.5: {bridge: br0}, eth2: {bridge: br0}, br0: {bridge: true, address: 10.6.0.1/24}'
turn "$members, bond0: {bond_opts: {mode: 0, miimon: 100}, vlans: \"5\"}, $bridged" 'br0 10.6.0.1/24' \
	'10.6.0.0/24 dev br0 metric 0' bond0,bond0.5:br0,br0,eth0:bond0,eth1:bond0,eth2:br0,eth3
check "change 8: the bond's other mode" guest_is 'balance-rr 0' 'cat /sys/class/net/bond0/bonding/mode'
turn 'eth2: {bridge: br0}, eth3: {bridge: br0}, br0: {bridge: true, address: 10.6.0.1/24}' 'br0 10.6.0.1/24' \
	'10.6.0.0/24 dev br0 metric 0' br0,eth0,eth1,eth2:br0,eth3:br0
turn 'eth2: {address: 10.6.0.1/24}' 'eth2 10.6.0.1/24' '10.6.0.0/24 dev eth2 metric 0' $plain
turn 'eth1: {addresses: ["fd01::2/64"], gateway_ipv6: "fd01::1"}' 'eth1 fd01::2/64' '' $plain
check "change 11: the IPv6 gateway" guest_is 'default via fd01::1' \
	'ip -6 route show default dev eth1 | grep -o "default via fd01::1"'
turn 'eth1: {dhcp: true}' '' '' $plain
turn 'eth1: {address: 10.1.0.2/24}, eth0: {address: 10.2.0.2/24}' 'eth0 10.2.0.2/24,eth1 10.1.0.2/24' \
	'10.1.0.0/24 dev eth1 metric 0,10.2.0.0/24 dev eth0 metric 0' $plain
turn 'eth1: {address: 10.2.0.2/24}, eth0: {address: 10.1.0.2/24}' 'eth0 10.1.0.2/24,eth1 10.2.0.2/24' \
	'10.1.0.0/24 dev eth0 metric 0,10.2.0.0/24 dev eth1 metric 0' $plain
turn '"mac=52:54:00:00:00:03": {address: 10.3.0.2/24}' 'eth2 10.3.0.2/24' '10.3.0.0/24 dev eth2 metric 0' $plain
turn '"eth[01]": {mtu: 1300}, eth3: {address: 10.4.0.2/24}' 'eth3 10.4.0.2/24' '10.4.0.0/24 dev eth3 metric 0' $plain
check "change 16: the MTU" guest_is '1300 1300' 'cat /sys/class/net/eth[01]/mtu | xargs'
turn 'eth3: {vlans: "7,8:eight"}, eth3.7: {address: 10.7.0.1/24}, eight: {address: 10.8.0.1/24}' \
	'eight 10.8.0.1/24,eth3.7 10.7.0.1/24' '10.7.0.0/24 dev eth3.7 metric 0,10.8.0.0/24 dev eight metric 0' \
	$plain,eight,eth3.7
turn 'lan: {match: "mac=52:54:00:00:00:04", set_name: lan, address: 10.4.0.2/24}' 'lan 10.4.0.2/24' \
	'10.4.0.0/24 dev lan metric 0' eth0,eth1,eth2,lan
turn 'eth3: {match: "mac=52:54:00:00:00:04", set_name: eth3, address: 10.4.0.3/24, gateway: 10.4.0.1}' 'eth3 10.4.0.3/24' \
	'10.4.0.0/24 dev eth3 metric 0,default via 10.4.0.1 dev eth3 metric 0' $plain
turn '' '' '' $plain

check "the session has lived through all of it" session_lives
check "its address was never taken away" address_stays

check "a mistake with --confirm" set_interfaces '{eth4: {address: 10.99.0.1/24}}' --confirm 8
check "the mistake went back" soon "the lease" addresses_are "eth4 10.0.2.15/24"
check "it is said" guest_has 'was not confirmed, and is taken back' 'cat /run/ros/messages'
check "and the configuration with it" soon "the configuration" guest_is '{"eth4":{"dhcp":true}}' \
	'sudo ros config get --json rancher.network.interfaces'
check "nothing is left to do after it" nothing_to_do
check "a change with --confirm" set_interfaces '{eth4: {dhcp: true}, eth0: {address: 10.1.0.2/24}}' --confirm 600
check "is confirmed" guest 'sudo ros network confirm'
check "and stays, also when the service starts again" guest 'sudo system-docker restart network'
check "with its configuration" soon "the address" addresses_are "eth0 10.1.0.2/24,eth4 10.0.2.15/24"

# --- cards that come late ---

vm_ssh 'exec timeout 3600 ip -o monitor address dev eth4' >"$WORK/monitor-late" 2>&1 &
kept() {
	! grep -E 'Deleted.* 10\.0\.2\.15/' "$WORK/monitor-late"
}

check "a configuration for cards that are not there yet" set_interfaces \
	'{eth4: {dhcp: true}, eth5: {dhcp: true}, eth6: {address: 10.16.0.2/24}}'
vm_monitor netdev_add user,id=late,net=10.0.5.0/24 >/dev/null
vm_monitor device_add virtio-net-pci,netdev=late,bus=slot1,id=late,mac=52:54:00:00:00:05 >/dev/null
check "a late card gets its lease" soon "the lease" addresses_are "eth4 10.0.2.15/24,eth5 10.0.5.15/24"
vm_monitor netdev_add hubport,id=later,hubid=9 >/dev/null
vm_monitor device_add virtio-net-pci,netdev=later,bus=slot2,id=later,mac=52:54:00:00:00:06 >/dev/null
all="eth4 10.0.2.15/24,eth5 10.0.5.15/24,eth6 10.16.0.2/24"
check "a late card gets its static address" soon "the address" addresses_are "$all"
check "the others kept theirs" kept

# --- the cable ---

no_carrier() {
	guest_is 0 'cat /sys/class/net/eth5/carrier'
}

vm_monitor set_link late off >/dev/null
check "the cable is out" soon "no carrier" no_carrier
vm_monitor set_link late on >/dev/null
check "the lease is back once the cable is in again" soon "the lease" addresses_are "$all"
vm_monitor device_del late >/dev/null
check "a card is taken out" soon "its address to go" addresses_are "eth4 10.0.2.15/24,eth6 10.16.0.2/24"
