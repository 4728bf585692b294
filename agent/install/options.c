/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of options.
 */
#include "agent/install/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "installer/kind.h"
#include "installer/refuse.h"
#include "installer/statedir.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/proc.h"

enum {
	DRY_RUN = 256,
	JSON,
	NO_REBOOT,
	STATEDIR,
	DEBUG,
	POWEROFF,
	ISO,
	ENCRYPT,
	KEY_FILE,
	MIRROR,
	SAVE = 's',
	ROLLBACK = 'r'
};

static const struct option long_options[] = {
	{ "install-type", required_argument, NULL, 't' },
	{ "cloud-config", required_argument, NULL, 'c' },
	{ "device", required_argument, NULL, 'd' },
	{ "partition", required_argument, NULL, 'p' },
	{ "image", required_argument, NULL, 'i' },
	{ "append", required_argument, NULL, 'a' },
	{ "statedir", required_argument, NULL, STATEDIR },
	{ "force", no_argument, NULL, 'f' },
	{ "encrypt", no_argument, NULL, ENCRYPT },
	{ "key-file", required_argument, NULL, KEY_FILE },
	{ "mirror", required_argument, NULL, MIRROR },
	{ "kexec", no_argument, NULL, 'k' },
	{ "save", no_argument, NULL, SAVE },
	{ "no-reboot", no_argument, NULL, NO_REBOOT },
	{ "poweroff", no_argument, NULL, POWEROFF },
	{ "dry-run", no_argument, NULL, DRY_RUN },
	{ "json", no_argument, NULL, JSON },
	{ "debug", no_argument, NULL, DEBUG },
	{ "rollback", required_argument, NULL, ROLLBACK },
	{ "isoinstallerloaded", optional_argument, NULL, ISO }, /* RancherOS' own scripts */
	{ NULL, 0, NULL, 0 },
};

static bool set_option(int c, struct install_options *o)
{
	struct install_request *q = &o->request;

	switch (c) {
	case 't':
		o->kind = optarg;
		return true;
	case 'c':
		o->config = optarg;
		return true;
	case 'd':
		q->device = optarg;
		return true;
	case 'p':
		q->partition = optarg;
		return true;
	case 'i':
		o->image = optarg;
		return true;
	case 'a':
		q->append = optarg;
		return true;
	case STATEDIR:
		q->statedir = optarg;
		return true;
	case 'f':
		q->force = true;
		return true;
	case ENCRYPT:
		o->encrypt = true;
		return true;
	case KEY_FILE:
		o->key_file = optarg;
		return true;
	case MIRROR:
		q->mirror = optarg;
		return true;
	case 'k':
		q->after = INSTALL_KEXEC;
		return true;
	case NO_REBOOT:
		q->after = INSTALL_STAY;
		return true;
	case POWEROFF:
		q->after = INSTALL_POWEROFF;
		return true;
	case DRY_RUN:
		o->dry_run = true;
		return true;
	case JSON:
		o->json = true;
		return true;
	case SAVE:
		o->save = true;
		return true;
	case DEBUG:
		return setenv(PROC_TRACE, "1", 1) == 0;
	case ROLLBACK:
		o->rollback = true;
		return true;
	case ISO:
		return true;
	default:
		return false;
	}
}

/* A link may lead to a partition. Of an image file it is only a name, beside the file's. */
static void name_partition(struct install_options *o)
{
	const char *slash = strrchr(o->request.device, '/');

	if (realpath(o->request.partition, o->partition)) {
		o->request.partition = o->partition;
	} else if (o->request.partition[0] != '/' && slash) {
		(void)snprintf(o->partition, sizeof(o->partition), "%.*s/%s",
			       (int)(slash - o->request.device), o->request.device,
			       o->request.partition);
		o->request.partition = o->partition;
	}
}

int install_options_parse(const struct env *env, int argc, char **argv, struct install_options *o,
			  struct error *err)
{
	AUTO_BUF struct buf kinds = { 0 };
	int c;

	optind = 0; /* getopt forgets where it was in an earlier argv */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "t:c:d:p:i:a:fksr:", long_options, NULL)) != -1) {
		if (!set_option(c, o))
			return error_set(err, EINVAL, "%s is no option, or lacks its argument",
					 argv[optind - 1]);
	}
	if (optind < argc)
		return error_set(err, EINVAL, "%s: no argument is wanted", argv[optind]);
	if (!o->kind)
		o->kind = KIND_DEFAULT;
	o->request.type = kind_find(o->kind);
	kind_names(&kinds);
	if (!o->request.type)
		return error_set(err, EINVAL, "--install-type %s: there is %s", o->kind,
				 buf_text(&kinds));
	if (o->rollback)
		return error_set(err, EINVAL,
				 "--rollback: this installs (choose it in the boot menu)");
	if (o->save && !o->config)
		return error_set(err, EINVAL,
				 "--save: the images of which services? (--cloud-config)");
	if (o->config && !o->request.type->seeds && !o->request.type->refuse)
		return error_set(err, EINVAL, "--cloud-config: type %s takes none", o->kind);
	/* A file's name is the caller's, from where he stands. */
	if (o->request.device && env->root == FILE_ROOT && o->request.device[0] != '/') {
		if (!realpath(o->request.device, o->device))
			return error_set(err, ENODATA, "there is no disk %s", o->request.device);
		o->request.device = o->device;
	}
	if (o->request.partition && o->request.device && env->root == FILE_ROOT)
		name_partition(o);
	if (o->request.statedir) {
		int r = statedir_clean(o->request.statedir, o->statedir, err);

		if (r < 0)
			return error_wrap(err, r, "--statedir");
		o->request.statedir = o->statedir;
	}
	return refuse_request(&o->request, err);
}
