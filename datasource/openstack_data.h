/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenStack's files (meta_data.json and its companions), which config-drives hold and the metadata
 * service serves, brought into a payload. Pure.
 */
#pragma once

#include <stdbool.h>

#include "datasource/datasource.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* The files of one version's directory, and EC2's meta-data.json beside it. */
enum openstack_data_file {
	OPENSTACK_META,
	OPENSTACK_USER,
	OPENSTACK_VENDOR,
	OPENSTACK_VENDOR2,
	OPENSTACK_NETWORK,
	OPENSTACK_EC2,
	OPENSTACK_N_FILES
};

/* So many files may be injected. */
#define OPENSTACK_CONTENTS 32

struct openstack_data {
	struct buf file[OPENSTACK_N_FILES];
	bool has[OPENSTACK_N_FILES];
};

/* How files outside of the version's directory are read ("openstack/content/0000"). */
struct openstack_data_content {
	int (*read)(void *arg, const char *path, struct buf *b, struct error *err);
	void *arg;
};

/* Versions, newest first; the last is "latest". NULL-terminated. */
extern const char *const openstack_data_versions[];
/* "meta_data.json", … without the version's directory. */
const char *openstack_data_name(enum openstack_data_file file);
void openstack_data_init(struct openstack_data *d);
void openstack_data_done(struct openstack_data *d);
#define AUTO_OPENSTACK CLEANUP(openstack_data_done)
/* Fill `ret` from the files: user-data byte by byte (taken over), network_data.json as kind
 * "openstack", else the ENI text of network_config. meta_data.json keeps all its keys and gets
 * NoCloud's (instance-id from uuid, else `fallback_id`; local-hostname, availability-zone,
 * public-keys; from EC2's file instance-type and addresses) and "injected-files", a list of {path,
 * content, encoding: b64}. An empty meta_data.json is empty metadata; one that does not parse is
 * -EBADMSG with its place. */
int openstack_data_convert(struct openstack_data *d, const char *fallback_id,
			   const struct openstack_data_content *content,
			   struct datasource_payload *ret, struct error *err) MUST_CHECK;
