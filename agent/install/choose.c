/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What sysfs says of a disk is all that a rule may ask.
 */
#include "agent/install/choose.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/modules/swapsize.h"
#include "agent/state/uevent.h"
#include "installer/steps.h"
#include "lib/clock.h"
#include "lib/disk/usage.h"
#include "lib/file.h"

/* --- the rule --- */

static int read_size(const struct doc_node *match, const char *key, uint64_t *ret,
		     struct error *err)
{
	const char *text = doc_str(match, key, NULL);

	if (text && !swapsize_parse(text, ret))
		return error_set(err, EINVAL, "rancher.install.match.%s: %s is no size (20G)", key,
				 text);
	return 0;
}

static int read_match(const struct doc_node *match, struct choose_rule *ret, struct error *err)
{
	const char *pick = doc_str(match, "pick", "only");
	int r;

	ret->id = doc_str(match, "id", NULL);
	ret->model = doc_str(match, "model", NULL);
	if (!strcmp(pick, "smallest"))
		ret->pick = CHOOSE_SMALLEST;
	else if (!strcmp(pick, "largest"))
		ret->pick = CHOOSE_LARGEST;
	else if (strcmp(pick, "only") != 0)
		return error_set(
			err, EINVAL,
			"rancher.install.match.pick: %s is none of only, smallest, largest", pick);
	r = read_size(match, "min_size", &ret->min_size, err);
	return r < 0 ? r : read_size(match, "max_size", &ret->max_size, err);
}

int choose_rule_read(const struct doc_node *install, struct choose_rule *ret, struct error *err)
{
	const char *device =
		doc_is_scalar(install) ? install->text : doc_str(install, "device", "auto");

	*ret = (struct choose_rule){ .pick = CHOOSE_ONLY };
	if (strcmp(device, "auto") != 0 && strcmp(device, "true") != 0) {
		if (strncmp(device, "/dev/", 5) != 0)
			return error_set(err, EINVAL,
					 "rancher.install.device: %s is no device (/dev/…, auto)",
					 device);
		ret->device = device;
		return 0;
	}
	return doc_is_scalar(install) ? 0 : read_match(doc_at(install, "match"), ret, err);
}

/* One that nothing could be installed on is never meant by a rule. */
static bool fits(const struct choose_rule *rule, const struct choose_disk *d)
{
	return !d->in_use && !d->read_only && d->size >= steps_disk_size(0, 512) &&
	       (!rule->id || fnmatch(rule->id, d->id, 0) == 0) &&
	       (!rule->model || fnmatch(rule->model, d->model, 0) == 0) &&
	       d->size >= rule->min_size && (!rule->max_size || d->size <= rule->max_size);
}

static bool is_better(enum choose_pick pick, const struct choose_disk *a,
		      const struct choose_disk *b)
{
	return pick == CHOOSE_SMALLEST ? a->size < b->size : a->size > b->size;
}

int choose_disk(const struct choose_rule *rule, const struct choose_disk *disks, size_t n,
		const struct choose_disk **ret, struct error *err)
{
	const struct choose_disk *best = NULL, *same = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct choose_disk *d = &disks[i];

		if (rule->device ? strcmp(d->path, rule->device) != 0 : !fits(rule, d))
			continue;
		if (!best || (rule->pick != CHOOSE_ONLY && is_better(rule->pick, d, best))) {
			best = d;
			same = NULL;
		} else if (rule->pick == CHOOSE_ONLY || d->size == best->size) {
			same = d;
		}
	}
	if (!best)
		return error_set(err, ENODATA, "rancher.install: no disk %s",
				 rule->device ? rule->device : "fits the rule");
	if (same)
		return error_set(err, ECANCELED,
				 "rancher.install: %s and %s both fit the rule (name one: "
				 "rancher.install.device)",
				 best->path, same->path);
	*ret = best;
	return 0;
}

/* --- the disks --- */

