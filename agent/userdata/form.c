/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Headers and types of user-data.
 */
#include "agent/userdata/form.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/attr.h"

/* A late header is looked for in so many lines. */
#define LATE_LINES 20

/* A header ends at white space or the end; "#!" and "## template:" are followed by anything. */
static const struct form_row headers[] = {
	{ "#cloud-config", FORM_CONFIG, NULL },
	{ "#cloud-config-jsonp", FORM_PATCH, NULL },
	{ "#cloud-config-archive", FORM_ARCHIVE, NULL },
	{ "#compose", FORM_COMPOSE, NULL },
	{ "#!", FORM_SCRIPT, NULL },
	{ "#cloud-boothook", FORM_BOOTHOOK, NULL },
	{ "#include", FORM_INCLUDE, NULL },
	{ "#include-once", FORM_INCLUDE, NULL },
	{ "## template:", FORM_JINJA, NULL },
	{ "##template:", FORM_JINJA, NULL },
	{ "#part-handler", FORM_REFUSED, "a part-handler (Python code)" },
	{ "#upstart-job", FORM_REFUSED, "an upstart job" },
};

static const struct form_row types[] = {
	{ "text/cloud-config", FORM_CONFIG, NULL },
	{ "text/cloud-config-jsonp", FORM_PATCH, NULL },
	{ "text/cloud-config-archive", FORM_ARCHIVE, NULL },
	{ "text/x-compose", FORM_COMPOSE, NULL },
	{ "text/x-shellscript", FORM_SCRIPT, NULL },
	{ "text/x-shellscript-per-boot", FORM_SCRIPT, NULL },
	{ "text/x-shellscript-per-instance", FORM_SCRIPT, NULL },
	{ "text/x-shellscript-per-once", FORM_SCRIPT, NULL },
	{ "text/cloud-boothook", FORM_BOOTHOOK, NULL },
	{ "text/x-include-url", FORM_INCLUDE, NULL },
	{ "text/x-include-once-url", FORM_INCLUDE, NULL },
	{ "text/jinja2", FORM_JINJA, NULL },
	{ "application/gzip", FORM_GZIP, NULL },
	{ "application/x-gzip", FORM_GZIP, NULL },
	{ "application/gzip-compressed", FORM_GZIP, NULL },
	{ "application/gzipped", FORM_GZIP, NULL },
	{ "application/x-compress", FORM_GZIP, NULL },
	{ "application/x-compressed", FORM_GZIP, NULL },
	{ "application/x-gunzip", FORM_GZIP, NULL },
	{ "application/x-gzip-compressed", FORM_GZIP, NULL },
	{ "message/rfc822", FORM_MESSAGE, NULL },
	{ "text/part-handler", FORM_REFUSED, "a part-handler (Python code)" },
	{ "text/upstart-job", FORM_REFUSED, "an upstart job" },
};

/* Of these cloud-init, too, looks at the content; text/cloud-config may be a template, and mailers
 * give files the last one. */
static const char *const vague[] = { "",
				     "text/plain",
				     "text/x-not-multipart",
				     "text/x-shellscript",
				     "text/cloud-config",
				     "application/octet-stream" };

static bool has_header(const char *text, const char *header)
{
	size_t len = strlen(header);

	if (strncasecmp(text, header, len))
		return false;
	if (!strcmp(header, "#!") || header[len - 1] == ':')
		return true;
	return !text[len] || isspace((unsigned char)text[len]);
}

const struct form_row *form_by_header(const char *text, const char **ret_at)
{
	while (isspace((unsigned char)*text))
		text++;
	if (ret_at)
		*ret_at = text;
	for (size_t i = 0; *text && i < ARRAY_LEN(headers); i++)
		if (has_header(text, headers[i].name))
			return &headers[i];
	return NULL;
}

const struct form_row *form_by_type(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcmp(type, types[i].name))
			return &types[i];
	return NULL;
}

bool form_is_vague(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(vague); i++)
		if (!strcmp(type, vague[i]))
			return true;
	return false;
}

unsigned form_late_header(const char *text)
{
	unsigned line = 1;

	for (const char *s = text; s && line <= LATE_LINES; line++) {
		if (has_header(s, "#cloud-config"))
			return line;
		s = strchr(s, '\n');
		s = s ? s + 1 : NULL;
	}
	return 0;
}
