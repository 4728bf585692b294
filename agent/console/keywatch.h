/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.cloud_init.watch: SSH keys that are added to Google's metadata, taken out of it, or that
 * expire, while the machine runs.
 */
#pragma once

#include <time.h>

#include "agent/userdata/instance.h"
#include "datasource/gce_watch.h"
#include "lib/attr.h"
#include "lib/error.h"

/* While this file is there, init runs `ros boot metadata` (init/plan.c). */
#define KEYWATCH_MARK "/run/ros/watch-metadata"

struct keywatch {
	int root;
	struct machine machine;
	struct gce_watch watch;
	time_t expires; /* when the first of the keys does; 0: none does */
};

/* Make the mark if the configuration wants it and the machine can. */
void keywatch_arm(int root, const struct doc_node *config, const struct instance *in);
/* `base_url`: in place of Google's, or NULL. */
int keywatch_open(struct keywatch *k, int root, const char *base_url, struct error *err) MUST_CHECK;
void keywatch_close(struct keywatch *k);
/* Wait for a change, at most so many seconds, and bring authorized_keys up to date. *ret_changed:
 * there were other keys than before. */
int keywatch_turn(struct keywatch *k, int seconds, bool *ret_changed, struct error *err) MUST_CHECK;
/* For as long as the machine runs. */
void keywatch_run(struct keywatch *k);
