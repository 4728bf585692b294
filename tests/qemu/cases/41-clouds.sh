# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Clouds without a cloud: firmware that names them, and a metadata service at the real address, each in a boot of its
# own. Then a URL on the kernel line, and a machine of no cloud, which must not ask anyone.

. tests/qemu/serve.sh
trap 'serve_end; vm_stop' EXIT

# metadata NAME: what the service shows.
metadata() {
	mkdir -p "$WORK/folder"
	cat >"$WORK/folder/meta-data" <<-END
		instance-id: i-0123456789abcdef0
		local-hostname: from-$1
		public-keys: ["$(<"$FIX/id.pub")"]
	END
	printf '#cloud-config\nwrite_files:\n  - path: /etc/test/cloud\n    content: %s\n' "$1" >"$WORK/folder/user-data"
}

# The network in which 169.254.169.254 is the service.
link() {
	printf 'net=169.254.0.0/16,host=169.254.10.2,dhcpstart=169.254.10.15,dns=169.254.10.3,'
	printf 'guestfwd=tcp:169.254.169.254:80-cmd:socat - TCP:127.0.0.1:%s' "$SERVE_PORT"
}

# boots NAME OPTION…: and is what the metadata says.
boots() {
	local name=$1
	shift
	check "$name: starts" vm_start "$WORK/$name" --memory 512 --no-autologin "$@" || return
	check "$name: the key of the metadata opens" vm_wait_ssh 120 &&
		check "$name: host name" guest_is "from-$name" hostname &&
		check "$name: user-data" guest_is "$name" 'cat /etc/test/cloud' &&
		check "$name: the source" guest_has "\"datasource\":\"$name\"" 'sudo cat /run/ros/datasource.json' &&
		check "$name: asked once" once &&
		{ ! declare -F "also_$name" >/dev/null || "also_$name"; }
	guest 'grep datasource /run/ros/journal; ip route' >"$WORK/$name/journal" 2>&1
	vm_stop
	serve_end
}

# The crawl is made once in a boot. (Of the requests that go side by side, an emulator may be too slow for one, which is
# then made again.)
# What has not answered 2.5 s after it was asked side by side with others is asked once more, alone; a connection to this
# service alone can take that long here.
once() {
	local n
	cp "$WORK/serve" "$WORK/served"
	n=$(grep -c -E '(instance/id|meta-data/instance-id|v1\.json|^GET /user-data) 200' "$WORK/serve")
	((n > 0)) && at_most "$n" 2
}

# The captured packets name 169.254.169.254 nowhere: neither as the end of one nor in a question about it.
not_asked() {
	[[ -s $WORK/none.pcap ]] && ! LC_ALL=C grep -q -a -P '\xa9\xfe\xa9\xfe' "$WORK/none.pcap"
}

metadata ec2
need "a service that wants tokens" serve "$WORK/folder" --verbose --require-token
boots ec2 --net "$(link)" -- -smbios 'type=1,manufacturer=Amazon EC2,product=t3.micro'

# comes REGEX: the service was asked for it, or soon is.
comes() {
	local end=$((SECONDS + $(patient 90)))
	until grep -q -E "$1" "$WORK/serve"; do
		((SECONDS < end)) || return 1
		sleep "$VM_TICK"
	done
}

# A key that is added while the machine runs, and the host keys that it publishes.
also_gce() {
	local other='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnLhyOM0tpmoX8Z0Vx4kZ3pHqSIJu5JrBxEkTfh6nEr added'
	sed "s|^public-keys: \[|&'$other', |" "$WORK/folder/meta-data" >"$WORK/meta-data"
	check "gce: the metadata is followed" comes 'GET /computeMetadata/v1/\?' &&
		mv "$WORK/meta-data" "$WORK/folder/meta-data" &&
		check "gce: a key that is added arrives" guest_has '^ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnLhyOM0' \
			'for i in $(seq 300); do grep added ~/.ssh/authorized_keys && break; sleep 0.2; done' &&
		check "gce: the host key is published" comes 'PUT .*/guest-attributes/hostkeys/ssh-ed25519 200'
}

metadata gce
printf 'enable-guest-attributes: "true"\n' >>"$WORK/folder/meta-data"
printf 'rancher: {cloud_init: {watch: true}}\n' >>"$WORK/folder/user-data"
need "a service" serve "$WORK/folder" --verbose
boots gce --net "$(link)" -- -smbios 'type=1,manufacturer=Google,product=Google Compute Engine'

# The address that it asked from was for that alone, and left without trouble.
also_digitalocean() {
	check "digitalocean: no address but the lease's" guest_is 169.254.10.15/16 \
		"ip -4 -o address show dev eth0 | awk '{ print \$4 }'; grep early-network /run/ros/journal | grep warning"
}

metadata digitalocean
need "a service" serve "$WORK/folder" --verbose
boots digitalocean --net "$(link)" -- -smbios 'type=1,manufacturer=DigitalOcean,product=Droplet,serial=1'

# A URL has no metadata: the key is in user-data.
metadata cmdline
need "a service" serve "$WORK/folder" --verbose
printf 'hostname: from-cmdline\nssh_authorized_keys: ["%s"]\n' "$(<"$FIX/id.pub")" >>"$WORK/folder/user-data"
boots cmdline --append "cloud-config-url=http://10.0.2.2:$SERVE_PORT/user-data"

# Not one packet to the clouds' address, and nothing waits.
if check "no cloud: starts" vm_start "$WORK/none" --memory 512 --seed "$FIX/good.iso" -- \
	-object "filter-dump,id=dump,netdev=net,file=$WORK/none.pcap"; then
	check "no cloud: SSH" vm_wait_ssh 120 &&
		check "no cloud: the seed is taken at once" guest_has 'nocloud: answered after [0-9]{1,4} ms' \
			'cat /run/ros/journal'
	vm_stop
	check "no cloud: nobody is asked" not_asked
fi
