# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# `make run` as somebody at a terminal meets it: a summary of the boot, then the machine's console, which asks for no
# log-in; Ctrl-] ends it, and the machine with it. (CI runs it without a terminal.)

RUN_PID=''
trap '[[ -z $RUN_PID ]] || kill "$RUN_PID"' EXIT

# screen_has PATTERN: since the last thing that was typed.
screen_has() {
	tail -c "+$((typed_at + 1))" "$WORK/screen" | tr -d '\r' | grep -a -c -E -e "$1" >/dev/null
}

types() {
	typed_at=$(stat -c %s "$WORK/screen")
	printf '%b' "$1" >&3
}

run_ended() {
	! kill -0 "$RUN_PID" 2>/dev/null
}

# within SECONDS COMMAND…: it succeeds at last.
within() {
	local end=$((SECONDS + $(patient "$1")))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep "$VM_TICK"
	done
}

rm -f "$WORK/keys"
mkfifo "$WORK/keys"
exec 3<>"$WORK/keys"
: >"$WORK/screen"
typed_at=0
script -q -f -e -c 'make run' "$WORK/screen" <"$WORK/keys" >/dev/null 2>&1 3>&- &
RUN_PID=$!
need "a summary, and the console" within 400 screen_has 'press Enter for its prompt, Ctrl-\] to end it'
check "it has no hole" equal "$(grep -c '(this failed)' "$WORK/screen")" 0
check "so is what the user's container said" screen_has 'Hello from a container on'
# The line is there a moment before the terminal is.
prompted() {
	screen_has '[$#] $' || {
		types '\r'
		sleep 1
		screen_has '[$#] $'
	}
}
need "a prompt, without a log-in" within 60 prompted
types 'echo it is $((6 * 7)) here\r'
check "a command runs there" within 30 screen_has 'it is 42 here'
types '\035'
need "Ctrl-] ends it" within 90 run_ended
wait "$RUN_PID"
status=$?
RUN_PID=''
check "it ends with 0" equal "$status" 0
exec 3>&-
