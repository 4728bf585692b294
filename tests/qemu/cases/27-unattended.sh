# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Nobody is there. A machine with an empty disk, which even comes late, boots by its network card's own iPXE: the script
# by TFTP, what it names by HTTP. EC2-style metadata tells it to install itself; it goes on from its disk by kexec. The disk
# boots alone, as it was configured; when the machine boots from the network again it does not install again.

. tests/qemu/serve.sh
trap 'serve_end; vm_stop' EXIT

# What TFTP shows is the first script alone, so that all else can only have come by HTTP.
network_folders() {
	rm -rf "$WORK/tftp" "$WORK/http" "$WORK/metadata"
	mkdir -p "$WORK/tftp" "$WORK/http" "$WORK/metadata" &&
		printf '#!ipxe\nchain http://169.254.10.9/system.ipxe\n' >"$WORK/tftp/boot.ipxe" &&
		ln -f build/vmlinuz build/initrd build/system.cpio build/system.ipxe "$WORK/http/"
}

# The instance's metadata, on a port of the kernel's choice.
metadata() {
	printf 'instance-id: i-0123456789abcdef0\nlocal-hostname: unattended\npublic-keys: ["%s"]\n' "$(<"$FIX/id.pub")" \
		>"$WORK/metadata/meta-data" || return
	cat >"$WORK/metadata/user-data" <<-END
		#cloud-config
		write_files:
		  - path: /etc/test/unattended
		    content: by metadata
		rancher:
		  install: {device: auto, match: {min_size: 3G}, then: kexec}
	END
	serve "$WORK/metadata" --verbose --require-token
}

# EC2's network, with a TFTP server and a web server.
network() {
	printf 'net=169.254.0.0/16,host=169.254.10.2,dhcpstart=169.254.10.15,dns=169.254.10.3,'
	printf 'tftp=%s/tftp,bootfile=boot.ipxe,' "$(realpath "$WORK")"
	printf 'guestfwd=tcp:169.254.10.9:80-cmd:busybox httpd -i -h %s/http,' "$(realpath "$WORK")"
	printf 'guestfwd=tcp:169.254.169.254:80-cmd:socat - TCP:127.0.0.1:%s' "$SERVE_PORT"
}

# A slot into which a disk can be put while the machine runs.
late_disk=(-drive "id=late,if=none,format=raw,file=$WORK/disk" -device "pcie-root-port,id=late-port,chassis=1")
ec2=(-smbios 'type=1,manufacturer=Amazon EC2,product=t3.micro')

blank_disk "$WORK/disk" 4G
need "folders of the network" network_folders
need "a metadata service" metadata
need "starts from the network" vm_start "$WORK/vm" --boot-disk --nic virtio-net-pci,bootindex=0 --memory 1024 \
	--net "$(network)" -- "${ec2[@]}" "${late_disk[@]}"
need "the system runs from memory" vm_wait_serial 'image: ram' 240
vm_monitor device_add virtio-blk-pci,drive=late,bus=late-port
need "it installs itself and goes on from its disk" vm_wait_serial 'image: partition' 300
need "user Docker answers" wait_docker 180
check "it runs from its disk" guest_has '^partition /dev/vda1' 'cat /run/ros/image'
check "it is configured" guest_is 'unattended by metadata' 'echo $(hostname) $(cat /etc/test/unattended)'
id=$(guest 'cat /etc/machine-id')
check "poweroff" powers_off 25

need "starts from its disk, without its metadata" vm_start "$WORK/disk-boot" --boot-disk --memory 512 --disk "$WORK/disk"
need "user Docker answers there" wait_docker 180
check "it is the same machine" guest_is "$id" 'cat /etc/machine-id'
check "it is configured still" guest_is 'unattended by metadata' 'echo $(hostname) $(cat /etc/test/unattended)'
check "a reset would keep what it was installed with" guest_has 'cloud-config\.d/boot\.yml$' \
	'sudo ros reset --dry-run | sed "1,/^and kept/d"'
check "poweroff of the disk's system" powers_off 25

need "starts from the network again" vm_start "$WORK/again" --boot-disk --nic virtio-net-pci,bootindex=0 --memory 1024 \
	--net "$(network)" --disk "$WORK/disk" -- "${ec2[@]}"
need "log-in by SSH" vm_wait_ssh 240
check "it says that the disk is installed already" guest_has 'installed already' 'cat /run/ros/messages'
check "the state of the disk was left alone" guest_is "$id" \
	'sudo mkdir -p /mnt/d && sudo mount -o ro /dev/vda2 /mnt/d && cat /mnt/d/var/lib/rancher/etc/upper/machine-id'
vm_stop

# One byte of the image is another than the initrd was built for.
damaged_netboot() {
	cat build/initrd build/system.cpio >"$WORK/damaged" &&
		printf X | dd of="$WORK/damaged" bs=1 seek=$(($(stat -c %s build/initrd) + (30 << 20))) conv=notrunc status=none
}

need "an image that was damaged on the way" damaged_netboot
need "starts with it" vm_start "$WORK/refused" --boot-disk --memory 1024 -- -kernel build/vmlinuz -initrd "$WORK/damaged" \
	-append "$(grep -v '^#' os/boot/cmdline)"
check "it is refused in one line" vm_wait_serial 'image: /system.img is not the system that this initrd belongs to' 120
check "the recovery console is there" vm_wait_serial 'recovery console:' 30
vm_stop
rm -rf "$WORK/disk" "$WORK/damaged" "$WORK/http"
