# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The media that hypervisors attach, each in a boot of its own: NoCloud on a FAT disk, an OpenStack config-drive, an OVF
# environment; and NoCloud from a server that the DMI serial number names. Host name and key come from the metadata, a
# file from user-data. That of the FAT disk is a message of many parts.

. tests/qemu/serve.sh

key=$(<"$FIX/id.pub")

# user_data NAME: writes a file that says which medium it came from.
user_data() {
	printf '#cloud-config\nwrite_files:\n  - path: /etc/test/medium\n    content: %s\n' "$1"
}

# boots NAME OPTION…: and shows what was on the medium.
boots() {
	local name=$1
	shift
	check "$name: starts" vm_start "$WORK/$name" --memory 512 --no-autologin "$@" || return
	check "$name: the key of the metadata opens" vm_wait_ssh 120 &&
		check "$name: host name" guest_is "from-$name" hostname &&
		check "$name: user-data" guest_is "$name" 'cat /etc/test/medium' &&
		check "$name: the source" guest_has "\"datasource\":\"${name%-*}\"" 'sudo cat /run/ros/datasource.json'
	[[ $name != nocloud ]] || assert_parts
	[[ $name != ovf ]] || check "a clock that stood at 1990 is not before the build" guest \
		'[ "$(date +%s)" -ge "$(stat -c %Y /usr/share/ros/version)" ] && grep -q "before the system.s build date" /run/ros/journal'
	vm_stop
}

# part TYPE [HEADER]: a part of a message, its text on standard input.
part() {
	printf -- '--part\nContent-Type: %s\n%s\n%s\n' "$1" "${2:+$2$'\n'}" "$(cat)"
}

# config NAME LINE: each part has a key of its own, and one that all have: the last part's counts.
config() {
	printf '#cloud-config\nfinal_message: %s\n%s\n' "$1" "$2"
}

message() {
	printf 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="part"\n\n'
	config gzip 'groups: [one]' | gzip | base64 | part application/gzip 'Content-Transfer-Encoding: base64'
	{ echo '## template: jinja' && config jinja 'ntp: {servers: ["{{ v1.local_hostname }}"]}'; } | part text/jinja2
	part text/cloud-config-archive <<-END
		#cloud-config-archive
		- type: text/cloud-config
		  content: |
		$(config archive 'resolv_conf: {searchdomains: [three]}' | sed 's/^/    /')
		- |
		  #!/bin/sh
		  echo archive >>/run/test-order
	END
	printf '#!/bin/sh\necho first >>/run/test-order\n' | part text/x-shellscript
	printf '#cloud-boothook\n#!/bin/sh\necho hook >>/run/test-order\n' | part text/cloud-boothook
	printf '#!/bin/sh\necho second >>/run/test-order\n' | part text/x-shellscript
	printf '#include\nhttp://10.0.2.2:%s/include.yml\n' "$WEB_PORT" | part text/x-include-url
	printf '#include-once\nhttp://10.0.2.2:%s/once.yml\n' "$WEB_PORT" | part text/x-include-once-url
	printf -- '--part--\n'
}

assert_parts() {
	check "a message of many parts: each is applied" guest_is '- one - from-nocloud - three UTC' \
		'for k in groups ntp.servers resolv_conf.searchdomains timezone; do sudo ros config get $k; done | xargs'
	check "the last one wins" guest_is once 'sudo ros config get final_message'
	check "the hook is first, scripts follow in their order" vm_wait 60 "scripts" guest_is \
		'hook archive first second' 'xargs </run/test-order'
	check "what is included was fetched once" equal "$(sort "$web.log" | xargs)" 'GET /include.yml GET /once.yml'
}

tree=$WORK/tree
rm -rf "$tree" && mkdir -p "$tree"/{nocloud,configdrive/openstack/latest,ovf}

printf 'instance-id: i-fat\nlocal-hostname: from-nocloud\npublic-keys: ["%s"]\n' "$key" >"$tree/nocloud/meta-data"
web=$WORK/web
rm -rf "$web" && mkdir -p "$web"
need "a web server" web_start "$web"
trap 'serve_end; kill $WEB_PID 2>/dev/null; vm_stop' EXIT
config include "$(user_data nocloud | sed 1d)" >"$web/include.yml"
config once 'timezone: UTC' >"$web/once.yml"
message >"$tree/nocloud/user-data"
blank_disk "$WORK/fat" 4M
need "a FAT disk" mkfs.vfat -n CIDATA "$WORK/fat"
need "with a seed" mcopy -i "$WORK/fat" "$tree/nocloud/meta-data" "$tree/nocloud/user-data" ::

printf '{"uuid": "u-1", "hostname": "from-configdrive", "public_keys": {"k": "%s"}}' "$key" \
	>"$tree/configdrive/openstack/latest/meta_data.json"
user_data configdrive >"$tree/configdrive/openstack/latest/user_data"
need "a config-drive" xorriso -as mkisofs -quiet -V config-2 -r -o "$WORK/config.iso" "$tree/configdrive"

cat >"$tree/ovf/ovf-env.xml" <<-END
	<?xml version="1.0" encoding="UTF-8"?>
	<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1">
	<PropertySection><Property oe:key="hostname" oe:value="from-ovf"/><Property oe:key="public-keys" oe:value="$key"/>
	<Property oe:key="user-data" oe:value="$(user_data ovf | base64 -w 0)"/></PropertySection></Environment>
END
need "an OVF disc" xorriso -as mkisofs -quiet -V 'OVF ENV' -J -r -o "$WORK/ovf.iso" "$tree/ovf"

boots nocloud --disk "$WORK/fat"
boots configdrive --seed "$WORK/config.iso"
boots ovf --seed "$WORK/ovf.iso" -- -rtc base=1990-01-01

mkdir -p "$tree/net"
sed 's/i-fat/i-net/; s/from-nocloud/from-nocloud-net/' "$tree/nocloud/meta-data" >"$tree/net/meta-data"
user_data nocloud-net >"$tree/net/user-data"
need "a server of files" serve "$tree/net" --verbose
boots nocloud-net --append rancher.cloud_init.allow_http_seed=true -- -smbios "type=1,serial=ds=nocloud;s=http://10.0.2.2:$SERVE_PORT/"
check "the server was asked once for each file" equal "$(grep -c ' 200$' "$WORK/serve")" 2
serve_end
