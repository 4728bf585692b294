/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network cards of an EC2 instance.
 */
#include "datasource/ec2_network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/imds.h"
#include "lib/scope.h"

/* The largest instances have fifteen. */
#define CARDS_MAX 16
#define ADDRESSES "local-ipv4s"

/* What the network model needs beside the addresses. */
static const char *const leaves[] = { "device-number", "network-card-index",
				      "subnet-ipv4-cidr-block", "ipv6s",
				      "subnet-ipv6-cidr-blocks", "public-ipv4s",
				      "ipv4-prefix", "ipv6-prefix" };

struct card {
	char mac[24];
	struct imds_names names;
	struct buf listing, addresses;
	struct buf leaf[ARRAY_LEN(leaves)];
	bool has[ARRAY_LEN(leaves)];
};

struct cards {
	struct card *card;
	size_t n;
};

static void cards_done(struct cards *c)
{
	for (size_t i = 0; c->card && i < c->n; i++) {
		buf_done(&c->card[i].listing);
		buf_done(&c->card[i].addresses);
		for (size_t k = 0; k < ARRAY_LEN(leaves); k++)
			buf_done(&c->card[i].leaf[k]);
	}
	free(c->card);
}

static int first_failure(const struct web_part *parts, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i].result < 0 && parts[i].result != -ENOENT && parts[i].result != -EPERM)
			return error_set(err, -parts[i].result, "%s", parts[i].err.msg);
	return 0;
}

static void path_of(const struct ec2_network *e, const struct card *c, const char *leaf,
		    char path[160])
{
	(void)snprintf(path, 160, "/%s/meta-data/network/interfaces/macs/%s/%s", e->version, c->mac,
		       leaf);
}

/* The names and the addresses of every card. */
static int get_first(const struct ec2_network *e, struct cards *cards, struct error *err)
{
	struct web_part parts[2 * CARDS_MAX];
	char path[2 * CARDS_MAX][160];

	for (size_t i = 0; i < cards->n; i++) {
		path_of(e, &cards->card[i], "", path[2 * i]);
		path_of(e, &cards->card[i], ADDRESSES, path[2 * i + 1]);
		parts[2 * i] = (struct web_part){ .path = path[2 * i],
						  .ret = &cards->card[i].listing };
		parts[2 * i + 1] = (struct web_part){ .path = path[2 * i + 1],
						      .ret = &cards->card[i].addresses };
	}
	e->get(e->arg, parts, 2 * cards->n);
	for (size_t i = 0; i < cards->n; i++)
		imds_parse_names(buf_text(&cards->card[i].listing), &cards->card[i].names);
	return first_failure(parts, 2 * cards->n, err);
}

static bool has_lines(const struct buf *b)
{
	const char *s = buf_text(b);

	s += strcspn(s, "\n");
	return s[strspn(s, "\r\n")] != '\0';
}

static bool is_simple(const struct cards *cards)
{
	return cards->n == 1 && !imds_has_name(&cards->card[0].names, "ipv6s") &&
	       !has_lines(&cards->card[0].addresses);
}

static int get_rest(const struct ec2_network *e, struct card *c, struct error *err)
{
	struct web_part parts[ARRAY_LEN(leaves)];
	char path[ARRAY_LEN(leaves)][160];
	size_t n = 0, which[ARRAY_LEN(leaves)];
	int r;

	for (size_t i = 0; i < ARRAY_LEN(leaves); i++) {
		if (!imds_has_name(&c->names, leaves[i]))
			continue;
		path_of(e, c, leaves[i], path[n]);
		parts[n] = (struct web_part){ .path = path[n], .ret = &c->leaf[i] };
		which[n++] = i;
	}
	e->get(e->arg, parts, n);
	r = first_failure(parts, n, err);
	for (size_t i = 0; i < n; i++)
		c->has[which[i]] = parts[i].result == 0;
	return r;
}

/* A leaf with line breaks is a list, as cloud-init has it. */
static void write_leaf(struct buf *out, const char *name, const struct buf *value)
{
	const char *s = buf_text(value);
	bool list = has_lines(value), first = true;

	buf_fmt(out, ",\"%s\":%s", name, list ? "[" : "");
	do {
		AUTO_BUF struct buf line = { 0 };
		size_t len = strcspn(s, "\r\n");

		buf_add(&line, s, len);
		buf_str(out, first ? "\"" : ",\"");
		buf_json(out, buf_text(&line));
		buf_char(out, '"');
		first = false;
		s += len;
		s += strspn(s, "\r\n");
	} while (*s);
	buf_str(out, list ? "]" : "");
}

static void write_all(const struct cards *cards, struct buf *out)
{
	buf_str(out, "{\"interfaces\":{\"macs\":{");
	for (size_t i = 0; i < cards->n; i++) {
		const struct card *c = &cards->card[i];

		buf_fmt(out, "%s\"%s\":{\"mac\":\"%s\"", i ? "," : "", c->mac, c->mac);
		if (c->addresses.len)
			write_leaf(out, ADDRESSES, &c->addresses);
		for (size_t k = 0; k < ARRAY_LEN(leaves); k++)
			if (c->has[k])
				write_leaf(out, leaves[k], &c->leaf[k]);
		buf_char(out, '}');
	}
	buf_str(out, "}}}\n");
}

static int add_cards(const char *listing, struct cards *ret, struct error *err)
{
	AUTO_FREE struct imds_names *names = calloc(1, sizeof(*names));

	ret->card = calloc(CARDS_MAX, sizeof(*ret->card));
	if (!names || !ret->card)
		return error_sys(err, ENOMEM, "ec2");
	imds_parse_names(listing, names);
	for (size_t i = 0; i < names->n && ret->n < CARDS_MAX; i++)
		if (strlen(names->name[i]) == 17 &&
		    strspn(names->name[i], "0123456789abcdefABCDEF:") == 17)
			(void)snprintf(ret->card[ret->n++].mac, sizeof(ret->card->mac), "%.17s",
				       names->name[i]);
	return 0;
}

/* The card that is the instance's first: its number says so, where it has one. */
static const struct card *primary(const struct cards *cards)
{
	for (size_t i = 0; i < cards->n; i++)
		if (cards->card[i].has[0] && buf_text(&cards->card[i].leaf[0])[0] == '0')
			return &cards->card[i];
	return &cards->card[0];
}

int ec2_network_get(const struct ec2_network *e, const char *listing,
		    struct datasource_payload *ret, struct error *err)
{
	CLEANUP(cards_done) struct cards cards = { 0 };
	struct buf *out = &ret->part[DATASOURCE_NETWORK_CONFIG];
	const char *address;
	int r = add_cards(listing, &cards, err);

	if (r < 0 || cards.n == 0)
		return r;
	r = get_first(e, &cards, err);
	for (size_t i = 0; r == 0 && i < cards.n && !is_simple(&cards); i++)
		r = get_rest(e, &cards.card[i], err);
	if (r < 0)
		return r;
	address = buf_text(&primary(&cards)->addresses);
	(void)snprintf(e->address, e->address_size, "%.*s", (int)strcspn(address, "\r\n"), address);
	write_all(&cards, out);
	ret->has[DATASOURCE_NETWORK_CONFIG] = true;
	return buf_check(out, err);
}
