/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathers the facts about this machine.
 */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "datasource/machine.h"
#include "datasource/settle.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/scope.h"

/* A text of the firmware's, or the environment of PID 1, is no longer than this. */
#define FACT_FILE_MAX 65536
/* So long a seed on USB may take to appear. */
#define SETTLE_MS 2000

struct fact_row {
	const char *name;
	const char *path; /* NULL: found in another way */
};

#define DMI(name) { #name, "/sys/class/dmi/id/" #name }
static const struct fact_row facts[MACHINE_N_FACTS] = {
	[MACHINE_SYS_VENDOR] = DMI(sys_vendor),
	[MACHINE_PRODUCT_NAME] = DMI(product_name),
	[MACHINE_PRODUCT_VERSION] = DMI(product_version),
	[MACHINE_PRODUCT_SERIAL] = DMI(product_serial),
	[MACHINE_PRODUCT_UUID] = DMI(product_uuid),
	[MACHINE_CHASSIS_ASSET_TAG] = DMI(chassis_asset_tag),
	[MACHINE_BOARD_NAME] = DMI(board_name),
	[MACHINE_BOARD_VENDOR] = DMI(board_vendor),
	[MACHINE_BOARD_ASSET_TAG] = DMI(board_asset_tag),
	[MACHINE_BIOS_VENDOR] = DMI(bios_vendor),
	[MACHINE_BIOS_VERSION] = DMI(bios_version),
	[MACHINE_XEN_UUID] = { "hypervisor uuid", "/sys/hypervisor/uuid" },
	[MACHINE_PID1_PRODUCT] = { "product_name of PID 1", NULL },
	[MACHINE_HYPERVISOR] = { "hypervisor", NULL },
};

const char *machine_fact_name(enum machine_fact fact)
{
	return facts[fact].name;
}

/* Firmware is filled in by people: blanks at the ends are no part of a text, bytes that do not
 * print become dots, and nothing but 0xff is memory that nobody wrote. */
static void copy_text(const char *s, size_t len, char to[MACHINE_TEXT])
{
	size_t blank = 0, n = 0;

	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	while (len && isspace((unsigned char)*s)) {
		s++;
		len--;
	}
	for (size_t i = 0; i < len; i++)
		blank += (unsigned char)s[i] == 0xff;
	if (blank == len)
		len = 0;
	for (; n < len && n < MACHINE_TEXT - 1; n++)
		to[n] = isprint((unsigned char)s[n]) ? s[n] : '.';
	to[n] = '\0';
}

static void read_text(int root, const char *path, char to[MACHINE_TEXT])
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(FACT_FILE_MAX);

	to[0] = '\0';
	if (file_read(root, path, &b, NULL) == 0)
		copy_text(buf_text(&b), b.len, to);
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

/* product_name= among the NUL-separated words of PID 1's environment. */
static void read_pid1(int root, char to[MACHINE_TEXT])
{
	static const char key[] = "product_name=";
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(FACT_FILE_MAX);

	if (file_read(root, "/proc/1/environ", &b, NULL) < 0)
		return;
	for (const char *s = buf_text(&b), *end = s + b.len; s < end; s += strlen(s) + 1)
		if (!strncmp(s, key, sizeof(key) - 1))
			copy_text(s + sizeof(key) - 1, strlen(s + sizeof(key) - 1), to);
}

/* Leaf 1, ECX bit 31: there is a hypervisor; its name is in the leaf that follows. */
static void ask_cpu(char to[MACHINE_TEXT])
{
#if defined(__x86_64__) || defined(__i386__)
	unsigned a, name[3], c, d;

	if (!__get_cpuid(1, &a, &name[0], &c, &d) || !(c & 1u << 31))
		return;
	__cpuid(0x40000000, a, name[0], name[1], name[2]);
	copy_text((const char *)name, strnlen((const char *)name, sizeof(name)), to);
#else
	(void)to;
#endif
}

static bool keep_medium(void *arg, const struct probe *p)
{
	struct machine *m = arg;

	if (strcmp(p->type, "iso9660") && strcmp(p->type, "vfat") && strcmp(p->type, "udf"))
		return true;
	if (m->n_media < MACHINE_MEDIA_MAX)
		m->media[m->n_media++] = *p;
	return m->n_media < MACHINE_MEDIA_MAX;
}

/* The texts of DIR/ANY/LEAF. */
static size_t read_names(int root, const char *path, const char *leaf,
			 char to[MACHINE_NAMES_MAX][MACHINE_TEXT])
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	AUTO_CLOSE int fd = -1;
	struct dirent *entry;
	size_t n = 0;

	if (file_open(root, path, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return 0;
	dir = fdopendir(fd);
	if (!dir)
		return 0;
	fd = -1;
	while (n < MACHINE_NAMES_MAX && (entry = readdir(dir))) {
		char file[512];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s/%s", path, entry->d_name, leaf);
		read_text(root, file, to[n]);
		n += to[n][0] != '\0';
	}
	return n;
}

void machine_load(struct machine *m, int root)
{
	const char *uuid = m->fact[MACHINE_PRODUCT_UUID];

	memset(m, 0, sizeof(*m));
	m->root = root;
	/* A line that is too long gives what fits. */
	(void)!cmdline_load(&m->cmdline, root, NULL);
	for (int i = 0; i < MACHINE_N_FACTS; i++)
		if (facts[i].path)
			read_text(root, facts[i].path, m->fact[i]);
	read_pid1(root, m->fact[MACHINE_PID1_PRODUCT]);
	if (root == FILE_ROOT)
		ask_cpu(m->fact[MACHINE_HYPERVISOR]);
	if (machine_is_unique_id(uuid))
		(void)snprintf(m->product_uuid, sizeof(m->product_uuid), "%.63s", uuid);
	m->n_virtio_ports = read_names(root, "/sys/class/virtio-ports", "name", m->virtio_port);
	m->n_p9_tags = read_names(root, "/sys/bus/virtio/drivers/9pnet_virtio", "mount_tag",
				  m->p9_tag);
	/* Only a USB stick or drive that is on its way is waited for. */
	if (root == FILE_ROOT)
		settle_wait(root, SETTLE_MS);
	/* A machine without block devices has no media: nothing to report. */
	(void)!probe_each(root, keep_medium, m, NULL);
}
