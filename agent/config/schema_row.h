/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a row of the schema is. Rows live in tables by topic (schema_*.c); a new key is one row
 * there. A path's names are separated by dots; "*" stands for any key of a map, "[]" for any
 * item of a list. A map without rows below it takes any key.
 */
#pragma once

#include <stdint.h>

#include "lib/attr.h"

/* Kinds of values; several may be joined. X(NAME, what it must be, an example) */
#define SCHEMA_KINDS(X)                                                                  \
	X(MAP, "a map (lines of \"key: value\")", "key: value")                          \
	X(LIST, "a list", "[one, two]")                                                  \
	X(TEXT, "a single value", "text")                                                \
	X(BOOL, "true or false", "true")                                                 \
	X(INT, "a whole number", "10")                                                   \
	X(NUMBER, "a number", "1.5")                                                     \
	X(WORD, "one of its words", NULL)                                                \
	X(MODE, "octal permissions", "\"0644\"")                                         \
	X(PORT, "a port from 1 to 65535", "22")                                          \
	X(IP, "an IP address", "192.0.2.1")                                              \
	X(CIDR, "an address with the length of its network", "192.0.2.10/24")            \
	X(NET, "a network or an address", "192.0.2.0/24")                                \
	X(MAC, "a hardware address", "52:54:00:12:34:56")                                \
	X(HOST, "a host name or an IP address", "ntp.example.com")                       \
	X(HOSTNAME, "a host name (letters, digits, dashes, dots)", "box1.example.com")   \
	X(USER, "a user or group name", "alice")                                         \
	X(URL, "a URL", "https://example.com/file")                                      \
	X(PATH, "an absolute path", "/var/lib/file")                                     \
	X(BELOW, "a path without \"..\" and blanks", "machines/one")                        \
	X(DEVICE, "a device", "LABEL=DATA or /dev/vdb")                                  \
	X(DURATION, "a time", "30s or 5m")                                               \
	X(SIZE, "a size", "512m or 2GiB")                                                \
	X(ZONE, "a time zone", "Europe/Berlin")                                          \
	X(KEY, "a public SSH key", "ssh-ed25519 AAAA… name")                             \
	X(COMMAND, "a command: a text for the shell, or a list of words", "[ls, -l, /]")

enum schema_bit {
#define X(name, what, example) SCHEMA_BIT_##name,
	SCHEMA_KINDS(X)
#undef X
	SCHEMA_N_KINDS
};

enum schema_kind {
#define X(name, what, example) SCHEMA_##name = 1 << SCHEMA_BIT_##name,
	SCHEMA_KINDS(X)
#undef X
	SCHEMA_ANY = (1 << SCHEMA_N_KINDS) - 1,
};

enum schema_flag {
	SCHEMA_SECRET = 1,     /* never shown without --private, never quoted in a message */
	SCHEMA_REQUIRED = 2,   /* the map that it belongs to is nothing without it */
	SCHEMA_DEPRECATED = 4, /* still works; a warning names what to write instead */
	SCHEMA_IGNORED = 8,    /* makes no sense here; a warning names what to do instead */
	SCHEMA_LINE = 16,      /* for the kernel line: read before any file is */
};

/* How often a key is applied; rancher.cloud_init.frequency changes it. */
enum schema_when { SCHEMA_INHERIT, SCHEMA_BOOT, SCHEMA_INSTANCE, SCHEMA_ONCE };

struct schema_row {
	const char *path;     /* below each of its table's prefixes */
	unsigned kinds;       /* enum schema_kind, joined */
	const char *words;    /* of SCHEMA_WORD: "a|b|c" */
	int64_t min, max;     /* numbers: their range; lists: how many items; 0, 0 for any */
	const char *fallback; /* as YAML, when nobody sets it; NULL for none */
	unsigned flags;       /* enum schema_flag, joined */
	enum schema_when when;
	const char *old;      /* values that others took the place of, "a|b*": a warning */
	const char *instead;  /* of deprecated and ignored keys, and of old values: what to do */
	const char *help;    /* one sentence, without its full stop */
};

struct schema_table {
	const char *title;
	const char *const *prefixes; /* NULL-terminated; "" for the root */
	const struct schema_row *rows;
	size_t n;
};

/* The tables by topic, in the order in which the reference page has them. */
extern const struct schema_table schema_base, schema_files, schema_users, schema_users_one,
	schema_disks, schema_rancher, schema_state, schema_network, schema_network_nic,
	schema_docker, schema_docker_daemon, schema_service, schema_foreign;
