/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros config render`: what user-data becomes once it is unpacked, included, rendered and merged,
 * part by part, for people who try it before a machine does.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/userdata/assemble.h"
#include "agent/userdata/instance.h"
#include "datasource/datasource.h"
#include "lib/doc/decode.h"
#include "lib/file.h"

#define OUTPUT_MAX	   (64u << 20)
#define OPT_ALLOW_LOOPBACK 1000
#define OPT_JSON	   1001

struct options {
	bool json, allow_loopback;
	const char *file[DATASOURCE_N_PARTS];
};

static const struct option long_options[] = {
	{ "input", required_argument, NULL, 'i' },
	{ "meta-data", required_argument, NULL, DATASOURCE_META_DATA },
	{ "vendor-data", required_argument, NULL, DATASOURCE_VENDOR_DATA },
	{ "allow-loopback", no_argument, NULL, OPT_ALLOW_LOOPBACK },
	{ "json", no_argument, NULL, OPT_JSON },
	{ NULL, 0, NULL, 0 },
};

static bool parse(int argc, char **argv, struct options *ret, struct error *err)
{
	int c;

	*ret = (struct options){ 0 };
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "i:", long_options, NULL)) != -1) {
		if (c == 'i')
			ret->file[DATASOURCE_USER_DATA] = optarg;
		else if (c == OPT_ALLOW_LOOPBACK)
			ret->allow_loopback = true;
		else if (c == OPT_JSON)
			ret->json = true;
		else if (c >= 0 && c < DATASOURCE_N_PARTS)
			ret->file[c] = optarg;
		else
			break;
	}
	if (c == -1 && optind == argc)
		return true;
	(void)error_set(err, EINVAL, "%s is not expected here, or lacks its argument",
			argv[c == -1 ? optind : optind - 1]);
	return false;
}

/* The caller's own files, not taken below --root; user-data may come from standard input. */
static int read_part(const struct options *o, enum datasource_part part,
		     struct datasource_payload *ret, struct error *err)
{
	const char *path = o->file[part];
	AUTO_FCLOSE FILE *f = NULL;

	ret->part[part] = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	if (!path && part != DATASOURCE_USER_DATA)
		return 0;
	ret->has[part] = true;
	if (!path || !strcmp(path, "-"))
		return file_read_fd(STDIN_FILENO, "stdin", &ret->part[part], err);
	f = fopen(path, "re");
	if (!f)
		return error_sys(err, errno, "%s", path);
	return file_read_fd(fileno(f), path, &ret->part[part], err);
}

static int read_files(const struct options *o, struct datasource_payload *ret, struct error *err)
{
	static const enum datasource_part parts[] = { DATASOURCE_USER_DATA, DATASOURCE_META_DATA,
						      DATASOURCE_VENDOR_DATA };
	int r = 0;

	(void)snprintf(ret->source, sizeof(ret->source), "file");
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(parts); i++)
		r = read_part(o, parts[i], ret, err);
	return r;
}

/* --- the result --- */

struct rendered {
	struct assembled vendor, user;
	const struct doc_node *config;
};

static const char *name_of(const struct options *o, enum datasource_part part)
{
	const char *path = o->file[part];

	return path && strcmp(path, "-") != 0 ? path : "stdin";
}

static void assemble_part(const struct options *o, struct unpack_input *in,
			  enum datasource_part part, const struct datasource_payload *payload,
			  struct assembled *ret)
{
	in->source = name_of(o, part);
	in->data = buf_text(&payload->part[part]);
	in->len = payload->part[part].len;
	if (payload->has[part])
		assemble_one(in, ret);
}

static int render(const struct env *env, const struct options *o, struct doc_pool *p,
		  struct rendered *ret, struct error *err)
{
	AUTO_PAYLOAD struct datasource_payload payload = { 0 };
	/* On the machine itself, what its boots keep is left alone. */
	AUTO_INCLUDE struct include include = { .root = env->root,
						.allow_loopback = o->allow_loopback,
						.dry = env->root == FILE_ROOT };
	struct unpack_input in = { .pool = p, .include = &include };
	struct instance instance;
	struct vars vars;
	int r = read_files(o, &payload, err);

	if (r == 0)
		r = instance_read(p, &payload, &instance, err);
	if (r < 0)
		return r;
	vars_read(p, &instance, &vars);
	in.vars = &vars;
	include.instance_id = instance.id;
	assemble_part(o, &in, DATASOURCE_USER_DATA, &payload, &ret->user);
	if (assemble_wants_vendor(ret->user.config))
		assemble_part(o, &in, DATASOURCE_VENDOR_DATA, &payload, &ret->vendor);
	ret->config = assemble_layers(p, ret->vendor.config, ret->user.config);
	return ret->config ? 0 : error_set(err, ENOMEM, "no memory for the result");
}

/* --- printing --- */

static void json_parts(const struct unpack_parts *parts, const char *from, bool *first,
		       struct buf *out)
{
	for (size_t i = 0; i < parts->n; i++) {
		const struct unpack_part *part = &parts->list[i];

		buf_fmt(out, "%s{\"type\":\"%s\",\"name\":\"%s\",\"from\":\"%s\",\"content\":\"",
			*first ? "" : ",", unpack_type_name(part->type), part->name, from);
		decode_to_base64(part->text, part->len, out);
		buf_str(out, "\"}");
		*first = false;
	}
}

static void print_json(const struct doc_pool *p, const struct rendered *r, struct buf *out)
{
	bool first = true;

	buf_str(out, "{\"parts\":[");
	json_parts(&r->vendor.parts, "vendor-data", &first, out);
	json_parts(&r->user.parts, "user-data", &first, out);
	buf_str(out, "],\"config\":");
	doc_json_write(r->config, out);
	buf_str(out, ",\"messages\":");
	doc_messages_json(p, out);
	buf_str(out, "}\n");
}

static void text_parts(const struct unpack_parts *parts, struct buf *out)
{
	for (size_t i = 0; i < parts->n; i++) {
		const struct unpack_part *part = &parts->list[i];

		buf_fmt(out, "### %s: %s (%s:%u)\n", part->name, unpack_type_name(part->type),
			part->source, part->place.first);
		buf_add(out, part->text, part->len);
		if (part->len && part->text[part->len - 1] != '\n')
			buf_char(out, '\n');
		buf_char(out, '\n');
	}
}

static void print_text(const struct rendered *r, struct buf *out)
{
	text_parts(&r->vendor.parts, out);
	text_parts(&r->user.parts, out);
	buf_str(out, "### the configuration of all parts\n");
	if (r->config->len)
		doc_yaml_write(r->config, out);
}

static void print_messages(const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		(void)fprintf(stderr, "ros: config: %s%s\n",
			      m[i].is_error ? "" : "warning: ", buf_text(&line));
	}
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(OUTPUT_MAX);
	struct rendered result = { 0 };
	struct options o;

	if (!parse(argc, argv, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || render(env, &o, p, &result, err) < 0)
		return COMMAND_FAILED;
	print_messages(p);
	if (o.json)
		print_json(p, &result, &out);
	else
		print_text(&result, &out);
	if (buf_check(&out, err) < 0)
		return COMMAND_FAILED;
	(void)fwrite(buf_text(&out), 1, out.len, stdout);
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_config_render = {
	.name = "config render",
	.args = "[-i USER_DATA] [--meta-data FILE] [--vendor-data FILE] [--allow-loopback] "
		"[--json]",
	.help = "Show what user-data becomes, part by part.",
	.run = run,
};
