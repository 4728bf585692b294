/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One small test for each kind of text.
 */
#include "agent/config/schema_kind.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "agent/config/schema_row.h"
#include "agent/convert.h"

/* Names in the DNS (RFC 1035) and of users (useradd). */
#define LABEL_MAX 63
#define DOMAIN_MAX 253
#define USER_MAX 32
#define ADDRESS_MAX 64
#define BLANKS " \t\n"

/* 644, 0644, 0o644: what counts is how it is written. */
static bool is_mode(const char *s)
{
	size_t digits;

	if (!strncmp(s, "0o", 2))
		s += 2;
	else if (*s == '0' && strlen(s) > 3)
		s++;
	digits = strspn(s, "01234567");
	return !s[digits] && (digits == 3 || digits == 4);
}

/* An address of IPv4 or IPv6; *ret_bits is the length of its kind. */
static bool is_address(const char *s, size_t len, long *ret_bits)
{
	char text[ADDRESS_MAX];
	struct in6_addr a;

	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, &a) == 1) {
		*ret_bits = 32;
		return true;
	}
	*ret_bits = 128;
	text[strcspn(text, "%")] = '\0';
	return inet_pton(AF_INET6, text, &a) == 1;
}

static bool is_ip(const char *s)
{
	long bits;

	return is_address(s, strlen(s), &bits);
}

static bool is_cidr(const char *s)
{
	const char *slash = strchr(s, '/');
	int64_t len;
	long bits;

	return slash && is_address(s, (size_t)(slash - s), &bits) &&
	       convert_integer(slash + 1, &len, NULL) == 0 && len >= 0 && len <= bits;
}

static bool is_mac(const char *s)
{
	size_t i;

	for (i = 0; i < 17; i++)
		if (i % 3 == 2 ? s[i] != ':' && s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	return !s[i];
}

/* Labels of letters, digits and dashes (RFC 1123); `more` are characters that may stand there
 * besides. */
static bool is_domain(const char *s, const char *more)
{
	size_t label = 0, len = strlen(s);

	if (len == 0 || len > DOMAIN_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool end = i + 1 == len || s[i + 1] == '.';

		if (s[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
			continue;
		}
		if (!isalnum((unsigned char)s[i]) && !strchr(more, s[i]) &&
		    (s[i] != '-' || label == 0 || end))
			return false;
		if (++label > LABEL_MAX)
			return false;
	}
	return s[len - 1] != '.';
}

static bool is_hostname(const char *s)
{
	return is_domain(s, "_");
}

/* As in search lists and lists of servers, where a dot may end a name, and addresses stand. */
static bool is_host(const char *s)
{
	char name[DOMAIN_MAX + 2];
	size_t len = strlen(s);

	if (is_ip(s) || !strcmp(s, "."))
		return true;
	if (len == 0 || len >= sizeof(name))
		return false;
	memcpy(name, s, len + 1);
	if (name[len - 1] == '.')
		name[len - 1] = '\0';
	return is_domain(name, "_");
}

static bool is_user(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > USER_MAX || (!isalpha((unsigned char)*s) && *s != '_'))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("_.-", s[i]) &&
		    (s[i] != '$' || i + 1 != len))
			return false;
	return true;
}

static bool is_url(const char *s)
{
	size_t scheme = strcspn(s, ":");

	if (scheme == 0 || strncmp(s + scheme, "://", 3) || !s[scheme + 3])
		return false;
	for (size_t i = 0; i < scheme; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("+-.", s[i]))
			return false;
	for (; *s; s++)
		if (isspace((unsigned char)*s) || iscntrl((unsigned char)*s))
			return false;
	return true;
}

/* Absolute, and going nowhere but down. */
static bool is_path(const char *s)
{
	if (*s != '/' || strchr(s, '\n'))
		return false;
	for (const char *at = s; (at = strstr(at, "/..")); at += 3)
		if (at[3] == '/' || !at[3])
			return false;
	return true;
}

/* As agent/state/state_disk.c enters it. */
static bool is_below(const char *s)
{
	return !strstr(s, "..") && !s[strcspn(s, BLANKS)];
}

static bool is_device(const char *s)
{
	static const char *const tags[] = { "LABEL=", "UUID=", "PARTLABEL=", "PARTUUID=", "ID=" };

	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (!strncmp(s, tags[i], strlen(tags[i])))
			return s[strlen(tags[i])] != '\0';
	return !*s || (!strncmp(s, "/dev/", 5) && s[5] && is_path(s));
}

static bool is_duration(const char *s)
{
	int64_t ms;

	return convert_duration(s, &ms, NULL) == 0 && ms >= 0;
}

static bool is_size(const char *s)
{
	int64_t size;

	return convert_size(s, &size, NULL) == 0;
}

static bool is_zone(const char *s)
{
	if (!isalpha((unsigned char)*s) || strstr(s, ".."))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("/_+-", *s))
			return false;
	return s[-1] != '/';
}

/* A type that sshd knows, and something behind it. What the key is worth is the agent's to see. */
static bool is_key(const char *s)
{
	static const char *const types[] = { "ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-" };

	for (; *s; s += strcspn(s, BLANKS), s += strspn(s, BLANKS))
		for (size_t i = 0; i < ARRAY_LEN(types); i++) {
			size_t word = strcspn(s, BLANKS);

			if (!strncmp(s, types[i], strlen(types[i])) &&
			    isgraph((unsigned char)s[word + strspn(s + word, " \t")]))
				return true;
		}
	return false;
}

static const struct {
	enum schema_kind kind;
	bool (*is)(const char *text);
} texts[] = {
	{ SCHEMA_MODE, is_mode },         { SCHEMA_IP, is_ip },
	{ SCHEMA_CIDR, is_cidr },         { SCHEMA_NET, is_ip },
	{ SCHEMA_NET, is_cidr },          { SCHEMA_MAC, is_mac },
	{ SCHEMA_HOSTNAME, is_hostname }, { SCHEMA_HOST, is_host },
	{ SCHEMA_USER, is_user },
	{ SCHEMA_URL, is_url },           { SCHEMA_PATH, is_path },
	{ SCHEMA_DEVICE, is_device },     { SCHEMA_DURATION, is_duration },
	{ SCHEMA_SIZE, is_size },         { SCHEMA_ZONE, is_zone },
	{ SCHEMA_KEY, is_key },           { SCHEMA_BELOW, is_below },
};

bool schema_kind_is(unsigned kinds, const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (kinds & texts[i].kind && texts[i].is(text))
			return true;
	return false;
}
