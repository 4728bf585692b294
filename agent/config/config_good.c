/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Last good copies of the layers: a file that stops to parse never stops a boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/userdata/userdata.h"
#include "lib/file.h"

#define PATH_SIZE 512

/* A datasource's new layers are followed by a sync of the disk; cloud-config.yml changes by
 * itself. */
static int publish(int root, const char *path, const struct buf *b, bool relaxed,
		   struct error *err)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid(),
				  .relaxed = relaxed };

	return file_publish(root, path, buf_text(b), b->len, &attr, NULL, err);
}

static bool parses(const char *path, const struct buf *b)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;

	return doc_pool_new(&p, NULL) == 0 &&
	       userdata_document(p, path, buf_text(b), b->len, &n, NULL) == 0;
}

/* The owner's file is wanted by `ros config set`, too: the good one goes back to its place. */
static int put_aside(int root, const char *good, const struct buf *bad, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	int r;

	if (file_read(root, good, &text, NULL) < 0 || !parses(good, &text))
		return 0;
	r = publish(root, CONFIG_BAD, bad, false, err);
	return r < 0 ? r : publish(root, CONFIG_OWN, &text, false, err);
}

static int keep(void *arg, const char *path, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	bool own = !strcmp(path, CONFIG_OWN);
	char good[PATH_SIZE];
	const int *root = arg;

	(void)snprintf(good, sizeof(good), "%s.good", path);
	/* Unreadable or absent: there is nothing to keep. config_load() tells about it. */
	if (file_read(*root, path, &b, NULL) < 0)
		return 0;
	if (parses(path, &b))
		return publish(*root, good, &b, !own, err);
	return own ? put_aside(*root, good, &b, err) : 0;
}

int config_keep_good(int root, struct error *err)
{
	int r = config_each_layer(root, keep, &root, err);

	return r < 0 ? r : keep(&root, CONFIG_OWN, err);
}