static void attribute(int root, const char *name, const char *what, char *ret, size_t size)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(256);
	char path[200];
	size_t len;

	(void)snprintf(path, sizeof(path), "/sys/class/block/%s/%s", name, what);
	if (*ret || file_read(root, path, &b, NULL) < 0)
		return;
	len = strlen(buf_text(&b));
	while (len && strchr(" \t\n", b.data[len - 1]))
		len--;
	(void)snprintf(ret, size, "%.*s", (int)len, buf_text(&b));
}

/* "mmcblk0boot0": a part of its own of an eMMC, which holds firmware and has no "partition". */
static bool is_emmc_part(const char *name)
{
	return !strncmp(name, "mmcblk", 6) && name[6 + strspn(name + 6, "0123456789")];
}

static bool is_disk(int root, const char *name)
{
	static const char *const others[] = { "loop", "ram", "zram", "sr", "fd", "dm-", "nbd" };
	char path[200];

	if (is_emmc_part(name))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (!strncmp(name, others[i], strlen(others[i])))
			return false;
	}
	(void)snprintf(path, sizeof(path), "/sys/class/block/%s/partition", name);
	return !file_exists(root, path);
}

static bool look(int root, const char *name, struct choose_disk *ret)
{
	AUTO_BUF struct buf usage = BUF_WITH_LIMIT(4096);
	char size[32] = "", read_only[8] = "";

	*ret = (struct choose_disk){ 0 };
	if (name[0] == '.' || strlen(name) > 48 || !is_disk(root, name))
		return false;
	(void)snprintf(ret->path, sizeof(ret->path), "/dev/%.48s", name);
	attribute(root, name, "size", size, sizeof(size));
	ret->size = strtoull(size, NULL, 10) * 512;
	attribute(root, name, "device/model", ret->model, sizeof(ret->model));
	attribute(root, name, "wwid", ret->id, sizeof(ret->id));
	attribute(root, name, "device/wwid", ret->id, sizeof(ret->id));
	attribute(root, name, "device/serial", ret->id, sizeof(ret->id));
	attribute(root, name, "serial", ret->id, sizeof(ret->id));
	attribute(root, name, "ro", read_only, sizeof(read_only));
	ret->read_only = read_only[0] == '1';
	usage_find(root, ret->path, &usage);
	ret->in_use = usage.len > 0;
	return ret->size > 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

size_t choose_list(int root, struct choose_disk disks[CHOOSE_DISKS])
{
	AUTO_CLOSE int dir = -1;
	struct dirent **list = NULL;
	size_t n = 0;
	int count;

	if (file_open(root, "/sys/class/block", O_RDONLY | O_DIRECTORY, 0, &dir, NULL) < 0)
		return 0;
	count = scandirat(dir, ".", &list, NULL, by_name);
	for (int i = 0; i < count; i++) {
		if (n < CHOOSE_DISKS && look(root, list[i]->d_name, &disks[n]))
			n++;
		free(list[i]);
	}
	free(list);
	return n;
}

int choose_await(const struct choose_rule *rule, int wait_ms,
		 struct choose_disk disks[CHOOSE_DISKS], const struct choose_disk **ret,
		 struct error *err)
{
	int64_t deadline = clock_ms() + wait_ms;
	AUTO_CLOSE int uevents = -1;
	bool told = false, last = false;
	int r = uevent_open(&uevents, err);

	if (r < 0)
		return r;
	for (;;) {
		r = choose_disk(rule, disks, choose_list(FILE_ROOT, disks), ret, err);
		if (r != -ENODATA || last)
			return r;
		error_reset(err);
		/* It may have come after the cold plug, and have no driver yet. */
		if (!told)
			(void)!uevent_tell_again(NULL);
		told = true;
		last = uevent_wait_block(uevents, -1, true, deadline, NULL) < 0 ||
		       clock_left_ms(deadline) == 0;
	}
}
