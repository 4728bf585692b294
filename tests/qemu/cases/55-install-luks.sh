# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# An encrypted state. Installed with a key file; the disk that has the key is away at first: the console asks, refuses
# another passphrase, shows none, and takes Ctrl-D for no. With the key's disk nobody is asked.

word='open sesame 7'
serial=(--memory 1024 --boot-disk)

key_disk() {
	blank_disk "$WORK/keys" 8M &&
		mkfs.vfat -n KEYS "$WORK/keys" >/dev/null && printf %s "$word" >"$WORK/state.key" &&
		mcopy -i "$WORK/keys" "$WORK/state.key" ::/state.key
}

# answers TEXT REGEX: what the console says after TEXT was typed.
answers() {
	vm_mark
	vm_serial_type "$1"
	vm_wait_serial "$2" 120
}

on_luks() {
	check "$1: the state is on the opened device" guest_has '^LABEL=RANCHER_STATE /dev/(mapper/luks-vda2|dm-0) ext4' \
		'cat /run/ros/state'
	check "$1: it is configured" guest_is 'sealed' hostname
	check "$1: the partition is LUKS2" guest_has 'Version:[[:space:]]+2' 'sudo cryptsetup luksDump /dev/vda2'
}

blank_disk "$WORK/disk" 4G
need "a disk with a key" key_disk
printf '#cloud-config\nhostname: sealed\nssh_authorized_keys:\n  - %s\n' "$(<"$FIX/id.pub")" >"$WORK/config.yml"
need "starts" vm_start "$WORK/vm" --iso build/ocicat.iso --memory 1024 --seed "$FIX/good.iso" --disk "$WORK/disk" \
	--disk "$WORK/keys"
need "log-in by SSH" vm_wait_ssh 240
vm_put 'cat >config.yml' <"$WORK/config.yml"
need "ros install" guest_has '/dev/vda is installed' 'sudo ros install -d /dev/vda -c config.yml \
	--key-file LABEL=KEYS:/state.key -a console=ttyS0,115200 -f --no-reboot'
check "poweroff" powers_off 20
check "the key is not on the disk" equal "$(tr -d '\0' <"$WORK/disk" | grep -c -a -F "$word")" 0

need "starts without the key's disk" vm_start "$WORK/asked" "${serial[@]}" --disk "$WORK/disk"
need "it asks" vm_wait_serial 'Passphrase for /dev/vda2' 180
check "another passphrase is refused" answers 'open sesame 8' 'That is not it. Passphrase for /dev/vda2'
check "the right one is taken" answers "$word" 'state: LABEL=RANCHER_STATE'
check "none was shown" eval '! grep -a -q "open sesame" "$VM_DIR/serial.log"'
need "user Docker answers" wait_docker 240
on_luks asked
check "what the key file lacked is told" guest_has 'no device LABEL=KEYS' 'cat /run/ros/messages'
truncate -s 6G "$WORK/disk"
check "poweroff of the asked machine" powers_off 25

need "starts with the key's disk" vm_start "$WORK/key" "${serial[@]}" --disk "$WORK/disk" --disk "$WORK/keys"
need "user Docker answers, and nobody was asked" wait_docker 240
on_luks key
check "the state has grown with the disk" guest_has '^[45][0-9]{3}$' "df -m /state | tail -n 1 | awk '{ print \$2 }'"
check "poweroff of the machine with a key" powers_off 25

need "starts without it again" vm_start "$WORK/refused" "${serial[@]}" --disk "$WORK/disk"
need "it asks again" vm_wait_serial 'Passphrase for /dev/vda2' 180
vm_mark
printf '\004' | socat -t 0.3 - "UNIX-CONNECT:$VM_DIR/serial" >/dev/null
check "Ctrl-D: it goes on without the state" vm_wait_serial 'state: ram' 60
