/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads NoCloud's fields.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/nocloud_line.h"
#include "lib/file.h"

#define URL_MAX 2048
#define DMI     "/sys/class/dmi/id/"

struct field {
	const char *name;
	size_t offset;
};

static const struct field fields[] = {
	{ "s", offsetof(struct nocloud_line, seedfrom) },
	{ "seedfrom", offsetof(struct nocloud_line, seedfrom) },
	{ "h", offsetof(struct nocloud_line, hostname) },
	{ "local-hostname", offsetof(struct nocloud_line, hostname) },
	{ "i", offsetof(struct nocloud_line, id) },
	{ "instance-id", offsetof(struct nocloud_line, id) },
};

/* dmidecode's names, as cloud-init has them, and the kernel's files. */
static const char *const dmi_names[][2] = {
	{ "baseboard-asset-tag", "board_asset_tag" },
	{ "baseboard-manufacturer", "board_vendor" },
	{ "baseboard-product-name", "board_name" },
	{ "baseboard-serial-number", "board_serial" },
	{ "baseboard-version", "board_version" },
	{ "bios-release-date", "bios_date" },
	{ "bios-vendor", "bios_vendor" },
	{ "bios-version", "bios_version" },
	{ "chassis-asset-tag", "chassis_asset_tag" },
	{ "chassis-manufacturer", "chassis_vendor" },
	{ "chassis-serial-number", "chassis_serial" },
	{ "chassis-version", "chassis_version" },
	{ "system-manufacturer", "sys_vendor" },
	{ "system-product-name", "product_name" },
	{ "system-serial-number", "product_serial" },
	{ "system-uuid", "product_uuid" },
	{ "system-version", "product_version" },
};

static void take_field(struct nocloud_line *l, const char *text, size_t len)
{
	const char *eq = memchr(text, '=', len);

	for (size_t i = 0; eq && i < ARRAY_LEN(fields); i++) {
		size_t name = (size_t)(eq - text), value = len - name - 1;

		if (strlen(fields[i].name) != name || strncmp(fields[i].name, text, name) ||
		    value >= NOCLOUD_LINE_VALUE)
			continue;
		(void)snprintf((char *)l + fields[i].offset, NOCLOUD_LINE_VALUE, "%.*s", (int)value,
			       eq + 1);
	}
}

bool nocloud_line_take(struct nocloud_line *l, const char *value, const char *where)
{
	size_t len = strcspn(value, "; \t\"");

	if ((len != 7 || strncmp(value, "nocloud", 7)) &&
	    (len != 11 || strncmp(value, "nocloud-net", 11)))
		return false;
	l->where = where;
	while (value[len] == ';') {
		value += len + 1;
		/* A closing quote is the boot loader's, who needs it for the semicolon. */
		len = strcspn(value, "; \t\"");
		take_field(l, value, len);
	}
	return true;
}

/* "ds=" at the start of the serial number or behind a space. */
static void take_serial(struct nocloud_line *l, const char *serial)
{
	for (const char *s = serial; (s = strstr(s, "ds=")) != NULL; s += 3)
		if (s == serial || isspace((unsigned char)s[-1]))
			(void)nocloud_line_take(l, s + 3, "the DMI serial number");
}

void nocloud_line_read(const struct machine *m, struct nocloud_line *ret)
{
	static const char *const keys[] = { "ds", "ci.ds", "ci.datasource" };

	*ret = (struct nocloud_line){ 0 };
	take_serial(ret, m->fact[MACHINE_PRODUCT_SERIAL]);
	for (size_t i = 0; i < m->cmdline.n_words; i++) {
		const struct cmdline_word *w = &m->cmdline.words[i];
		const char *key = *w->key == '"' ? w->key + 1 : w->key;

		for (size_t k = 0; w->value && k < ARRAY_LEN(keys); k++)
			if (!strcmp(key, keys[k]))
				(void)nocloud_line_take(ret, w->plain, "the kernel line");
	}
}

/* --- addresses --- */

/* Only what a URL may hold: a serial number with spaces or slashes must not change its meaning. */
static void add_escaped(struct buf *b, const char *text)
{
	for (const char *s = text; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s))
			buf_char(b, *s);
		else
			buf_fmt(b, "%%%02X", (unsigned char)*s);
	}
}

static int add_dmi(int root, const char *name, size_t len, struct buf *b, struct error *err)
{
	AUTO_BUF struct buf value = BUF_WITH_LIMIT(4096);
	char path[64];

	for (size_t i = 0; i < ARRAY_LEN(dmi_names); i++) {
		if (strlen(dmi_names[i][0]) != len || strncmp(dmi_names[i][0], name, len))
			continue;
		(void)snprintf(path, sizeof(path), DMI "%s", dmi_names[i][1]);
		if (file_read(root, path, &value, NULL) < 0)
			break;
		while (value.len && isspace((unsigned char)value.data[value.len - 1]))
			value.data[--value.len] = '\0';
		add_escaped(b, buf_text(&value));
		return 0;
	}
	return error_set(err, ENODATA, "this machine has no DMI string %.*s", (int)len, name);
}

/* *at is behind "__dmi."; moves it behind the closing "__". */
static int add_variable(int root, const char **at, struct buf *b, struct error *err)
{
	const char *end = strstr(*at, "__");
	int r;

	if (!end)
		return error_set(err, EBADMSG, "__dmi.%.32s lacks its closing __", *at);
	r = add_dmi(root, *at, (size_t)(end - *at), b, err);
	*at = end + 2;
	return r;
}

int nocloud_line_url(int root, const char *seedfrom, const char *file, struct buf *ret,
		     struct error *err)
{
	bool named = false, query = strchr(seedfrom, '?') != NULL;
	int r = 0;

	buf_done(ret);
	*ret = BUF_WITH_LIMIT(URL_MAX);
	for (const char *s = seedfrom; r == 0 && *s;) {
		if (!strncmp(s, "__dmi.", 6)) {
			s += 6;
			r = add_variable(root, &s, ret, err);
		} else if (!strncmp(s, "%s", 2)) {
			buf_str(ret, file);
			named = true;
			s += 2;
		} else {
			buf_char(ret, *s++);
		}
	}
	if (!named && !query && ret->len && ret->data[ret->len - 1] != '/')
		buf_char(ret, '/');
	if (!named)
		buf_str(ret, file);
	return r < 0 ? r : buf_check(ret, err);
}
