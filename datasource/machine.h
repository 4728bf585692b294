/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts by which datasources are told apart, gathered once, below a root: kernel line, DMI
 * strings, hypervisor, media, virtio ports. Nothing here asks the network.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/cmdline.h"
#include "lib/disk/probe.h"
#include "lib/error.h"

#define MACHINE_MEDIA_MAX 32
#define MACHINE_NAMES_MAX 16
#define MACHINE_TEXT 128

/* Facts that are one text; "" when there is none. */
enum machine_fact {
	MACHINE_SYS_VENDOR, /* DMI, as /sys/class/dmi/id names them */
	MACHINE_PRODUCT_NAME,
	MACHINE_PRODUCT_VERSION,
	MACHINE_PRODUCT_SERIAL,
	MACHINE_PRODUCT_UUID,
	MACHINE_CHASSIS_ASSET_TAG,
	MACHINE_BOARD_NAME,
	MACHINE_BOARD_VENDOR,
	MACHINE_BOARD_ASSET_TAG,
	MACHINE_BIOS_VENDOR,
	MACHINE_BIOS_VERSION,
	MACHINE_XEN_UUID,     /* /sys/hypervisor/uuid */
	MACHINE_PID1_PRODUCT, /* product_name= in the environment of PID 1: containers */
	MACHINE_HYPERVISOR,   /* CPUID's leaf 0x40000000: "KVMKVMKVM"; never below a --root */
	MACHINE_N_FACTS
};

struct machine {
	int root;
	char fact[MACHINE_N_FACTS][MACHINE_TEXT];
	char product_uuid[64]; /* "" when there is none, or one that many machines share */
	struct cmdline cmdline;
	struct probe media[MACHINE_MEDIA_MAX]; /* iso9660, vfat and udf; label may be "" */
	size_t n_media;
	char virtio_port[MACHINE_NAMES_MAX][MACHINE_TEXT]; /* "org.qemu.guest_agent.0" */
	size_t n_virtio_ports;
	char p9_tag[MACHINE_NAMES_MAX][MACHINE_TEXT]; /* 9p mount tags: "config-2" */
	size_t n_p9_tags;
};

/* What cannot be read is left empty: a missing fact is a fact. */
void machine_load(struct machine *m, int root);
/* "sys_vendor", … for a message. */
const char *machine_fact_name(enum machine_fact fact);
/* An id that is all zeros, all ones, or a vendor's placeholder identifies nothing. Pure. */
bool machine_is_unique_id(const char *uuid);
