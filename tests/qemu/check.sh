# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Assertions of the boot tests. Each prints one line, "ok CASE: NAME" or "not ok CASE: NAME: why", where why is the
# last line that the command printed. Commands run in the case's own shell: they set its variables, so they chain
# their steps with && (set -e would be off inside them).

CASE=${CASE:-case}
CHECK_FAILED=0

# check NAME COMMAND…
check() {
	local name=$1 out=$WORK/check.out begun took why
	shift
	begun=$(vm_now)
	if "$@" >"$out" 2>&1; then
		took=$(($(vm_now) - begun))
		printf 'ok %s: %s (%d.%d s)\n' "$CASE" "$name" $((took / 1000)) $((took % 1000 / 100))
		return 0
	fi
	why=$(grep -a . "$out" | tail -n 1 | tr -d '\r')
	printf 'not ok %s: %s: %s\n' "$CASE" "$name" "${why:-no output}"
	sed 's/^/# /' "$out" | tail -n 30 >&2
	CHECK_FAILED=1
	return 1
}

# need NAME COMMAND…: a check without which the rest of the case makes no sense.
need() {
	check "$@" && return 0
	if [[ -s $VM_DIR/serial.log ]]; then
		printf '# the end of %s:\n' "$VM_DIR/serial.log" >&2
		vm_serial | tail -n 25 | cut -c 1-200 | sed 's/^/# /' >&2
	fi
	vm_stop
	exit 1
}

# What a comparison shows when it fails.
equal() {
	[[ $1 == "$2" ]] || {
		printf "is '%s', not '%s'\n" "$1" "$2"
		return 1
	}
}

# contains TEXT REGEX
contains() {
	grep -q -E -e "$2" <<<"$1" || {
		printf "no '%s' in: %s\n" "$2" "$(tail -n 3 <<<"$1" | tr '\n' ' ')"
		return 1
	}
}

at_most() {
	(($1 <= $2)) || {
		printf '%s, more than %s\n' "$1" "$2"
		return 1
	}
}

# patient NUMBER: a time limit, for the machine that this runs on.
patient() {
	printf '%s\n' $(($1 * VM_SLOWNESS / 100))
}

median() {
	printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

largest() {
	printf '%s\n' "$@" | sort -n | tail -n 1
}
