/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the comparison of definitions with containers. A container remembers in a label the hash of
 * the request it was made from; equal hashes and equal images mean that starting it is enough.
 */
#include "agent/service/reconcile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/engine/docker_image.h"
#include "agent/service/thin.h"
#include "lib/buf.h"
#include "lib/hash.h"

/* Docker's own limit of a name is below half of it. */
#define NAME_LEN 1024

static const char *const verb_names[RECONCILE_N_VERBS] = {
	[RECONCILE_KEEP] = "keep",
	[RECONCILE_START] = "start",
	[RECONCILE_CREATE] = "create",
	[RECONCILE_RECREATE] = "recreate",
};

const char *reconcile_verb_name(enum reconcile_verb verb)
{
	return verb_names[verb];
}

/* The create request as it is sent, and its hash. */
static int complete(struct doc_pool *p, const struct service *s, const struct doc_node *image,
		    const struct doc_node **ret, char hash[17], struct error *err)
{
	const struct doc_node *body = s->create;
	struct buf AUTO_BUF json = BUF_WITH_LIMIT(4u << 20);
	int r;

	if (thin_is(image))
		body = thin_bind(p, body);
	if (body)
		doc_json_write(body, &json);
	r = buf_check(&json, err);
	if (r < 0)
		return r;
	(void)snprintf(hash, 17, "%016" PRIx64, hash_text(buf_text(&json), json.len));
	body = doc_with(p, body, "Labels.\"" SERVICE_LABEL_HASH "\"",
			doc_new_str(p, "ros", hash));
	if (!body)
		return error_set(err, ENOMEM, "no memory for the create request");
	*ret = body;
	return 0;
}

const struct doc_node *reconcile_find(const struct doc_node *containers, const char *name)
{
	for (size_t i = 0; containers && i < containers->len; i++) {
		const struct doc_node *names = doc_key(containers->items[i], "Names");

		for (size_t k = 0; names && names->kind == DOC_SEQ && k < names->len; k++) {
			const char *text = doc_str(names->items[k], "", "");

			if (*text == '/' && !strcmp(text + 1, name))
				return containers->items[i];
		}
	}
	return NULL;
}

bool reconcile_is_running(const struct doc_node *container)
{
	const char *state = doc_str(container, "State", "");

	return !strcmp(state, "running") || !strcmp(state, "restarting");
}

static const char *label_in(const struct doc_node *labels, const char *name)
{
	return doc_str(doc_key(labels, name), "", "");
}

static const char *label_of(const struct doc_node *container, const char *name)
{
	return label_in(doc_key(container, "Labels"), name);
}

static bool is_rancheros(const struct doc_node *labels)
{
	for (size_t i = 0; labels && labels->kind == DOC_MAP && i < labels->len; i++) {
		if (!strncmp(labels->pairs[i].key, "io.rancher.os.", 14))
			return true;
	}
	return false;
}

int reconcile_check_owner(const struct service *s, const struct doc_node *labels,
			  struct error *err)
{
	const char *owner = label_in(labels, SERVICE_LABEL_NAME);

	if (!*owner)
		owner = label_in(labels, SERVICE_LABEL_COMPOSE);
	if (s->builtin || !strcmp(owner, s->name) || (!*owner && is_rancheros(labels)))
		return 0;
	return error_set(err, EEXIST, "the container %s is %s%s, not this service's: remove it (%s "
			 "rm -f %s), rename it, or give the service another container_name",
			 s->container, *owner ? "of the service " : "somebody's own", owner,
			 s->system ? "system-docker" : "docker", s->container);
}

/* Why the container no longer is what the definition says; NULL when it is. */
static const char *difference(const struct service *s, const struct doc_node *container,
			      const struct doc_node *image, const char *hash)
{
	if (s->console && strcmp(s->console, label_of(container, SERVICE_LABEL_CONSOLE)) != 0)
		return "another console";
	if (s->rebuild == SERVICE_REBUILD_NEVER)
		return NULL;
	if (s->rebuild == SERVICE_REBUILD_ALWAYS && !reconcile_is_running(container))
		return "made anew at each boot";
	if (strcmp(hash, label_of(container, SERVICE_LABEL_HASH)) != 0)
		return "its definition changed";
	if (image && strcmp(doc_str(image, "Id", ""), doc_str(container, "ImageID", "")) != 0)
		return "its image changed";
	return NULL;
}

/* What the daemon could not finish making or removing. */
static bool is_broken(const struct doc_node *container)
{
	const char *state = doc_str(container, "State", "");

	return !strcmp(state, "dead") || !strcmp(state, "removing");
}

static const char *reason_to_recreate(const struct service *s, const struct doc_node *container,
				      const struct doc_node *image, const char *hash,
				      const struct reconcile_flags *flags)
{
	if (is_broken(container))
		return "the old one is broken";
	if (flags->never)
		return NULL;
	if (flags->force)
		return "asked for";
	return difference(s, container, image, hash);
}

/* The one that stepped aside for a new one, when nobody came to remove it. */
static const struct doc_node *find_aside(const struct service *s, const struct doc_node *containers)
{
	const struct doc_node *found;
	char name[NAME_LEN];

	(void)snprintf(name, sizeof(name), "%.*s" SERVICE_ASIDE, NAME_LEN / 2, s->container);
	found = reconcile_find(containers, name);
	if (!found || reconcile_check_owner(s, doc_key(found, "Labels"), NULL) < 0)
		return NULL;
	return found;
}

int reconcile_decide(struct doc_pool *p, const struct service *s,
		     const struct reconcile_world *world, const struct reconcile_flags *flags,
		     struct reconcile_plan *ret, struct error *err)
{
	const struct doc_node *image = docker_image_find(world->images, s->image);
	const struct doc_node *container = reconcile_find(world->containers, s->container);
	const struct doc_node *aside = find_aside(s, world->containers);
	struct reconcile_plan plan = { .verb = RECONCILE_CREATE, .why = "there is none yet" };
	char hash[17];
	int r;

	r = complete(p, s, image, &plan.body, hash, err);
	if (r == 0 && container)
		r = reconcile_check_owner(s, doc_key(container, "Labels"), err);
	if (r < 0)
		return r;
	if (container) {
		const char *why = reason_to_recreate(s, container, image, hash, flags);

		plan.id = doc_str(container, "Id", s->container);
		plan.left = doc_str(aside, "Id", NULL);
		plan.verb = why			       ? RECONCILE_RECREATE :
			    reconcile_is_running(container) ? RECONCILE_KEEP :
							 RECONCILE_START;
		plan.why = why ? why : "unchanged";
	} else if (aside) {
		plan.id = doc_str(aside, "Id", NULL);
		plan.aside = true;
		plan.verb = RECONCILE_RECREATE;
		plan.why = "the last change of it was cut short";
	}
	*ret = plan;
	return 0;
}
