# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the network's cases assert: exactly what is there, nothing beside it. Docker's own links are not the network's.

# card NUMBER [HUB]: a card, in `cards`. Those of one hub hear each other and nobody else.
cards=()
card() {
	cards+=(-netdev "hubport,id=hub$1,hubid=${2:-$1}" -device "virtio-net-pci,netdev=hub$1,mac=52:54:00:00:00:0$1")
}

# The machine's addresses of both families, without the kernel's: "eth0 10.0.0.1/24,eth1 …".
addresses_are() {
	equal "$(guest 'ip -j addr show' | jq -r '.[] | select(.ifname | test("^(lo|docker|veth)") | not) | .ifname as $n |
		.addr_info[] | select(.scope == "global") | "\($n) \(.local)/\(.prefixlen)"' | LC_ALL=C sort | paste -sd ,)" "$1"
}

# The IPv4 routes of the main table: "default via 10.0.0.1 dev eth0 metric 0,…".
routes_are() {
	equal "$(guest 'ip -j -4 route show' | jq -r '.[] | select(.dev | test("^docker") | not) |
		.dst + (if .gateway then " via " + .gateway else "" end) + " dev " + .dev + " metric \(.metric // 0)"' |
		LC_ALL=C sort | paste -sd ,)" "$1"
}

# The links, with what they belong to: "bond0,eth0:bond0,…".
links_are() {
	equal "$(guest 'ip -j link show' | jq -r '.[] | select(.ifname | test("^(lo|docker|veth)") | not) |
		.ifname + (if .master then ":" + .master else "" end)' | LC_ALL=C sort | paste -sd ,)" "$1"
}

# What a lease's routes get as their metric.
lease_metric() {
	printf '%s' $((200 + $(guest "cat /sys/class/net/$1/ifindex")))
}

# soon NAME COMMAND…: for what comes by itself (a lease).
soon() {
	local name=$1
	shift
	vm_wait 60 "$name" "$@" || "$@"
}

# set_interfaces YAML [OPTION…]: these interfaces and no others, applied at once.
set_interfaces() {
	local yaml=$1
	shift
	guest "sudo ros config set rancher.network.interfaces null &&
		sudo ros config set rancher.network.interfaces '$yaml' && sudo ros network apply $*"
}
