/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the reading of service definitions as a whole: who the services are, what their labels say,
 * what they need of one another. Single keys are read by compose_key.c.
 */
#include "agent/service/compose.h"

#include <errno.h>
#include <string.h>
#include <sys/utsname.h>

#include "agent/config/config.h"
#include "agent/network/proxy.h"
#include "agent/service/compose_key.h"
#include "agent/service/compose_net.h"
#include "agent/service/compose_volume.h"
#include "agent/service/optional.h"
#include "lib/file.h"

#define VERSION_FILE "/usr/share/ros/version"
/* Carriers may borrow from carriers, but not for ever. */
#define BORROW_DEPTH 8

/* The value of a label, or NULL. */
static const char *label(const struct body *b, const char *name)
{
	const struct doc_node *n = doc_key(body_get(b, "Labels"), name);

	return n ? n->text : NULL;
}

static bool label_is(const struct body *b, const char *name, const char *value)
{
	const char *text = label(b, name);

	return text && !strcmp(text, value);
}

/* "a, b,c" of a label → needs. */
static void add_label_deps(struct body *b, const char *name, enum service_need need)
{
	const char *s = label(b, name);

	while (s && *s) {
		const size_t skip = strspn(s, " ,");
		const size_t len = strcspn(s + skip, " ,");

		if (len)
			service_add_dep(b->pool, b->svc,
					body_format(b, "%.*s", (int)len, s + skip), need);
		s += skip + len;
	}
}

static void read_labels(struct body *b)
{
	struct service *s = b->svc;
	const char *rebuild = label(b, SERVICE_LABEL_REBUILD);

	s->system = label_is(b, SERVICE_LABEL_SCOPE, "system");
	s->detach = !label_is(b, SERVICE_LABEL_DETACH, "false");
	s->createonly = label_is(b, SERVICE_LABEL_CREATEONLY, "true");
	s->reload = label_is(b, SERVICE_LABEL_RELOAD, "true");
	s->carrier = label_is(b, SERVICE_LABEL_CARRIER, "true");
	s->late = label_is(b, SERVICE_LABEL_LATE, "true");
	s->console = label(b, SERVICE_LABEL_CONSOLE);
	if (rebuild && !strcmp(rebuild, "always"))
		s->rebuild = SERVICE_REBUILD_ALWAYS;
	else if (rebuild && !strcmp(rebuild, "false"))
		s->rebuild = SERVICE_REBUILD_NEVER;
	add_label_deps(b, SERVICE_LABEL_AFTER, SERVICE_AFTER);
	add_label_deps(b, SERVICE_LABEL_BEFORE, SERVICE_BEFORE);
}

/* What others refer to comes first: container name and labels of every service. */
static void read_identity(struct body *b, const struct doc_node *def)
{
	const struct doc_node *name = doc_key(def, "container_name");

	for (size_t i = 0; i < def->len; i++) {
		if (!strcmp(def->pairs[i].key, "labels"))
			compose_key_read(b, &def->pairs[i]);
	}
	b->at = b->svc->origin;
	read_labels(b);
	b->svc->container = name ? body_text(b, name) : NULL;
	if (!b->svc->container || !*b->svc->container)
		b->svc->container = b->svc->name;
}

static void read_definition(struct body *b, const struct doc_node *def)
{
	struct service *s = b->svc;
	const struct doc_node *image = doc_key(def, "image");

	for (size_t i = 0; i < def->len; i++) {
		if (strcmp(def->pairs[i].key, "labels") != 0)
			compose_key_read(b, &def->pairs[i]);
	}
	b->at = s->origin;
	s->image = image ? body_text(b, image) : NULL;
	if (!s->carrier && (!s->image || !*s->image) && !b->env->partial)
		body_say(b, true, image, "no image is named; the service is left out");
	if (s->image)
		body_put(b, "Image", body_str(b, s->image));
	compose_net_settle(b);
	if (!strcmp(doc_str(b->create, "HostConfig.LogConfig.Type", ""), "syslog"))
		service_add_dep(b->pool, s, "syslog", SERVICE_IMPLICIT);
	if (!s->system)
		service_add_dep(b->pool, s, "docker", SERVICE_IMPLICIT);
}

