# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A network of our own for machines under test: a network namespace with a bridge, daemons in it, and cables from
# machines to the bridge. For cases that need more than QEMU's user network has (IPv6 alone, real DHCP servers, probes
# from outside). Needs root. Sourced by a case, which ends it with lab_end; only what was started here is stopped.

LAB_NS='' LAB_PIDS=() LAB_CABLES=0

# lab_begin ADDRESS…: the namespace, and its bridge br0 with these addresses. A pair of its own keeps the bridge up
# when no machine is connected, so that daemons can bind to it.
lab_begin() {
	local address
	LAB_NS=lab$$
	ip netns add "$LAB_NS" && lab ip link set lo up &&
		lab ip link add br0 type bridge forward_delay 0 mcast_snooping 0 &&
		lab ip link add idle0 type veth peer name idle1 && lab ip link set idle0 master br0 &&
		lab ip link set idle0 up && lab ip link set idle1 up && lab ip link set br0 up || return 1
	for address; do
		if [[ $address == *:* ]]; then
			lab ip addr add "$address" dev br0 nodad || return 1
		else
			lab ip addr add "$address" dev br0 || return 1
		fi
	done
}

# lab COMMAND…: in the namespace.
lab() {
	ip netns exec "$LAB_NS" "$@"
}

# lab_daemon NAME READY COMMAND…: starts it in the namespace with its output in WORK/NAME.log, where a line that
# matches READY says that it is up. Sets LAB_PID.
lab_daemon() {
	local name=$1 ready=$2 end=$((SECONDS + 20))
	shift 2
	: >"$WORK/$name.log"
	ip netns exec "$LAB_NS" "$@" </dev/null >"$WORK/$name.log" 2>&1 &
	LAB_PID=$!
	LAB_PIDS+=("$LAB_PID")
	until grep -q -E -e "$ready" "$WORK/$name.log"; do
		if ! kill -0 "$LAB_PID" 2>/dev/null || ((SECONDS >= end)); then
			printf '%s is not up: %s\n' "$name" "$(tail -n 1 "$WORK/$name.log")"
			return 1
		fi
		sleep "$VM_TICK"
	done
}

# lab_daemon_end PID
lab_daemon_end() {
	kill "$1" 2>/dev/null
	wait "$1" 2>/dev/null
	local pid left=()
	for pid in "${LAB_PIDS[@]}"; do
		[[ $pid == "$1" ]] || left+=("$pid")
	done
	LAB_PIDS=("${left[@]}")
}

# lab_forward PORT HOST_PORT: PORT of all addresses in the namespace leads to 127.0.0.1:HOST_PORT outside of it.
lab_forward() {
	local socket=$WORK/forward$1
	rm -f "$socket"
	socat "UNIX-LISTEN:$socket,fork" "TCP:127.0.0.1:$2" </dev/null >"$WORK/outside$1.log" 2>&1 &
	LAB_PIDS+=($!)
	lab_daemon "forward-$1" 'listening on' socat -d -d -lf/dev/stderr "TCP6-LISTEN:$1,fork,reuseaddr" "UNIX-CONNECT:$socket"
}

# The words for QEMU that give a machine a card with a cable to the lab, in LAB_CARD. Once it has started,
# lab_plug connects all of them.
# lab_card MODEL MAC
lab_card() {
	LAB_CABLES=$((LAB_CABLES + 1))
	local id=lab$LAB_CABLES
	LAB_CARD=(-netdev "tap,id=$id,ifname=$(lab_cable "$LAB_CABLES"),script=no,downscript=no"
		-device "$1,netdev=$id,mac=$2")
}

lab_cable() {
	printf 'oc%s-%s' $$ "$1"
}

# A cable's other end is QEMU's, and stays so when this one goes over to the namespace.
lab_plug() {
	local n cable
	for ((n = 1; n <= LAB_CABLES; n++)); do
		cable=$(lab_cable "$n")
		[[ -e /sys/class/net/$cable ]] || continue
		ip link set "$cable" netns "$LAB_NS" && lab ip link set "$cable" master br0 && lab ip link set "$cable" up || return 1
	done
}

# lab_login ADDRESS: from now on machines are logged in to at this address, from the namespace.
lab_login() {
	VM_ENTER=(ip netns exec "$LAB_NS")
	VM_HOST=$1 VM_PORT=22
}

lab_end() {
	local pid
	for pid in "${LAB_PIDS[@]}"; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	LAB_PIDS=()
	[[ -z $LAB_NS ]] || ip netns del "$LAB_NS"
	LAB_NS=''
}
