/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognises user-data by its first line.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "agent/userdata/userdata.h"
#include "lib/doc/decode.h"
#include "lib/doc/tree.h"

#define INFLATED_MAX (16u << 20)

struct form {
	const char *header;
	enum userdata_form form;
	const char *refused; /* what it is, when it is not taken */
};

/* A header ends at white space or the end; "#!" is followed by anything. */
static const struct form forms[] = {
	{ "#cloud-config", USERDATA_CONFIG, NULL },
	{ "#compose", USERDATA_COMPOSE, NULL },
	{ "#!", USERDATA_SCRIPT, NULL },
	{ "#cloud-config-archive", USERDATA_NONE, "a cloud-config archive" },
	{ "#cloud-config-jsonp", USERDATA_NONE, "a JSON patch" },
	{ "#include", USERDATA_NONE, "a list of URLs to include" },
	{ "#include-once", USERDATA_NONE, "a list of URLs to include" },
	{ "#cloud-boothook", USERDATA_NONE, "a boothook" },
	{ "#part-handler", USERDATA_NONE, "a Python part handler" },
	{ "##", USERDATA_NONE, "a template" },
	{ "mime-version:", USERDATA_NONE, "a MIME message" },
	{ "content-type:", USERDATA_NONE, "a MIME message" },
};

static struct doc_origin at_line(const char *source, unsigned line)
{
	return (struct doc_origin){ source, line, 1 };
}

/* Without byte order mark; "\r\n" becomes "\n". */
static int clean_text(struct doc_pool *p, const char *data, size_t len, struct userdata *ret)
{
	char *copy, *to;

	if (len >= 3 && !memcmp(data, "\xef\xbb\xbf", 3)) {
		data += 3;
		len -= 3;
	}
	copy = doc_alloc(p, len + 1);
	if (!copy)
		return -ENOMEM;
	to = copy;
	for (size_t i = 0; i < len; i++)
		if (data[i] != '\r' || i + 1 == len || data[i + 1] != '\n')
			*to++ = data[i];
	*to = '\0';
	ret->text = copy;
	ret->len = (size_t)(to - copy);
	return 0;
}

/* Where the header must be, behind blank lines. */
static const char *first_word(const char *text, unsigned *ret_line)
{
	*ret_line = 1;
	for (; isspace((unsigned char)*text); text++)
		*ret_line += *text == '\n';
	return text;
}

static bool has_header(const char *text, const char *header)
{
	size_t len = strlen(header);

	if (strncasecmp(text, header, len))
		return false;
	if (!strcmp(header, "#!") || header[len - 1] == ':')
		return true;
	return !text[len] || isspace((unsigned char)text[len]);
}

static const struct form *find_form(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (has_header(text, forms[i].header))
			return &forms[i];
	return NULL;
}

bool userdata_has_header(const char *text)
{
	unsigned line;

	text = first_word(text, &line);
	return *text == '#' || find_form(text);
}

/* A line further down that says what the first one should have said. */
static unsigned late_header(const char *text)
{
	unsigned line = 1;

	for (const char *s = text; s && line <= 20; line++) {
		if (has_header(s, "#cloud-config"))
			return line;
		s = strchr(s, '\n');
		s = s ? s + 1 : NULL;
	}
	return 0;
}

/* Secrets must not be shown: of the text only its first word, and only when it is a comment. */
static int say_unknown(struct doc_pool *p, const char *source, const char *text, unsigned line)
{
	unsigned late = late_header(text);
	int word = (int)strcspn(text, " \t\n");

	if (word > 40)
		word = 40;
	if (late)
		doc_say(p, true, at_line(source, late),
			"#cloud-config must be the first line: move it up");
	else if (text[0] == '#')
		doc_say(p, true, at_line(source, line),
			"\"%.*s\" is no known form of user-data (the first line must be "
			"#cloud-config, #compose or #!/…)",
			word, text);
	else
		doc_say(p, true, at_line(source, line),
			"the first line must be #cloud-config, #compose or #!/…: nothing was "
			"applied");
	return -EBADMSG;
}

static int recognise(struct doc_pool *p, const char *source, struct userdata *ret)
{
	unsigned line;
	const char *text = first_word(ret->text, &line);
	const struct form *f = find_form(text);

	if (!*text) {
		ret->form = USERDATA_NONE;
		return 0;
	}
	if (!f)
		return say_unknown(p, source, text, line);
	if (f->refused) {
		doc_say(p, true, at_line(source, line), "this is %s, which is not supported yet",
			f->refused);
		return -EBADMSG;
	}
	ret->form = f->form;
	/* The kernel looks for "#!" in the first two bytes. */
	if (f->form == USERDATA_SCRIPT) {
		ret->len -= (size_t)(text - ret->text);
		ret->text = text;
	}
	return 0;
}

static int inflate_text(struct doc_pool *p, const char *source, const void *data, size_t len,
			struct buf *out)
{
	int r = decode_gzip(data, len, out);

	if (r == -E2BIG)
		doc_say(p, true, at_line(source, 0), "larger than %u MiB when decompressed",
			INFLATED_MAX >> 20);
	else if (r < 0)
		doc_say(p, true, at_line(source, 0), "the gzip data is damaged or cut off");
	return r;
}

int userdata_read(struct doc_pool *p, const char *source, const void *data, size_t len,
		  struct userdata *ret)
{
	AUTO_BUF struct buf inflated = BUF_WITH_LIMIT(INFLATED_MAX);
	const char *nul;
	int r = 0;

	*ret = (struct userdata){ .text = "" };
	source = doc_strdup(p, source, strlen(source));
	if (!source)
		return -ENOMEM;
	if (decode_is_gzip(data, len)) {
		r = inflate_text(p, source, data, len, &inflated);
		data = buf_text(&inflated);
		len = inflated.len;
	}
	if (r == 0 && len)
		r = clean_text(p, data, len, ret);
	if (r < 0)
		return r;
	nul = memchr(ret->text, '\0', ret->len);
	if (nul) {
		doc_say(p, true, at_line(source, 0), "a NUL byte at offset %zu: this is no text",
			(size_t)(nul - ret->text));
		return -EBADMSG;
	}
	return recognise(p, source, ret);
}

static const struct doc_node *services_of(struct doc_pool *p, const struct doc_node *compose)
{
	const struct doc_node *services = doc_key(compose, "services");

	return doc_with(p, NULL, "rancher.services",
			services && services->kind == DOC_MAP ? services : compose);
}

int userdata_document(struct doc_pool *p, const char *source, const char *text, size_t len,
		      const struct doc_node **ret, struct error *err)
{
	const struct doc_node *n = NULL;
	unsigned line;
	int r = doc_yaml(p, source, text, len, &n, err);

	if (r < 0)
		return r;
	if (n->kind == DOC_NULL)
		n = tree_map(p, n->origin, NULL, 0, 0);
	else if (n->kind != DOC_MAP)
		return error_set(err, EBADMSG,
				 "%s:%u:%u: lines of \"key: value\" are expected here", source,
				 n->origin.line, n->origin.column);
	else if (len && has_header(first_word(text, &line), "#compose"))
		n = services_of(p, n);
	if (!n)
		return error_set(err, ENOMEM, "%s: no memory", source);
	*ret = n;
	return 0;
}
