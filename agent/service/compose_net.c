/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns ports, links, extra hosts and the modes that refer to other containers.
 */
#include "agent/service/compose_net.h"

#include <stdio.h>
#include <string.h>

#include "agent/convert.h"

/* A range of ports is written out one by one; longer ones are mistakes. */
#define RANGE_MAX 1024

void compose_net_mode(struct body *b, const char *path, const struct doc_node *n)
{
	const char *text = body_text(b, n), *other;
	const struct service *s;

	if (!text || !*text)
		return;
	if (strncmp(text, "container:", 10) != 0 && strncmp(text, "service:", 8) != 0) {
		body_put(b, path, body_str(b, text));
		return;
	}
	other = strchr(text, ':') + 1;
	s = service_find(b->set, other);
	if (s) {
		service_add_dep(b->pool, b->svc, s->name, SERVICE_HARD);
		other = s->container;
	}
	body_put(b, path, body_str(b, body_format(b, "container:%s", other)));
}

struct range {
	int64_t first, last;
};

/* "80", "8000-8010" */
static bool read_range(const char *text, size_t len, struct range *r)
{
	char copy[32];
	char *dash;
	bool ok;

	if (len == 0 || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	dash = strchr(copy, '-');
	if (dash)
		*dash = '\0';
	ok = convert_integer(copy, &r->first, NULL) == 0;
	r->last = r->first;
	if (ok && dash)
		ok = convert_integer(dash + 1, &r->last, NULL) == 0;
	return ok && r->first >= 1 && r->last <= 65535 && r->last >= r->first &&
	       r->last - r->first < RANGE_MAX;
}

static bool protocol_known(const char *p)
{
	return !strcmp(p, "tcp") || !strcmp(p, "udp") || !strcmp(p, "sctp");
}

static void expose_one(struct body *b, int64_t port, const char *proto)
{
	static const struct body_pairs nothing;

	body_put(b, body_format(b, "ExposedPorts.%lld/%s", (long long)port, proto),
		 body_map(b, &nothing));
}

struct binding {
	const char *ip; /* "" for all addresses */
	const char *proto;
	struct range host; /* first 0: a free one is chosen */
	struct range target;
};

static void bind_one(struct body *b, const struct binding *p, int64_t offset)
{
	const int64_t target = p->target.first + offset;
	const char *path = body_format(b, "HostConfig.PortBindings.%lld/%s", (long long)target,
				       p->proto);
	const struct doc_node *before = body_get(b, path);
	struct body_pairs map = { 0 };
	struct body_items list = { 0 };

	for (size_t i = 0; before && i < before->len; i++)
		body_add(b, &list, before->items[i]);
	if (*p->ip)
		body_set(b, &map, "HostIp", body_str(b, p->ip));
	body_set(b, &map, "HostPort",
		 body_str(b, p->host.first == 0 ? "" : body_format(b, "%lld",
						(long long)(p->host.first + offset))));
	body_add(b, &list, body_map(b, &map));
	body_put(b, path, body_seq(b, &list));
	expose_one(b, target, p->proto);
}

static void bind_all(struct body *b, const struct doc_node *at, const struct binding *p)
{
	const int64_t n = p->target.last - p->target.first;

	if (p->host.first != 0 && p->host.last - p->host.first != n) {
		body_say(b, true, at, "the two port ranges differ in length");
		return;
	}
	for (int64_t i = 0; i <= n; i++)
		bind_one(b, p, i);
}

/* [IP:][HOST:]TARGET[/PROTO]; an IPv6 address stands in brackets. */
static void read_port(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	struct binding p = { .ip = "", .proto = "tcp" };
	const char *slash = strchr(text, '/');
	const size_t len = slash ? (size_t)(slash - text) : strlen(text);
	const char *target = text, *host = NULL;

	(void)arg;
	for (size_t i = 0; i < len; i++) {
		if (text[i] != ':')
			continue;
		host = target;
		target = text + i + 1;
	}
	if (slash)
		p.proto = slash + 1;
	if (host && host > text)
		p.ip = body_format(b, "%.*s", (int)(host - 1 - text), text);
	if (*p.ip == '[' && strlen(p.ip) > 2)
		p.ip = body_format(b, "%.*s", (int)strlen(p.ip) - 2, p.ip + 1);
	if (!protocol_known(p.proto) ||
	    !read_range(target, len - (size_t)(target - text), &p.target) ||
	    (host && host + 1 != target && !read_range(host, (size_t)(target - 1 - host), &p.host)))
		body_say(b, true, at, "\"%s\" is not a port like 8080:80 or 127.0.0.1:53:53/udp",
			 text);
	else
		bind_all(b, at, &p);
}

/* The long form: a map with target, published, protocol, host_ip. */
static void read_port_map(struct body *b, const struct doc_node *n)
{
	const char *target = body_text(b, doc_key(n, "target"));
	const char *published = body_text(b, doc_key(n, "published"));
	struct binding p = { .ip = doc_str(n, "host_ip", ""),
			     .proto = doc_str(n, "protocol", "tcp") };

	if (!target || !published)
		return;
	if (!protocol_known(p.proto) || !read_range(target, strlen(target), &p.target) ||
	    (*published && !read_range(published, strlen(published), &p.host)))
		body_say(b, true, n, "a port needs a number as `target` and as `published`");
	else
		bind_all(b, n, &p);
}

void compose_net_ports(struct body *b, const char *path, const struct doc_node *n)
{
	(void)path;
	if (n->kind != DOC_SEQ) {
		body_each(b, n, read_port, NULL);
		return;
	}
	for (size_t i = 0; i < n->len; i++) {
		if (n->items[i]->kind == DOC_MAP)
			read_port_map(b, n->items[i]);
		else
			body_each(b, n->items[i], read_port, NULL);
	}
}

static void read_expose(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	const char *slash = strchr(text, '/');
	const char *proto = slash ? slash + 1 : "tcp";
	struct range r;

	(void)arg;
	if (!protocol_known(proto) ||
	    !read_range(text, slash ? (size_t)(slash - text) : strlen(text), &r)) {
		body_say(b, true, at, "\"%s\" is not a port", text);
		return;
	}
	for (int64_t port = r.first; port <= r.last; port++)
		expose_one(b, port, proto);
}

void compose_net_expose(struct body *b, const char *path, const struct doc_node *n)
{
	(void)path;
	body_each(b, n, read_expose, NULL);
}

static void add_host(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	const size_t name = strcspn(text, ":=");

	if (!text[name] || name == 0)
		body_say(b, true, at, "\"%s\" is not NAME:ADDRESS", text);
	else
		body_add(b, arg, body_str(b, body_format(b, "%.*s:%s", (int)name, text,
							 text + name + 1)));
}

void compose_net_hosts(struct body *b, const char *path, const struct doc_node *n)
{
	struct body_items list = { 0 };

	if (n->kind == DOC_MAP) {
		for (size_t i = 0; i < n->len; i++) {
			const char *address = body_text(b, n->pairs[i].val);

			if (address)
				body_add(b, &list, body_str(b, body_format(b, "%s:%s",
							n->pairs[i].key, address)));
		}
	} else {
		body_each(b, n, add_host, &list);
	}
	body_put(b, path, body_seq(b, &list));
}

static void add_link(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	const size_t name = strcspn(text, ":");
	const char *key = body_format(b, "%.*s", (int)name, text);
	const struct service *s = service_find(b->set, key);

	(void)at;
	if (s)
		service_add_dep(b->pool, b->svc, s->name, SERVICE_HARD);
	body_add(b, arg, body_str(b, body_format(b, "%s:%s", s ? s->container : key,
						 text[name] ? text + name + 1 : key)));
}

/* A container that is no service's: nobody waits for it. */
static void add_external(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	const size_t name = strcspn(text, ":");

	(void)at;
	body_add(b, arg, body_str(b, text[name] ? text : body_format(b, "%s:%s", text, text)));
}

/* Two keys have their part in the list. */
static void put_links(struct body *b, const char *path, const struct doc_node *n,
		      void (*add)(struct body *b, const struct doc_node *at, const char *text,
				  void *arg))
{
	const struct doc_node *before = body_get(b, path);
	struct body_items list = { 0 };

	for (size_t i = 0; before && i < before->len; i++)
		body_add(b, &list, before->items[i]);
	body_each(b, n, add, &list);
	body_put(b, path, body_seq(b, &list));
}

void compose_net_links(struct body *b, const char *path, const struct doc_node *n)
{
	put_links(b, path, n, add_link);
}

void compose_net_external(struct body *b, const char *path, const struct doc_node *n)
{
	put_links(b, path, n, add_external);
}

/* A copy of map `n` without `key`. */
static const struct doc_node *without(struct body *b, const struct doc_node *n, const char *key)
{
	struct body_pairs map = { 0 };

	for (size_t i = 0; n && i < n->len; i++) {
		if (strcmp(n->pairs[i].key, key) != 0)
			body_set(b, &map, n->pairs[i].key, n->pairs[i].val);
	}
	return body_map(b, &map);
}

void compose_net_settle(struct body *b)
{
	const char *net = doc_str(b->create, "HostConfig.NetworkMode", "");
	const bool own = strcmp(net, "host") != 0 && strcmp(net, "none") != 0 &&
			 strncmp(net, "container:", 10) != 0;

	/* On RancherOS links of host-net services only meant order; the order is kept anyway. */
	if (!own && body_get(b, "HostConfig.Links"))
		body_put(b, "HostConfig", without(b, body_get(b, "HostConfig"), "Links"));
	if (body_get(b, "Hostname") &&
	    (!strcmp(doc_str(b->create, "HostConfig.UTSMode", ""), "host") ||
	     !strncmp(net, "container:", 10))) {
		body_say(b, false, NULL, "hostname is left out: the name space is another's");
		b->create = without(b, b->create, "Hostname");
	}
}
