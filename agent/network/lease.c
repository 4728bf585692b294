/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps leases and makes files of them.
 */
#include "agent/network/lease.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/network/address.h"
#include "agent/network/put.h"
#include "agent/userdata/hostname.h"
#include "lib/doc/tree.h"
#include "lib/file.h"
#include "lib/file_remove.h"

#define RESOLV_CONF "/etc/resolv.conf"
/* glibc and musl use no more than three. */
#define SERVERS_MAX 3
#define SEARCH_MAX  32
#define ROUTERS     4
#define LEASE_SIZE  16384

/* --- dhcpcd's environment --- */

static void add_words(struct doc_pool *p, struct network_texts *to, const char *text,
		      bool (*is)(const char *word))
{
	const char *word;

	while (to->n < LEASE_MAX && (word = network_next_word(p, &text, " ,")))
		if (is(word))
			(void)network_add_text(p, to, word);
}

static bool is_domain(const char *word)
{
	size_t len = strlen(word);

	/* A dot at the end is allowed there. */
	if (len > 1 && word[len - 1] == '.') {
		char copy[256];

		return len < sizeof(copy) &&
		       snprintf(copy, sizeof(copy), "%.*s", (int)len - 1, word) > 0 &&
		       hostname_is_valid(copy);
	}
	return hostname_is_valid(word);
}

/* Routers' announcements: nd1_rdnss1_servers and so on. */
static void add_routers(struct doc_pool *p, const char *(*get)(const char *name), struct lease *l)
{
	for (int i = 1; i <= ROUTERS; i++)
		for (int k = 1; k <= ROUTERS; k++) {
			char name[48];

			(void)snprintf(name, sizeof(name), "nd%d_rdnss%d_servers", i, k);
			add_words(p, &l->nameservers, get(name), network_is_address);
			(void)snprintf(name, sizeof(name), "nd%d_dnssl%d_search", i, k);
			add_words(p, &l->search, get(name), is_domain);
		}
}

void lease_parse(struct doc_pool *p, const char *(*get)(const char *name), struct lease *ret)
{
	const char *interface = get("interface"), *host = get("new_host_name");

	*ret = (struct lease){ 0 };
	(void)snprintf(ret->interface, sizeof(ret->interface), "%.15s", interface ? interface : "");
	add_words(p, &ret->nameservers, get("new_domain_name_servers"), network_is_address);
	add_words(p, &ret->nameservers, get("new_dhcp6_name_servers"), network_is_address);
	add_words(p, &ret->search, get("new_domain_search"), is_domain);
	add_words(p, &ret->search, get("new_dhcp6_domain_search"), is_domain);
	if (!ret->search.n)
		add_words(p, &ret->search, get("new_domain_name"), is_domain);
	add_words(p, &ret->ntp, get("new_ntp_servers"), network_is_address);
	add_words(p, &ret->ntp, get("new_dhcp6_sntp_servers"), network_is_address);
	add_routers(p, get, ret);
	if (host && hostname_is_valid(host))
		ret->hostname = doc_strdup(p, host, strlen(host));
}

/* --- files --- */

static void list_json(struct buf *b, const char *key, const struct network_texts *list)
{
	buf_fmt(b, "\"%s\":[", key);
	for (size_t i = 0; i < list->n; i++) {
		buf_str(b, i ? ",\"" : "\"");
		buf_json(b, list->item[i]);
		buf_char(b, '"');
	}
	buf_str(b, "],");
}

static void lease_path(const char *interface, const char *proto, char *ret, size_t size)
{
	(void)snprintf(ret, size, LEASE_DIR "/%.15s.%s", interface, proto);
}

int lease_save(int root, const struct lease *l, const char *proto, struct error *err)
{
	struct file_attr attr = {
		.mode = 0644, .uid = geteuid(), .gid = getegid(), .relaxed = true
	};
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(LEASE_SIZE);
	char path[64];
	int r;

	if (!network_is_name(l->interface))
		return error_set(err, EINVAL, "no interface is named");
	lease_path(l->interface, proto, path, sizeof(path));
	buf_char(&b, '{');
	list_json(&b, "nameservers", &l->nameservers);
	list_json(&b, "search", &l->search);
	list_json(&b, "ntp", &l->ntp);
	buf_str(&b, "\"hostname\":\"");
	buf_json(&b, l->hostname ? l->hostname : "");
	buf_str(&b, "\"}\n");
	r = buf_check(&b, err);
	return r < 0 ? r : file_publish(root, path, b.data, b.len, &attr, NULL, err);
}

int lease_remove(int root, const char *interface, const char *proto, struct error *err)
{
	char path[64];

	if (!network_is_name(interface))
		return 0;
	lease_path(interface, proto, path, sizeof(path));
	return file_remove(root, path, NULL, err);
}

