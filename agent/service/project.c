/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the way from the configuration on disk to the set of services.
 */
#include "agent/service/project.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/engine/container_files.h"
#include "agent/message.h"
#include "agent/service/compose.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/scope.h"

int project_load(int root, struct project *ret, struct error *err)
{
	struct project AUTO_PROJECT p = { 0 };
	int r;

	r = doc_pool_new(&p.pool, err);
	if (r == 0)
		r = config_load(root, p.pool, &p.config, err);
	if (r < 0)
		return error_wrap(err, r, "configuration");
	(void)doc_messages(p.pool, &p.n_before);
	r = compose_load(root, p.pool, p.config, &p.set, err);
	if (r < 0)
		return error_wrap(err, r, "services");
	*ret = p;
	p.pool = NULL;
	return 0;
}

void project_done(struct project *p)
{
	doc_pool_free(p->pool);
	p->pool = NULL;
}

void project_report(const struct project *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p->pool, &n);

	for (size_t i = p->n_before; i < n; i++) {
		struct buf AUTO_BUF text = BUF_WITH_LIMIT(4096);

		doc_message_text(&m[i], &text);
		message_say(JOURNAL_WARNING, "services", "%s", buf_text(&text));
	}
}

void project_print(const struct project *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p->pool, &n);

	for (size_t i = p->n_before; i < n; i++) {
		struct buf AUTO_BUF text = BUF_WITH_LIMIT(4096);

		doc_message_text(&m[i], &text);
		fprintf(stderr, "ros: service: %s%s\n", m[i].is_error ? "" : "warning: ",
			buf_text(&text));
	}
}

void project_report_files(int root, const struct project *p)
{
	AUTO_CLOSE int fd = -1;
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;

	if (file_open(root, CONTAINER_FILES_DIR, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return;
	dir = fdopendir(fd);
	if (dir)
		(void)TAKE_FD(fd);
	while (dir && (e = readdir(dir))) {
		const struct service *s = service_find(&p->set, e->d_name);

		/* A service's files are put by its key. */
		if (*e->d_name == '.' || (s && s->system && !strcmp(s->name, e->d_name)))
			continue;
		message_say(JOURNAL_WARNING, "services",
			    "write_files: container: %s: no service of System Docker is called so; "
			    "its files are put nowhere", e->d_name);
	}
}

size_t project_choose(const struct project *p, bool system, bool *chosen)
{
	size_t n = 0;

	for (size_t i = 0; i < p->set.n; i++) {
		chosen[i] = p->set.all[i].system == system;
		n += chosen[i];
	}
	return n;
}
