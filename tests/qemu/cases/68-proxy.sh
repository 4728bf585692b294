# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# RancherOS' test HttpProxy: proxies that do not answer, so that what goes past them is seen. Both Dockers, the
# container `docker` and a log-in have them, and who is in no_proxy is reached all the same.

proxy=http://127.0.0.1:9
cat >"$WORK/user-data" <<-END
	#cloud-config
	ssh_authorized_keys: ["$(<"$FIX/id.pub")"]
	rancher:
	  network: {http_proxy: "$proxy", https_proxy: "$proxy", no_proxy: "localhost,10.0.2.2"}
	  docker: {insecure_registry: ["$(registry_address)"]}
END
need "a seed" scripts/seed "$WORK/seed.iso" --user-data "$WORK/user-data"
need "starts" vm_start "$WORK/vm" --memory 640 --no-autologin --seed "$WORK/seed.iso"
need "user Docker" wait_docker 180
infos='{{.HTTPProxy}} {{.HTTPSProxy}} {{.NoProxy}}'
check "user Docker has them" guest_is "$proxy $proxy localhost,10.0.2.2" "docker info -f '$infos'"
check "System Docker has them" guest_is "$proxy $proxy localhost,10.0.2.2" "sudo system-docker info -f '$infos'"
check "the container docker has them" guest_has "HTTP_PROXY=$proxy" "sudo system-docker inspect -f '{{.Config.Env}}' docker"
check "a log-in has them" guest_is "$proxy $proxy" 'bash -lc "echo \$http_proxy \$HTTPS_PROXY"'
check "a pull goes to the proxy" guest_has '127\.0\.0\.1:9' 'docker pull example.com/nothing 2>&1'
check "so does one of System Docker" guest_has '127\.0\.0\.1:9' 'sudo system-docker pull example.com/nothing 2>&1'
check "who is in no_proxy is reached without" guest "docker pull -q $(image)"