/* Give `b` the volumes of the carriers in `list`, and of those that they borrow from. */
static void borrow(struct body *b, const struct doc_node *list, bool ro, int depth)
{
	for (size_t i = 0; list && depth < BORROW_DEPTH && i < list->len; i++) {
		const char *ref = list->items[i]->text;
		const size_t len = strcspn(ref, ":");
		const struct service *c =
			service_find(b->set, body_format(b, "%.*s", (int)len, ref));

		if (!c)
			continue;
		compose_volume_borrow(b, c->create, ro || ref[len]);
		borrow(b, c->borrows, ro || ref[len], depth + 1);
	}
}

/* The services map itself: definitions may stand below `services:`. */
static const struct doc_node *services_of(struct doc_pool *p, const struct doc_node *n)
{
	const struct doc_node *inner = doc_key(n, "services");

	if (!inner || inner->kind != DOC_MAP || doc_key(inner, "image"))
		return n;
	for (size_t i = 0; i < n->len; i++) {
		const char *key = n->pairs[i].key;

		if (strcmp(key, "services") && strcmp(key, "version") && strcmp(key, "name") &&
		    strcmp(key, "volumes") && strncmp(key, "x-", 2))
			doc_say(p, false, n->pairs[i].origin,
				"`%s` of a compose file is not supported; it is ignored", key);
	}
	return inner;
}

static bool is_systems(struct doc_origin at)
{
	return at.source && !strcmp(at.source, CONFIG_OS);
}

/* Whether the system's own layer has a part in the definition. */
static bool is_builtin(const struct doc_pair *def)
{
	bool found = is_systems(def->origin);

	for (size_t i = 0; i < def->val->len && !found; i++)
		found = is_systems(def->val->pairs[i].origin);
	return found;
}

/* One service for each definition that is a map, with a body to read it into. */
static size_t list_services(struct doc_pool *p, const struct body_env *env,
			    const struct doc_node *map, struct service_set *set,
			    struct body *bodies)
{
	for (size_t i = 0; i < map->len; i++) {
		const struct doc_pair *pair = &map->pairs[i];

		if (pair->val->kind == DOC_NULL)
			continue; /* taken away by a later layer */
		if (pair->val->kind != DOC_MAP) {
			doc_say(p, true, pair->origin, "service %s: a map is wanted here",
				pair->key);
			continue;
		}
		set->all[set->n] = (struct service){ .name = pair->key, .container = pair->key,
						     .origin = pair->origin, .detach = true,
						     .builtin = is_builtin(pair) };
		bodies[set->n] = (struct body){ .pool = p, .env = env, .set = set,
						.svc = &set->all[set->n], .at = pair->origin };
		set->n++;
	}
	return set->n;
}

static bool is_usable(const struct service *s)
{
	return !s->carrier && s->image && *s->image;
}

/* Two services cannot have one container: the one that is called so keeps it, else the first. */
static void refuse_doubles(struct doc_pool *p, struct service_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		for (size_t k = 0; k < i; k++) {
			struct service *a = &set->all[k], *b = &set->all[i];
			struct service *out = strcmp(b->container, b->name) ? b : a;

			if (!is_usable(a) || !is_usable(b) || a->system != b->system ||
			    strcmp(a->container, b->container))
				continue;
			doc_say(p, true, out->origin,
				"service %s: the container of the service %s is called %s, too; "
				"the service is left out (give it another container_name)",
				out->name, out == a ? b->name : a->name, out->container);
			out->image = NULL;
		}
	}
}

/* Drop what cannot be run. References between services are by name, so that moving is safe. */
static void drop_unusable(struct service_set *set)
{
	size_t kept = 0;

	for (size_t i = 0; i < set->n; i++) {
		if (is_usable(&set->all[i]))
			set->all[kept++] = set->all[i];
	}
	set->n = kept;
}

static bool read_bodies(const struct doc_node *map, struct body *bodies, size_t n)
{
	bool no_memory = false;

	for (size_t i = 0; i < n; i++)
		read_identity(&bodies[i], doc_key(map, bodies[i].svc->name));
	for (size_t i = 0; i < n; i++) {
		read_definition(&bodies[i], doc_key(map, bodies[i].svc->name));
		bodies[i].svc->create = bodies[i].create;
	}
	for (size_t i = 0; i < n; i++) {
		borrow(&bodies[i], bodies[i].svc->borrows, false, 0);
		body_put(&bodies[i], "Labels.\"" SERVICE_LABEL_NAME "\"",
			 body_str(&bodies[i], bodies[i].svc->name));
		no_memory |= bodies[i].no_memory;
	}
	for (size_t i = 0; i < n; i++)
		bodies[i].svc->create = bodies[i].create;
	return !no_memory;
}

