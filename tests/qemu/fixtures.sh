# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the boot tests share: a key to log in with, a registry with an image in it, and seeds. Made once by the runner
# in build/test, found by each case.

FIX=build/test
IMAGE_NAME=busybox:latest

# With --direct the system image is the first disk and the first --disk the second.
STATE_ON_VDB="rancher.state.dev=LABEL=RANCHER_STATE rancher.state.autoformat=[/dev/vdb]"

# The registry's address as a machine under test sees it.
registry_address() {
	printf '10.0.2.2:%s' "$(<"$FIX/registry/port")"
}

image() {
	printf '%s/%s' "$(registry_address)" "$IMAGE_NAME"
}

# User-data that uses every key of the agent; asserts.sh looks at what came of it.
good_user_data() {
	cat <<-EOF
		#cloud-config
		hostname: tester
		ssh_authorized_keys:
		  - $(<"$FIX/id.pub")
		write_files:
		  - path: /etc/test/plain
		    content: |
		      a plain file
		    permissions: "0640"
		    owner: rancher:docker
		  - path: /etc/test/base64
		    encoding: b64
		    content: YSBiYXNlNjQgZmlsZQo=
		  - path: /etc/test/gzip
		    encoding: gz+b64
		    permissions: 0600
		    content: $(printf 'a gzip file\n' | gzip -n | base64 -w 0)
		runcmd:
		  - echo "runcmd in \$(hostname)" >/run/test-shell
		  - [sh, -c, "test -e /run/docker-done; echo \$? >/run/test-docker-during-runcmd"]
		  - [touch, /run/test-list]
		rancher:
		  sysctl:
		    vm.max_map_count: 262145
		  modules: [tun]
		  shutdown_timeout: 20
		  docker:
		    insecure_registry: ["$(registry_address)"]
		  services:
		    greeter:
		      image: $(image)
		      command: echo hello from a user service
		      labels:
		        made.by: user-data
	EOF
}

# A value of the wrong type in the middle of a document that is otherwise right, and a line that is no YAML.
bad_user_data() {
	cat <<-EOF
		#cloud-config
		hostname: tester
		ssh_authorized_keys:
		  - $(<"$FIX/id.pub")
		runcmd: [ "unclosed
		rancher:
		  docker: {
	EOF
}

# A seed whose label is intact and whose directories and files are noise.
damage_seed() {
	cp "$1" "$2"
	head -c $(($(stat -c %s "$1") - 20 * 2048)) /dev/urandom |
		dd of="$2" bs=2048 seek=20 conv=notrunc status=none
}

fixtures_make() {
	mkdir -p "$FIX" || return 1
	if [[ ! -s $FIX/id ]]; then
		ssh-keygen -q -t ed25519 -N '' -C boot-test -f "$FIX/id" || return 1
	fi
	scripts/registry start "$FIX/registry" &&
		scripts/registry push "$FIX/registry" "$IMAGE_NAME" sh &&
		good_user_data >"$FIX/good.yml" &&
		bad_user_data >"$FIX/bad.yml" &&
		scripts/seed "$FIX/good.iso" --user-data "$FIX/good.yml" &&
		scripts/seed "$FIX/bad.iso" --user-data "$FIX/bad.yml" &&
		damage_seed "$FIX/good.iso" "$FIX/damaged.iso"
}

# Limits in seconds mean a machine on which the kernel and PID 1 say their first word 3 s after QEMU's start. One that
# is slower, or busy, is given as much more time, four times at the most; it says so.
calibrate() {
	local took
	vm_start "$FIX/calibrate" --memory 512 && vm_wait_serial '^ocicat: OcicatOS' 60 || return 1
	took=$(($(vm_now) - VM_STARTED))
	vm_stop
	VM_SLOWNESS=$((took / 30))
	((VM_SLOWNESS >= 100)) || VM_SLOWNESS=100
	((VM_SLOWNESS <= 400)) || VM_SLOWNESS=400
	printf '# PID 1 spoke after %s ms: time limits are %s %% of the usual\n' "$took" "$VM_SLOWNESS"
}

fixtures_end() {
	scripts/registry stop "$FIX/registry"
}

# blank_disk FILE SIZE: an empty disk.
blank_disk() {
	rm -f "$1"
	truncate -s "$2" "$1"
}

# web_start DIR [TLS]: a web server on the host, 10.0.2.2:$WEB_PORT to machines; whoever starts it ends WEB_PID. What was
# asked for stands in DIR.log. With TLS, a folder with cert.pem and key.pem, it speaks https.
web_start() {
	local try listen=TCP-LISTEN options=bind=127.0.0.1,reuseaddr,fork
	[[ -z ${2-} ]] || listen=OPENSSL-LISTEN options+=,verify=0,cert=$2/cert.pem,key=$2/key.pem
	: >"$1.log"
	for try in 1 2 3 4 5; do
		WEB_PORT=$((30000 + RANDOM % 10000))
		socat "$listen:$WEB_PORT,$options" "EXEC:tests/qemu/web $1" 2>"$1.err" &
		WEB_PID=$!
		sleep 0.3
		! kill -0 "$WEB_PID" 2>/dev/null || return 0
	done
	return 1
}
