# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A boot that cannot go on ends in the recovery console: it says why, a stated way in works, and it can be left.

# What a shell there says to a line that is typed. The boot that goes on writes behind its prompt: a prompt need not be
# the end of a line.
recovery_says() {
	vm_mark
	vm_serial_type "$1"
	vm_wait_serial "$2" 20
}

need "starts without its system image" vm_start "$WORK/none" --direct --append 'rancher.image=LABEL=NOWHERE'
need "recovery console" vm_wait_serial 'recovery console: image:' 90
check "it says what was looked for and what was there" vm_serial_has 'NOWHERE.*vda'
check "a shell" recovery_says 'echo sh""ell' '^shell'
check "the log is there" recovery_says 'cat /run/ros/journal' '"unit":"image"'
vm_serial_type poweroff
check "poweroff" vm_wait_end 20

blank_disk "$WORK/disk" 1G
need "asked for on the kernel line" vm_start "$WORK/asked" --direct --no-autologin --disk "$WORK/disk" \
	--append "rancher.recovery=true rancher.password=let-me-in $STATE_ON_VDB"
need "recovery console on request" vm_wait_serial 'recovery console:' 90
check "it asks for the password" vm_wait_serial 'assword' 20
vm_mark
vm_serial_type wrong
check "a wrong one is refused" vm_wait_serial 'assword' 20
check "the right one opens it" recovery_says let-me-in 'recovery# '
vm_serial_type resume
check "resume goes on with the boot" vm_wait_serial 'login: ' 120
vm_stop

# A console that cannot be made: the boot goes on, and there is a way in all the same.
cat >"$WORK/console.yml" <<-EOF
	#cloud-config
	ssh_authorized_keys:
	  - $(<"$FIX/id.pub")
	rancher:
	  services:
	    console:
	      image: ocicatos/os-console:\${VERSION}
	      command: --host ros console
	      net: container:nobody
	      labels:
	        io.rancher.os.scope: system
	        io.rancher.os.console: default
EOF
need "a seed" scripts/seed "$WORK/console.iso" --user-data "$WORK/console.yml"
need "starts with a console that cannot be made" vm_start "$WORK/console" --direct --no-autologin --seed "$WORK/console.iso" \
	--append "rancher.password=let-me-in"
need "recovery console instead" vm_wait_serial 'recovery console: console: ' 150
check "it asks for the password" vm_wait_serial 'assword' 30
check "the right one opens it" recovery_says let-me-in 'recovery# '
check "sshd knows the owner's keys" vm_wait_ssh 90
check "user Docker is up" recovery_says 'timeout 100 wait-for-docker && echo answ""ers' '^answers'