int compose_parse(struct doc_pool *p, const struct body_env *env, const struct doc_node *services,
		  struct service_set *ret, struct error *err)
{
	struct service_set set = { .pool = p };
	struct body *bodies;

	*ret = set;
	if (!services || services->kind == DOC_NULL)
		return 0;
	if (services->kind != DOC_MAP) {
		doc_say(p, true, services->origin, "services must be a map");
		return 0;
	}
	services = services_of(p, services);
	if (services->len > SERVICE_MAX)
		return error_set(err, E2BIG, "more than %d services", SERVICE_MAX);
	set.all = doc_alloc(p, (services->len + 1) * sizeof(*set.all));
	bodies = doc_alloc(p, (services->len + 1) * sizeof(*bodies));
	if (!set.all || !bodies)
		return error_set(err, ENOMEM, "no memory for the services");
	list_services(p, env, services, &set, bodies);
	if (!read_bodies(services, bodies, set.n))
		return error_set(err, ENOMEM, "no memory for the services");
	refuse_doubles(p, &set);
	drop_unusable(&set);
	*ret = set;
	return 0;
}

void compose_check(struct doc_pool *p, const struct doc_node *doc)
{
	const struct body_env env = { .version = "latest", .partial = true };
	struct service_set set;
	struct error err = { 0 };

	if (compose_parse(p, &env, doc_at(doc, "rancher.services"), &set, &err) < 0)
		doc_say_error(p, "services", &err);
}

/* The first word of the version file; "latest" where there is none (a development tree). */
static const char *read_version(int root, struct doc_pool *p)
{
	struct buf AUTO_BUF text = BUF_WITH_LIMIT(256);
	const char *kept;

	if (file_read(root, VERSION_FILE, &text, NULL) < 0)
		return "latest";
	kept = doc_strdup(p, buf_text(&text), strcspn(buf_text(&text), " \t\r\n"));
	return kept && *kept ? kept : "latest";
}

/* Put the services of an included definition over those that are there. What is not fetched yet is
 * no mistake: the network may not be up. */
static const struct doc_node *include(int root, struct doc_pool *p, const struct doc_node *config,
				      const struct doc_pair *pair, const struct doc_node *services)
{
	struct buf AUTO_BUF text = BUF_WITH_LIMIT(OPTIONAL_MAX);
	const struct doc_node *more = NULL;
	struct error err = { 0 };
	const char *source;
	int r = optional_read(root, p, config, pair->key, &text, &source, &err);

	if (r == -ENOENT && *pair->key != '/')
		return services;
	if (r < 0 || doc_yaml(p, source, buf_text(&text), text.len, &more, &err) < 0) {
		doc_say(p, true, pair->origin, "services_include: %s", err.msg);
		return services;
	}
	return doc_merge(p, services, services_of(p, more));
}

/* Those of the configuration and of what it includes, with `more` over them. */
static int load(int root, struct doc_pool *p, const struct doc_node *config,
		const struct doc_node *more, struct service_set *ret, struct error *err)
{
	const struct doc_node *services = doc_at(config, "rancher.services");
	const struct doc_node *includes = doc_at(config, "rancher.services_include");
	struct body_env env = { .vars = proxy_environment(p, config),
				.version = read_version(root, p), .root = &root };
	struct utsname uts;

	if (uname(&uts) == 0)
		env.kernel = doc_strdup(p, uts.release, strlen(uts.release));
	for (size_t i = 0; includes && includes->kind == DOC_MAP && i < includes->len; i++) {
		if (includes->pairs[i].val->kind == DOC_BOOL && includes->pairs[i].val->boolean)
			services = include(root, p, config, &includes->pairs[i], services);
	}
	if (more)
		services = doc_merge(p, services, more);
	return compose_parse(p, &env, services, ret, err);
}

int compose_load(int root, struct doc_pool *p, const struct doc_node *config,
		 struct service_set *ret, struct error *err)
{
	return load(root, p, config, NULL, ret, err);
}

int compose_load_more(int root, struct doc_pool *p, const struct doc_node *config,
		      const struct doc_node *file, struct service_set *ret, struct error *err)
{
	const struct doc_node *more = services_of(p, file);
	size_t kept = 0;
	int r = load(root, p, config, more, ret, err);

	for (size_t i = 0; r == 0 && i < ret->n; i++) {
		if (doc_key(more, ret->all[i].name))
			ret->all[kept++] = ret->all[i];
	}
	ret->n = kept;
	return r;
}
