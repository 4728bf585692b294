/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the steps from an old container to a new one, and what the new one inherits.
 */
#include "agent/service/replace.h"

#include <errno.h>
#include <string.h>

#include "agent/engine/container.h"
#include "agent/engine/docker_image.h"
#include "agent/service/body.h"
#include "agent/service/compose_volume.h"
#include "lib/journal.h"

/* Whether one of the keys, directories, is `dir`. */
static bool has_dir(const struct doc_node *dirs, const char *dir)
{
	for (size_t i = 0; dirs && dirs->kind == DOC_MAP && i < dirs->len; i++) {
		const char *key = dirs->pairs[i].key;
		size_t len = strlen(key);

		while (len > 1 && key[len - 1] == '/')
			len--;
		if (strlen(dir) == len && !strncmp(key, dir, len))
			return true;
	}
	return false;
}

/* The volumes that the old container had at places for which the new definition, or its image, has
 * only an anonymous volume: they stay there. */
static int inherit_all(struct engine *e, struct body *b, const struct doc_node *old,
		       struct error *err)
{
	const struct doc_node *mounts = doc_key(old, "Mounts"), *image = NULL;

	for (size_t i = 0; mounts && mounts->kind == DOC_SEQ && i < mounts->len; i++) {
		const char *name = doc_str(mounts->items[i], "Name", "");
		const char *dir = doc_str(mounts->items[i], "Destination", "");
		int r = 0;

		if (strcmp(doc_str(mounts->items[i], "Type", ""), "volume") || !*name ||
		    has_dir(body_get(b, "HostConfig.Tmpfs"), dir))
			continue;
		if (!image && !has_dir(body_get(b, "Volumes"), dir))
			r = docker_image_inspect(e, b->pool, b->svc->image, &image, err);
		if (r < 0)
			return r;
		if (has_dir(body_get(b, "Volumes"), dir) ||
		    has_dir(doc_at(image, "Config.Volumes"), dir))
			compose_volume_bind(b, body_format(b, "%s:%s", name, dir));
	}
	return b->no_memory ? error_set(err, ENOMEM, "no memory for the create request") : 0;
}

/* Remove the one that somebody made under this name since we looked, if it is this service's. */
static int remove_late(struct engine *e, struct doc_pool *p, const struct service *s,
		       struct error *err)
{
	const struct doc_node *other = NULL;
	int r = container_inspect(e, p, s->container, &other, err);

	if (r == 0)
		r = reconcile_check_owner(s, doc_at(other, "Config.Labels"), err);
	if (r == 0)
		r = container_remove(e, s->container, s->builtin, err);
	return r == -ENOENT ? 0 : r;
}

static int make(struct engine *e, struct doc_pool *p, const struct service *s,
		const struct doc_node *body, const char **ret_id, struct error *err)
{
	int r = container_create(e, p, s->container, body, ret_id, err);

	if (r == -EEXIST)
		r = remove_late(e, p, s, err);
	else
		return r;
	return r < 0 ? r : container_create(e, p, s->container, body, ret_id, err);
}

static int make_first(struct engine *e, struct doc_pool *p, const struct service *s,
		      const struct reconcile_plan *plan, const char **ret_id, struct error *err)
{
	int r = plan->id ? container_remove(e, plan->id, true, err) : 0;

	return r < 0 && r != -ENOENT ? r : make(e, p, s, plan->body, ret_id, err);
}

static void put_back(struct engine *e, const struct service *s, const char *id)
{
	struct error why = { 0 };

	if (container_rename(e, id, s->container, &why) < 0)
		journal_say(JOURNAL_WARNING, s->name, "the old container keeps the name %s"
			    SERVICE_ASIDE ": %s", s->container, why.msg);
}

static int step_aside(struct engine *e, struct doc_pool *p, const struct service *s,
		      const char *id, struct error *err)
{
	struct body b = { .pool = p };

	return container_rename(e, id, body_format(&b, "%s" SERVICE_ASIDE, s->container), err);
}

/* Its processes may have something to write still; what does not end in time is killed. One that
 * cannot be removed is no reason to have no service. */
static void end(struct engine *e, const struct service *s, const char *id)
{
	struct error why = { 0 };
	int r;

	(void)!container_stop(e, id, -1, &why);
	error_reset(&why);
	r = container_remove(e, id, false, &why);
	if (r < 0 && r != -ENOENT)
		journal_say(JOURNAL_WARNING, s->name, "%s" SERVICE_ASIDE " stays until the next "
			    "start of the service: %s", s->container, why.msg);
}

void replace_clear(struct engine *e, const struct service *s, const struct reconcile_plan *plan)
{
	if (plan->left)
		end(e, s, plan->left);
}

/* The request `body` with what `old`, as `docker inspect` shows it, leaves behind. */
static int inherit(struct engine *e, struct doc_pool *p, const struct service *s,
		   const struct doc_node *old, const struct doc_node **body, struct error *err)
{
	struct service self = *s;
	struct body b = { .pool = p, .svc = &self, .create = *body };
	int r = inherit_all(e, &b, old, err);

	*body = b.create;
	return r;
}

int replace_container(struct engine *e, struct doc_pool *p, const struct service *s,
		      const struct reconcile_plan *plan, const char **ret_id, struct error *err)
{
	const struct doc_node *body = plan->body, *old = NULL;
	int r;

	if (s->builtin || !plan->id)
		return make_first(e, p, s, plan, ret_id, err);
	r = container_inspect(e, p, plan->id, &old, err);
	if (r == -ENOENT)
		return make(e, p, s, plan->body, ret_id, err);
	if (r == 0)
		r = inherit(e, p, s, old, &body, err);
	if (r == 0 && !plan->aside)
		r = step_aside(e, p, s, plan->id, err);
	if (r < 0)
		return r;
	r = make(e, p, s, body, ret_id, err);
	if (r < 0)
		put_back(e, s, plan->id);
	else
		end(e, s, plan->id);
	return r;
}
