# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# One virtual machine: start it, talk to it by SSH, serial line and monitor, and end it. Sourced by make run,
# make bench and the boot tests, which all run one machine at a time.
#
# The machine's files are in VM_DIR (serial.log, qemu.log, sockets), its process is VM_PID; VM_KEY is the private key
# to log in with. From outside there is no event to wait for, so waits look every VM_TICK seconds, with a deadline.

QEMU=${QEMU:-scripts/qemu}
VM_LOCK=${VM_LOCK:-build/qemu.lock}
VM_TICK=0.1
VM_DIR='' VM_PID='' VM_PORT='' VM_MARK=1 VM_STARTED=0
VM_KEY=${VM_KEY:-} VM_USER=${VM_USER:-rancher}
# Where sshd is, and what leads there (ip netns exec …); by default the port that QEMU forwards.
VM_HOST=127.0.0.1 VM_ENTER=()
# Percent: how much more time everything takes than on an idle machine of the kind that the limits are meant for.
export VM_SLOWNESS=${VM_SLOWNESS:-100}

# Milliseconds of the wall clock.
vm_now() {
	local t=${EPOCHREALTIME/[.,]/}
	printf '%s\n' $((t / 1000))
}

# vm_start DIR OPTIONS…: boots a machine with these options of scripts/qemu. The lock keeps machines from being
# timed while another one runs; QEMU inherits it, so it is free again exactly when QEMU has ended.
vm_start() {
	# One that did not go down when it was asked to must not hold up all that follows.
	vm_stop
	VM_DIR=$1
	shift
	rm -rf "$VM_DIR"
	mkdir -p "$VM_DIR" "$(dirname "$VM_LOCK")"
	exec {VM_LOCK_FD}>"$VM_LOCK"
	flock "$VM_LOCK_FD"
	"$QEMU" --serial "socket:$VM_DIR/serial" --monitor "$VM_DIR/monitor.sock" --ssh 0 \
		"$@" </dev/null >"$VM_DIR/qemu.log" 2>&1 &
	VM_PID=$!
	exec {VM_LOCK_FD}>&-
	VM_PORT='' VM_MARK=1
	# shellcheck disable=SC2034 # For whoever sources this.
	VM_STARTED=$(vm_now)
	local end=$((SECONDS + 20))
	until [[ -S $VM_DIR/monitor.sock && -e $VM_DIR/serial.log ]]; do
		if ! vm_alive || ((SECONDS >= end)); then
			vm_say "QEMU did not start: $(tail -n 1 "$VM_DIR/qemu.log")"
			return 1
		fi
		sleep "$VM_TICK"
	done
}

vm_say() {
	printf '%s\n' "$*" >&2
}

vm_alive() {
	[[ -n $VM_PID ]] && kill -0 "$VM_PID" 2>/dev/null
}

# vm_wait SECONDS WHAT COMMAND…: until COMMAND succeeds; fails when the time is over or the machine has ended.
vm_wait() {
	local what=$2 seconds=$(($1 * VM_SLOWNESS / 100))
	local end=$((SECONDS + seconds))
	shift 2
	until "$@" >/dev/null 2>&1; do
		if ! vm_alive; then
			vm_say "the machine ended while waiting for $what"
			return 1
		fi
		if ((SECONDS >= end)); then
			vm_say "no $what within $seconds s"
			return 1
		fi
		sleep "$VM_TICK"
	done
}

# What the serial line said since the last vm_mark, without carriage returns and colours.
vm_serial() {
	tail -c "+$VM_MARK" "$VM_DIR/serial.log" | sed 's/\x1b\[[0-9;?]*[a-zA-Z]//g; s/\r//g'
}

# Forget what the serial line said so far: the machine is about to boot again, or is given a command.
vm_mark() {
	VM_MARK=$(($(stat -c %s "$VM_DIR/serial.log") + 1))
}

vm_serial_has() {
	# All of it is read: at an early end the writers' SIGPIPE would be the pipe's status.
	vm_serial | grep -a -E -e "$1" >/dev/null
}

vm_wait_serial() {
	vm_wait "$2" "'$1' on the serial line" vm_serial_has "$1"
}

# Types a line on the serial line.
vm_serial_type() {
	printf '%s\r' "$*" | socat -t 0.3 - "UNIX-CONNECT:$VM_DIR/serial" >/dev/null
}

# One command of QEMU's monitor; prints what it says.
vm_monitor() {
	printf '%s\n' "$*" | socat -t 0.5 - "UNIX-CONNECT:$VM_DIR/monitor.sock" |
		tr -d '\r' | grep -a -v -e '^QEMU ' -e '^(qemu)'
}

