/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathers the facts about this machine.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "datasource/machine.h"
#include "lib/buf.h"
#include "lib/file.h"

#define DMI "/sys/class/dmi/id/"

static void read_dmi(int root, const char *path, char *to, size_t size)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(4096);

	to[0] = '\0';
	if (file_read(root, path, &b, NULL) < 0)
		return;
	while (b.len && isspace((unsigned char)b.data[b.len - 1]))
		b.data[--b.len] = '\0';
	if (b.len < size)
		memcpy(to, buf_text(&b), b.len + 1);
}

bool machine_is_unique_id(const char *uuid)
{
	static const char *const shared[] = {
		"03000200-0400-0500-0006-000700080009",
		"12345678-1234-5678-90ab-cddeefaabbcc",
	};
	char first = '\0';
	size_t same = 0, digits = 0;

	for (const char *s = uuid; *s; s++) {
		if (!isxdigit((unsigned char)*s))
			continue;
		if (!digits++)
			first = (char)tolower((unsigned char)*s);
		same += tolower((unsigned char)*s) == first;
	}
	if (digits < 16 || same == digits)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		if (!strcasecmp(uuid, shared[i]))
			return false;
	return true;
}

static bool keep_medium(void *arg, const struct probe *p)
{
	struct machine *m = arg;

	if (!p->label[0] || (strcmp(p->type, "iso9660") && strcmp(p->type, "vfat") &&
			     strcmp(p->type, "udf")))
		return true;
	if (m->n_media < MACHINE_MEDIA_MAX)
		m->media[m->n_media++] = *p;
	return m->n_media < MACHINE_MEDIA_MAX;
}

void machine_load(struct machine *m, int root)
{
	memset(m, 0, sizeof(*m));
	m->root = root;
	/* A line that is too long gives what fits. */
	(void)!cmdline_load(&m->cmdline, root, NULL);
	read_dmi(root, DMI "product_uuid", m->product_uuid, sizeof(m->product_uuid));
	read_dmi(root, DMI "product_serial", m->product_serial, sizeof(m->product_serial));
	if (!machine_is_unique_id(m->product_uuid))
		m->product_uuid[0] = '\0';
	/* A machine without block devices has no media: nothing to report. */
	(void)!probe_each(root, keep_medium, m, NULL);
}