static bool load_one(int root, struct doc_pool *p, const char *name, struct lease *ret)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(LEASE_SIZE);
	struct network net = { .p = p };
	const struct doc_node *doc = NULL;
	char path[sizeof(LEASE_DIR) + 64];

	(void)snprintf(path, sizeof(path), LEASE_DIR "/%s", name);
	if (file_read(root, path, &b, NULL) < 0 ||
	    doc_json_parse(p, path, buf_text(&b), b.len, &doc, NULL) < 0)
		return false;
	*ret = (struct lease){ .hostname = network_text(doc_key(doc, "hostname")) };
	(void)snprintf(ret->interface, sizeof(ret->interface), "%.*s",
		       (int)(strrchr(name, '.') - name), name);
	network_put_servers(&net, &ret->nameservers, doc_key(doc, "nameservers"));
	network_put_search(&net, &ret->search, doc_key(doc, "search"));
	network_put_servers(&net, &ret->ntp, doc_key(doc, "ntp"));
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

size_t lease_load_all(int root, struct doc_pool *p, struct lease *ret, size_t max)
{
	char names[LEASE_MAX][32];
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;
	size_t n = 0, loaded = 0;
	int fd;

	if (file_open(root, LEASE_DIR, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return 0;
	}
	while (n < LEASE_MAX && (e = readdir(dir)))
		if (e->d_name[0] != '.' && strchr(e->d_name, '.') &&
		    strlen(e->d_name) < sizeof(names[0]))
			memcpy(names[n++], e->d_name, strlen(e->d_name) + 1);
	qsort(names, n, sizeof(names[0]), by_name);
	for (size_t i = 0; i < n && loaded < max; i++)
		loaded += load_one(root, p, names[i], &ret[loaded]);
	return loaded;
}

/* --- /etc/resolv.conf, /etc/hosts --- */

static void add_all(struct doc_pool *p, struct network_texts *to, const struct network_texts *from,
		    size_t max)
{
	for (size_t i = 0; i < from->n && to->n < max; i++)
		(void)network_add_text(p, to, from->item[i]);
}

static const struct network_if *nic_of(const struct network *net, const char *interface)
{
	return network_find(net, interface);
}

void lease_resolv_conf(const struct spec *s, const struct lease *leases, size_t n, struct buf *out)
{
	struct doc_pool *p = s->net->p;
	struct network_texts servers = { 0 }, search = { 0 };
	bool configured = s->net->nameservers.n || s->net->search.n;

	add_all(p, &servers, &s->net->nameservers, SERVERS_MAX);
	add_all(p, &search, &s->net->search, SEARCH_MAX);
	for (size_t i = 0; i < s->net->n; i++) {
		add_all(p, &servers, &s->net->ifs[i]->nameservers, SERVERS_MAX);
		add_all(p, &search, &s->net->ifs[i]->search, SEARCH_MAX);
	}
	for (size_t i = 0; i < n && !configured; i++) {
		const struct network_if *nic = nic_of(s->net, leases[i].interface);

		if (!nic || nic->use_dns != NETWORK_NO)
			add_all(p, &servers, &leases[i].nameservers, SERVERS_MAX);
		if (!nic || nic->use_domains != NETWORK_NO)
			add_all(p, &search, &leases[i].search, SEARCH_MAX);
	}
	if (!servers.n) {
		add_all(p, &servers, &s->default_nameservers, SERVERS_MAX);
		add_all(p, &search, &s->default_search, SEARCH_MAX);
	}
	buf_str(out, "# Made by ros network from rancher.network and DHCP.\n");
	for (size_t i = 0; i < search.n; i++)
		buf_fmt(out, "%s%s%s", i ? " " : "search ", search.item[i],
			i + 1 == search.n ? "\n" : "");
	for (size_t i = 0; i < servers.n; i++)
		buf_fmt(out, "nameserver %s\n", servers.item[i]);
	buf_str(out, s->add_resolv_conf ? s->add_resolv_conf : "");
}

void lease_hosts(const char *text, const char *name, struct buf *out)
{
	size_t label = strcspn(name, ".");
	bool done = false;

	while (*text) {
		size_t len = strcspn(text, "\n");

		if (!strncmp(text, "127.0.1.1", 9) && (text[9] == ' ' || text[9] == '\t')) {
			if (!done)
				buf_fmt(out, "127.0.1.1 %s%s%.*s\n", name, name[label] ? " " : "",
					name[label] ? (int)label : 0, name);
			done = true;
		} else {
			buf_add(out, text, len);
			buf_char(out, '\n');
		}
		text += len + (text[len] == '\n');
	}
	if (!done)
		buf_fmt(out, "127.0.1.1 %s\n", name);
}

int lease_publish_dns(int root, struct doc_pool *p, const struct spec *s, struct error *err)
{
	AUTO_FREE struct lease *leases = calloc(LEASE_MAX, sizeof(*leases));
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(LEASE_SIZE);
	size_t n;

	if (!leases)
		return error_set(err, ENOMEM, "no memory for the leases");
	if (s->keep_resolv_conf)
		return 0;
	n = lease_load_all(root, p, leases, LEASE_MAX);
	lease_resolv_conf(s, leases, n, &out);
	return file_rewrite(root, RESOLV_CONF, buf_text(&out), out.len, NULL, err);
}
