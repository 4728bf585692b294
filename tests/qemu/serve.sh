# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# A metadata server of ours for a case: `ros datasource serve` on a port of the kernel's choice. Sourced by a case, which
# ends it with serve_end.

SERVE_PID='' SERVE_PORT=''

# serve FOLDER OPTION…: shows the folder at 127.0.0.1:SERVE_PORT; what it says is in WORK/serve.
serve() {
	local folder=$1 tries=100
	shift
	# The port of an earlier run is not this one's.
	rm -f "$WORK/serve"
	build/ros datasource serve "$folder" --listen 127.0.0.1:0 "$@" >"$WORK/serve" 2>&1 &
	SERVE_PID=$!
	until SERVE_PORT=$(grep -s -m 1 -o -E '[0-9]+$' "$WORK/serve"); do
		((tries-- > 0)) || return 1
		sleep "$VM_TICK"
	done
}

serve_end() {
	[[ -z $SERVE_PID ]] || kill "$SERVE_PID"
	SERVE_PID=''
}
