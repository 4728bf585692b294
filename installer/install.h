/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the installer tell one another: what is asked for, what the disk is, what is
 * to be installed, and the plan. Each is made whole by one file, checked, and only then acted upon.
 *
 * The order of an installation is what makes it survive a power cut: the old table is wiped first
 * and the new one is written last, when all that it points to was written, flushed and read back.
 * A mark stands on the disk from the first write until after the last: a second run that finds it
 * starts anew, whatever else it finds.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/disk/luks.h"
#include "lib/disk/probe.h"
#include "lib/disk/table.h"

#define INSTALL_LABEL_BOOT  "RANCHER_BOOT"
#define INSTALL_LABEL_STATE "RANCHER_STATE"
/* Linux' own limit of the kernel line on x86. */
#define INSTALL_LINE_MAX 2048
#define INSTALL_MIB      (1ull << 20)
/* Of the path of a state's directory, with its NUL. */
#define INSTALL_STATEDIR 200

/* While an installation is under way this stands here on the disk, behind any table. */
#define INSTALL_MARK    "OcicatOS installation, unfinished\n"
#define INSTALL_MARK_AT (512u << 10)

enum install_after { INSTALL_REBOOT, INSTALL_KEXEC, INSTALL_STAY, INSTALL_POWEROFF };

/* One name of --install-type. */
struct install_type {
	const char *name;
	enum table_kind table;
	bool formats;       /* makes a table and file systems; else they are there */
	bool bios, uefi;    /* which boot loaders are written */
	bool serial;        /* the console is the serial line */
	bool seeds;         /* takes a cloud-config */
	bool mirrors;       /* two disks, and the state on an array of both */
	const char *append; /* words of the kernel line of its own, or NULL */
	const char *refuse; /* why it is no longer to be had, or NULL */
};

/* A file that the new state begins with. */
struct install_seed {
	const char *path; /* on the state */
	const void *data;
	size_t len;
};

#define INSTALL_SEEDS 6
/* Where a cloud-config given by hand goes. */
#define INSTALL_USER_CONFIG "/var/lib/rancher/conf/cloud-config.d/user_config.yml"

/* Images for the first boot, which are written by whoever knows where they are. */
struct install_images {
	size_t n;
	uint64_t bytes; /* what they take; 0: nobody knows yet */
	int (*write)(void *arg, const char *dir, struct error *err); /* dir: of the state */
	void *arg;
};

struct install_request {
	const struct install_type *type;
	const char *device;                       /* as the user named it; below root */
	const char *partition;                    /* of the state, with noformat; or NULL */
	const char *statedir;                     /* with noformat, cleaned; "" its top; or NULL */
	const char *append;                       /* checked; NULL: as it was, without any none */
	struct install_seed seeds[INSTALL_SEEDS]; /* checked already */
	size_t n_seeds;
	const char *mirror;                       /* the second disk of an array; or NULL */
	bool second;                              /* this is it: its state is the first one's */
	bool force;
	const struct install_images *images; /* or NULL */
	const struct luks_key *key; /* the state is encrypted with it; or NULL */
	const char *key_file;       /* where the machine finds that key; NULL: it asks */
	enum install_after after;
};

/* The disk as it is now. */
struct install_disk {
	int fd;         /* read-only; -1: there is none */
	char path[512]; /* for programs: without links, not below any root */
	char name[64];  /* for people: as it was asked for */
	struct probe_disk probe;
	char usage[256]; /* who uses it; "": nobody */
	bool is_partition;
	bool unfinished;   /* an installation of ours was cut there, and nobody used it since */
	bool unknown_data; /* no signature, and yet its first MiB is not blank */
	bool pending[PROBE_PARTS]; /* the partition's ext4 has a journal to be replayed */
};

enum install_file { INSTALL_KERNEL, INSTALL_INITRD, INSTALL_SYSTEM, INSTALL_N_FILES };

/* What is to be installed. */
struct install_payload {
	struct {
		int fd;
		uint64_t size;
		char hash[65];  /* SHA-256 by the manifest; "": there is none yet */
		char from[300]; /* where it was found, for messages */
	} file[INSTALL_N_FILES];
	char version[64];
	char slot[96];       /* VERSION-HASH8: the name of its directory */
	char manifest[2048]; /* JSON */
};

/* As many versions, and entries of boot loaders, are looked at on one boot partition. */
#define INSTALL_SLOTS 64
#define INSTALL_SLOT_NAME 96

/* An entry of a boot loader. */
struct install_entry {
	char slot[INSTALL_SLOT_NAME]; /* "": there is none */
	char line[INSTALL_LINE_MAX + 1]; /* of the kernel, without what names the slot */
};

/* What is on a boot partition that stays. */
struct install_found {
	char line[INSTALL_LINE_MAX + 1];   /* of global.cfg; "": there is none */
	char append[INSTALL_LINE_MAX + 1]; /* the user's words, of an earlier --append */
	struct install_entry current, previous;
	struct {
		char name[INSTALL_SLOT_NAME];
		uint64_t size;
		bool sealed; /* it was once whole */
		bool named;  /* by an entry other than the previous version's */
	} slots[INSTALL_SLOTS];
	size_t n_slots;
	uint64_t room; /* bytes that are free; UINT64_MAX: unknown */
};

enum install_verb {
	INSTALL_RECOVER, /* the journal of a state that is there */
	INSTALL_TIDY,    /* slots that nothing needs any more */
	INSTALL_WIPE,    /* the old table and signatures */
	INSTALL_FAT,     /* the boot partition's file system */
	INSTALL_COPY,    /* kernel, initrd and image into the slot */
	INSTALL_LOADERS, /* entries and boot loaders */
	INSTALL_ARRAY,   /* of both disks' state partitions, which runs until it is synced */
	INSTALL_LUKS,    /* the state partition's container, which is open until it is synced */
	INSTALL_EXT4,    /* the state partition's file system */
	INSTALL_SEED,    /* the cloud-config */
	INSTALL_IMAGES,  /* images that the first boot loads */
	INSTALL_SYNC,    /* all of that is on the disk */
	INSTALL_VERIFY,  /* read back and compared */
	INSTALL_TABLE,   /* from here on it is an installed disk */
	INSTALL_CODE,    /* BIOS boot code in sector 0, which writing a table wipes */
	INSTALL_N_VERBS
};

struct install_step {
	enum install_verb verb;
	bool destructive;
	char what[240];
};

struct install_plan {
	bool formats; /* else the partitions are there, and stay */
	enum table_kind table;
	struct table_part parts[2]; /* boot, state */
	unsigned n_parts;
	bool bios, uefi;
	char state[80];   /* what the machine finds its state by: "LABEL=…", "UUID=…" */
	char recover[80]; /* the state's partition, whose journal is replayed first; or "" */
	char line[INSTALL_LINE_MAX + 1]; /* of the kernel, without what names the slot */
	/* Of what was on a boot partition that stays: */
	char statedir[INSTALL_STATEDIR]; /* the state is in this directory; or "" */
	char kept[INSTALL_LINE_MAX + 1]; /* words of the kernel line; for people */
	struct install_entry previous;   /* the version to go back to */
	char removed[INSTALL_SLOTS][INSTALL_SLOT_NAME];
	size_t n_removed;
	struct install_step steps[INSTALL_N_VERBS + 2];
	size_t n_steps;
};
