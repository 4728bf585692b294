/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros service enable, disable, delete`: what rancher.services_include says, in cloud-config.yml.
 * What is enabled was fetched, read and pulled before: the next boot needs no network for it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/config/config_args.h"
#include "agent/config/config_own.h"
#include "agent/service/compose.h"
#include "agent/service/optional.h"
#include "agent/service/servicectl.h"

#define KEY_MAX 4096

static int key_of(const char *name, char key[KEY_MAX], struct error *err)
{
	if (!*name || strlen(name) > KEY_MAX / 2 || strpbrk(name, "\"\\\n"))
		return error_set(err, EINVAL, "\"%.64s\" is no service", name);
	(void)snprintf(key, KEY_MAX, "rancher.services_include.\"%s\"", name);
	return 0;
}

static int store(int root, const char *name, bool on, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	char key[KEY_MAX];
	int r = key_of(name, key, err);

	if (r == 0)
		r = doc_pool_new(&p, err);
	if (r == 0)
		r = config_own_add(root, p, doc_with(p, NULL, key, doc_new_bool(p, "value", on)),
				   err);
	return r;
}

/* The images of its services, where their Docker runs. */
static int pull(int root, const struct service_set *set, struct error *err)
{
	char *names[SERVICE_MAX];
	struct servicectl_options o = { .names = names };
	struct servicectl AUTO_SERVICECTL c = { 0 };
	int r;

	for (size_t i = 0; i < set->n; i++)
		names[o.n_names++] = strdup(set->all[i].name);
	r = o.n_names ? servicectl_open(root, &o, &c, err) : 0;
	if (r == 0 && o.n_names)
		r = servicectl_pull(&c, err);
	for (int i = 0; i < o.n_names; i++)
		free(names[i]);
	return r;
}

/* Of what is said about all services, what is said about this file. */
static void take_messages(const struct doc_pool *from, const char *source, struct doc_pool *to)
{
	size_t n;
	const struct doc_message *m = doc_messages(from, &n);

	for (size_t i = 0; i < n; i++) {
		if (m[i].origin.source && !strcmp(m[i].origin.source, source))
			doc_say(to, m[i].is_error, m[i].origin, "%s", m[i].text);
	}
}

/* Fetch and read it: whoever enables it learns now what is wrong with it. The set lives in `p`. */
static int take(const struct module_ctx *c, const char *name, struct doc_pool *p,
		struct service_set *set, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(OPTIONAL_MAX);
	const struct doc_node *n = NULL;
	const char *source;
	int r = optional_fetch(c, name, (struct doc_origin){ 0 }, &source, err);

	if (r == 0)
		r = optional_read(c->root, c->pool, c->config, name, &text, &source, err);
	if (r == 0)
		r = doc_yaml(p, source, buf_text(&text), text.len, &n, err);
	if (r == 0)
		r = compose_load_more(c->root, p, c->config, n, set, err);
	if (r == 0)
		take_messages(p, source, c->pool);
	if (r == 0 && set->n == 0)
		r = error_set(err, EINVAL, "%s: there is no service in it", source);
	return r;
}

static int enable(int root, const char *name, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *loaded = NULL, *services = NULL, *p = NULL;
	struct module_ctx c = { .root = root };
	struct service_set set = { 0 };
	int r = doc_pool_new(&loaded, err);

	if (r == 0)
		r = doc_pool_new(&services, err);
	if (r == 0)
		r = doc_pool_new(&p, err);
	if (r == 0)
		r = config_load(root, loaded, &c.config, err);
	if (r < 0)
		return r;
	c.pool = p;
	r = take(&c, name, services, &set, err);
	config_args_messages(p);
	if (r == 0)
		r = store(root, name, true, err);
	/* Below --root there is no Docker to pull with. */
	if (r < 0 || root != FILE_ROOT)
		return r;
	r = pull(root, &set, err);
	return error_wrap(err, r, "%s is enabled, but not all of its images are here", name);
}

/* What is to be said of a name that rancher.services_include does not have. */
static int refuse(const struct project *p, const char *name, struct error *err)
{
	const struct service *s = service_find(&p->set, name);
	const struct doc_node *own = doc_at(p->config, "rancher.services");

	if (s && doc_key(own, s->name))
		return error_set(err, EINVAL,
				 "%s is no optional service: \"ros service rm -f %s\" and \"ros "
				 "config set rancher.services.%s null\" take it away",
				 s->name, s->name, s->name);
	if (s)
		return error_set(err, EINVAL, "%s is of %s: name that", s->name, s->origin.source);
	return error_set(err, ENOENT, "no optional service is called %.64s "
			 "(ros service list -a shows them)", name);
}

/* One that could be enabled: it is off already, which is no failure. */
static bool is_offered(int root, const struct project *p, const char *name)
{
	const struct module_ctx c = { .root = root, .pool = p->pool, .config = p->config };
	const struct doc_node *index = optional_index(&c, false);

	for (size_t i = 0; index && i < index->len; i++)
		if (!strcmp(index->items[i]->text, name))
			return true;
	return strchr(name, '/') != NULL;
}

static int disable(int root, const char *name, struct error *err)
{
	struct project AUTO_PROJECT p = { 0 };
	int r = project_load(root, &p, err);

	if (r == 0 && !doc_key(doc_at(p.config, "rancher.services_include"), name) &&
	    (service_find(&p.set, name) || !is_offered(root, &p, name)))
		r = refuse(&p, name, err);
	return r < 0 ? r : store(root, name, false, err);
}

static int delete(int root, const char *name, struct error *err)
{
	char key[KEY_MAX];
	int r = key_of(name, key, err);

	return r < 0 ? r : config_own_remove(root, key, err);
}

static int each(const struct env *env, int argc, char **argv,
		int (*fn)(int root, const char *name, struct error *err), struct error *err)
{
	int r = 0;

	if (argc < 2 || argv[1][0] == '-') {
		error_set(err, EINVAL, "name at least one service");
		return COMMAND_USAGE;
	}
	for (int i = 1; r == 0 && i < argc; i++)
		r = fn(env->root, argv[i], err);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

#define VERB(verb, sentence)                                                                   \
	static int run_##verb(const struct env *env, int argc, char **argv, struct error *err) \
	{                                                                                      \
		return each(env, argc, argv, verb, err);                                       \
	}                                                                                      \
	const struct command command_service_##verb = {                                        \
		.name = "service " #verb,                                                      \
		.args = "NAME|URL|PATH…",                                                      \
		.help = sentence,                                                              \
		.run = run_##verb,                                                             \
	}

VERB(enable, "Add optional services, which start with ros service up or at the next boot.");
VERB(disable, "Turn optional services off; containers that are there stay.");
VERB(delete, "Forget that optional services were turned on or off.");
