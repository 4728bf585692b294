/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a machine's metadata and user-data come from. A driver is one file and one row in
 * registry.c; it says from facts alone (struct machine) whether its source is here, and fetches raw
 * bytes, which are cached before anyone parses them. Clouds that are told by DMI strings have no
 * detect function but rows in platform.c, and those that speak plain JSON over HTTP are rows in
 * cloud_rows.c.
 */
#pragma once

#include "datasource/machine.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* No file of a source may be larger. */
#define DATASOURCE_FILE_MAX (16u << 20)
#define DATASOURCE_REASON 192
/* A source that a caller gives no time has so much. */
#define DATASOURCE_BUDGET_MS 30000

enum datasource_match { DATASOURCE_NO, DATASOURCE_MAYBE, DATASOURCE_YES };

/* What speaks for a source, strongest first: of those that are surely here, the one with the
 * strongest clue is taken, then the first of the table. */
enum datasource_stage {
	DATASOURCE_BY_CMDLINE,	/* the kernel line, or a DMI serial, names it */
	DATASOURCE_BY_LIST,	/* rancher.cloud_init.datasources names it */
	DATASOURCE_BY_SEED,	/* a seed directory */
	DATASOURCE_BY_MEDIUM,	/* a labelled medium */
	DATASOURCE_BY_PLATFORM, /* DMI strings and their like name the cloud */
	DATASOURCE_BY_CHANNEL,	/* the hypervisor's own channel has data: guestinfo */
};

struct datasource_clue {
	enum datasource_match match;
	enum datasource_stage stage;	/* of a match that is not NO */
	char reason[DATASOURCE_REASON]; /* a clause: "DMI sys_vendor is Hetzner" */
};

/* The files of a payload, by their NoCloud names; every source is brought into this form: meta-data
 * is YAML or JSON with NoCloud's and EC2's keys (instance-id, local-hostname, public-keys, region,
 * availability-zone, instance-type, public-ipv4, local-ipv4), see meta.h;
 * "injected-files" is a list of write_files' entries. */
enum datasource_part {
	DATASOURCE_META_DATA,
	DATASOURCE_USER_DATA,
	DATASOURCE_VENDOR_DATA,
	DATASOURCE_NETWORK_CONFIG,
	DATASOURCE_N_PARTS
};

/* A password that a platform gives once, for the default user. In memory alone: it is never cached
 * and never in a message. */
struct datasource_password {
	char text[128];	    /* "" for none */
	char server[128];   /* who gave it, */
	char interface[16]; /* and by which card; "" for the routing table's choice */
};

struct datasource_payload {
	char source[32];               /* the driver's name: "nocloud" */
	char where[DATASOURCE_REASON]; /* "/dev/sr0 (iso9660, label cidata)" */
	char warning[DATASOURCE_REASON]; /* what its owner should know: a clause, or "" */
	struct buf part[DATASOURCE_N_PARTS];
	bool has[DATASOURCE_N_PARTS];  /* an absent part is not the same as an empty one */
	struct datasource_password password;
};

/* What a fetch is given. Zero but for machine: the source as its cloud has it. */
struct datasource_ctx {
	const struct machine *machine;
	const char *arg;      /* what stands behind the colon of NAME:ARG, or NULL */
	const char *base_url; /* in place of the service's scheme, host and port, or NULL */
	bool allow_loopback;  /* a URL of the user's may lead to loopback and link-local: tests */
	bool require_tls;     /* rancher.cloud_init.require_tls */
	bool allow_http_seed; /* rancher.cloud_init.allow_http_seed */
	bool clear_guestinfo; /* rancher.cloud_init.clear_guestinfo */
	int64_t deadline;     /* clock_ms() by which the whole must be done; 0: */
	int64_t budget_ms;    /* so long from the moment when the network is there; 0: 30 s */
	/* Brings the network up, where it is not; called before the first packet. Or NULL. */
	int (*network)(void *arg, struct error *err);
	void *network_arg;
};

struct datasource {
	const char *name;
	/* Only reachable when the network is up. */
	bool needs_network;
	/* Its service answers nobody but link-local addresses. */
	bool link_local;
	/* Looks at facts only, never at the network; NULL: platform.c has rows. The clue is all
	 * zeros (no, without a reason) before. */
	void (*detect)(const struct machine *m, struct datasource_clue *ret);
	/* -ENODATA: not here after all; -ETIMEDOUT and -EAGAIN: here, does not answer (now); any
	 * other failure: here, but broken. */
	int (*fetch)(const struct datasource_ctx *c, struct datasource_payload *ret,
		     struct error *err);
	/* Called when what was fetched has been applied and is remembered on the state disk: a
	 * source that can forget its secrets does so now. NULL: nothing to do. */
	int (*used)(const struct datasource_ctx *c, const struct datasource_payload *p,
		    struct error *err);
};

/* "meta-data", "user-data", … */
const char *datasource_part_name(enum datasource_part part);
void datasource_payload_done(struct datasource_payload *p);
#define AUTO_PAYLOAD CLEANUP(datasource_payload_done)
/* One more thing that its owner should know, behind those that are there. */
void datasource_warn(struct datasource_payload *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Before the first packet: have the network brought up. *ret is the deadline for the rest. */
int datasource_online(const struct datasource_ctx *c, int64_t *ret, struct error *err) MUST_CHECK;
/* A clue, with its reason. */
void datasource_clue_set(struct datasource_clue *c, enum datasource_match match,
			 enum datasource_stage stage, const char *fmt, ...) PRINTF_LIKE(4, 5);