# The QEMU name of the key that writes a character on a US keyboard.
vm_key_name() {
	case $1 in
	[a-z0-9]) printf '%s' "$1" ;;
	[A-Z]) printf 'shift-%s' "${1,}" ;;
	' ') printf spc ;;
	'-') printf minus ;;
	'_') printf shift-minus ;;
	'=') printf equal ;;
	'+') printf shift-equal ;;
	'.') printf dot ;;
	',') printf comma ;;
	'/') printf slash ;;
	'?') printf shift-slash ;;
	';') printf semicolon ;;
	':') printf shift-semicolon ;;
	"'") printf apostrophe ;;
	'"') printf shift-apostrophe ;;
	'|') printf shift-backslash ;;
	\\) printf backslash ;;
	'>') printf shift-dot ;;
	'<') printf shift-comma ;;
	'&') printf shift-7 ;;
	'$') printf shift-4 ;;
	'*') printf shift-8 ;;
	'(') printf shift-9 ;;
	')') printf shift-0 ;;
	*) return 1 ;;
	esac
}

# Types a line on the machine's keyboard, key by key, as a person would at 20 keys a second.
vm_keyboard() {
	local text=$1 i key
	{
		for ((i = 0; i < ${#text}; i++)); do
			key=$(vm_key_name "${text:i:1}") || vm_say "no key for '${text:i:1}'"
			printf 'sendkey %s 20\n' "$key"
			sleep 0.05
		done
		printf 'sendkey ret 20\n'
	} | socat -t 0.5 - "UNIX-CONNECT:$VM_DIR/monitor.sock" >/dev/null
}

# The loopback port that QEMU forwards to the machine's sshd; QEMU chose it, its monitor tells.
vm_port() {
	[[ -n $VM_PORT ]] || VM_PORT=$(vm_monitor info usernet | awk '/HOST_FORWARD/ && $6 == 22 { print $4; exit }')
	[[ -n $VM_PORT ]]
}

# All sessions share one connection, because a key exchange takes the emulator a second.
vm_ssh_options() {
	printf '%s\n' -F none -i "$VM_KEY" -o IdentitiesOnly=yes -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o "ConnectTimeout=${VM_CONNECT:-15}" -o BatchMode=yes \
		-o ServerAliveInterval=5 -o ServerAliveCountMax=6 \
		-o ControlMaster=auto -o "ControlPath=$VM_DIR/ssh.sock" -o ControlPersist=120
}

# vm_ssh COMMAND: runs it in the machine as VM_USER; standard input is passed on only by vm_put.
vm_ssh() {
	vm_put "$@" </dev/null
}

vm_put() {
	vm_port || return 1
	local options
	mapfile -t options < <(vm_ssh_options)
	"${VM_ENTER[@]}" ssh "${options[@]}" -p "$VM_PORT" "$VM_USER@$VM_HOST" "$@"
}

vm_wait_ssh() {
	VM_CONNECT=$((3 * VM_SLOWNESS / 100)) vm_wait "$1" "log-in by SSH" vm_ssh true
}

# The shared connection does not survive a reboot.
vm_ssh_drop() {
	[[ ! -S $VM_DIR/ssh.sock ]] || ssh -F none -o "ControlPath=$VM_DIR/ssh.sock" -O exit x 2>/dev/null || true
	rm -f "$VM_DIR/ssh.sock"
}

vm_ended() {
	! kill -0 "$VM_PID" 2>/dev/null
}

# vm_wait_end SECONDS: until the machine has powered itself off.
vm_wait_end() {
	local seconds=$(($1 * VM_SLOWNESS / 100))
	local end=$((SECONDS + seconds))
	until vm_ended; do
		if ((SECONDS >= end)); then
			vm_say "the machine still runs after $seconds s"
			return 1
		fi
		sleep "$VM_TICK"
	done
	vm_ssh_drop
	wait "$VM_PID" 2>/dev/null || true
	VM_PID=''
}

# Ends the machine whatever it does; its files stay.
vm_stop() {
	[[ -n $VM_PID ]] || return 0
	vm_ssh_drop
	kill "$VM_PID" 2>/dev/null || true
	local end=$((SECONDS + 5))
	until vm_ended || ((SECONDS >= end)); do
		sleep "$VM_TICK"
	done
	kill -9 "$VM_PID" 2>/dev/null || true
	wait "$VM_PID" 2>/dev/null || true
	VM_PID=''
}
