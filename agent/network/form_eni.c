/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /etc/network/interfaces, as ifupdown and cloud-init read it: stanzas of lines, "\" at the end of
 * a line continues it. What the options of a stanza mean is eni_option.c's business.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/eni_option.h"
#include "agent/network/forms.h"
#include "agent/network/put.h"

#define LINES_MAX 10000

/* --- stanzas --- */

static void end_stanza(struct eni_reader *r)
{
	if (r->nic && r->address.text)
		network_put_address(r->net, r->nic, &r->address, r->address_mask, 0);
	r->nic = NULL;
	r->skip = false;
	r->address = (struct doc_node){ 0 };
	r->address_mask = NULL;
}

static void put_method(struct eni_reader *r, const char *method)
{
	if (!strcmp(method, "dhcp") && r->v6)
		r->nic->dhcp6 = NETWORK_YES;
	else if (!strcmp(method, "dhcp"))
		r->nic->dhcp = NETWORK_YES;
	else if (!strcmp(method, "auto") && r->v6)
		r->nic->accept_ra = NETWORK_YES;
	else if (strcmp(method, "static") && strcmp(method, "manual"))
		doc_say(r->net->p, false, r->at, "the method \"%.40s\" is not carried over",
			method);
}

/* "eth0.100" is a VLAN by its name, if no option says otherwise. */
static void name_vlan(struct eni_reader *r, const char *name)
{
	const char *dot = strrchr(name, '.');
	char *end;
	long id = dot ? strtol(dot + 1, &end, 10) : -1;

	if (!dot || end == dot + 1 || *end || id < 0 || id > 4094 || dot == name)
		return;
	r->nic->vlan.id = id;
	r->nic->vlan.link = doc_strdup(r->net->p, name, (size_t)(dot - name));
}

static void begin_iface(struct eni_reader *r, char *const *word, size_t n)
{
	const char *name = n > 1 ? word[1] : "";
	size_t len = strcspn(name, ":");

	end_stanza(r);
	r->skip = true;
	if (n < 4) {
		doc_say(r->net->p, true, r->at, "\"iface NAME FAMILY METHOD\" is expected here");
		return;
	}
	if (!strcmp(name, "lo") || !strcmp(word[3], "loopback"))
		return;
	if (strcmp(word[2], "inet") && strcmp(word[2], "inet6")) {
		doc_say(r->net->p, false, r->at, "the family \"%.40s\" is not carried over",
			word[2]);
		return;
	}
	/* eth0:1 is a second address of eth0. */
	name = doc_strdup(r->net->p, name, len);
	r->nic = name ? network_get(r->net, name, r->at) : NULL;
	if (!r->nic)
		return;
	r->skip = false;
	r->nic->gateway_is_old = true;
	r->v6 = !strcmp(word[2], "inet6");
	if (r->nic->vlan.id == NETWORK_UNSET)
		name_vlan(r, name);
	put_method(r, word[3]);
}

static bool is_stanza(const char *word)
{
	static const char *const words[] = {
		"auto",         "iface",      "mapping", "source",  "source-directory",
		"no-auto-down", "no-scripts", "rename",  "template"
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return !strncmp(word, "allow-", 6);
}

static void read_stanza(struct eni_reader *r, const char *line)
{
	char copy[ENI_LINE_MAX], *word[ENI_WORDS];
	size_t n;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	n = eni_option_split(copy, word, ENI_WORDS);
	if (!strcmp(word[0], "iface")) {
		begin_iface(r, word, n);
		return;
	}
	end_stanza(r);
	r->skip = !strcmp(word[0], "mapping");
	if (!strncmp(word[0], "source", 6) || r->skip || !strcmp(word[0], "rename"))
		doc_say(r->net->p, false, r->at, "\"%s\" is not carried over", word[0]);
	if (!strcmp(word[0], "allow-hotplug"))
		for (size_t i = 1; i < n; i++) {
			struct network_if *nic = network_find(r->net, word[i]);

			if (nic)
				nic->optional = NETWORK_YES;
		}
}

/* --- lines --- */

static void read_line(struct eni_reader *r, const char *line)
{
	size_t len;
	char name[80];
	const char *value;

	line += strspn(line, " \t");
	len = strcspn(line, " \t");
	if (!*line || *line == '#')
		return;
	(void)snprintf(name, sizeof(name), "%.*s", (int)(len < 79 ? len : 79), line);
	value = line + len + strspn(line + len, " \t");
	if (is_stanza(name))
		read_stanza(r, line);
	else if (r->nic)
		eni_option_put(r, name, doc_strdup(r->net->p, value, strlen(value)) ?: "");
	else if (!r->skip)
		doc_say(r->net->p, true, r->at, "\"%.40s\" stands outside of any \"iface\"", name);
}

/* One line with those that continue it; returns where the next one begins. */
static const char *join_lines(struct eni_reader *r, const char *text, struct buf *line)
{
	buf_reset(line);
	for (;;) {
		size_t len = strcspn(text, "\n"), end = len;

		r->at.line++;
		while (end && isspace((unsigned char)text[end - 1]))
			end--;
		if (end && text[end - 1] == '\\' && text[len]) {
			buf_add(line, text, end - 1);
			buf_char(line, ' ');
			text += len + 1;
			continue;
		}
		buf_add(line, text, end);
		return text[len] ? text + len + 1 : NULL;
	}
}

void network_read_eni(struct network *net, struct doc_origin at, const char *text)
{
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(ENI_LINE_MAX - 1);
	struct eni_reader r = { .net = net, .at = { at.source, 0, 1 } };

	for (int n = 0; text && *text && n < LINES_MAX; n++) {
		text = join_lines(&r, text, &line);
		if (line.failed)
			doc_say(net->p, true, r.at, "a line of more than %d bytes: ignored",
				ENI_LINE_MAX);
		else
			read_line(&r, buf_text(&line));
	}
	end_stanza(&r);
}

/* The first word that is no comment begins a stanza. */
bool network_is_eni(const char *text)
{
	for (const char *s = text; s; s = strchr(s, '\n')) {
		char word[32];
		size_t len;

		s += *s == '\n';
		s += strspn(s, " \t\r");
		len = strcspn(s, " \t\r\n");
		if (!len || *s == '#') {
			if (!*s)
				return false;
			s += len;
			continue;
		}
		(void)snprintf(word, sizeof(word), "%.*s", (int)(len < 31 ? len : 31), s);
		return is_stanza(word) && (s[len] == ' ' || s[len] == '\t');
	}
	return false;
}
