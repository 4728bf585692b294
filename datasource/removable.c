/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which media belong to a machine.
 */
#include "datasource/removable.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/scope.h"

#define BLOCK "/sys/class/block/"

bool removable_is_real(const struct machine *m)
{
	static const struct {
		enum machine_fact fact;
		const char *text;
	} virtual[] = {
		{ MACHINE_SYS_VENDOR, "QEMU" },		 { MACHINE_SYS_VENDOR, "VMware" },
		{ MACHINE_SYS_VENDOR, "innotek" },	 { MACHINE_SYS_VENDOR, "Xen" },
		{ MACHINE_SYS_VENDOR, "Parallels" },	 { MACHINE_SYS_VENDOR, "Bochs" },
		{ MACHINE_SYS_VENDOR, "Red Hat" },	 { MACHINE_SYS_VENDOR, "oVirt" },
		{ MACHINE_PRODUCT_NAME, "KVM" },	 { MACHINE_PRODUCT_NAME, "VirtualBox" },
		{ MACHINE_PRODUCT_NAME, "Virtual Machine" }, { MACHINE_PRODUCT_NAME, "VMware" },
		{ MACHINE_PRODUCT_NAME, "BHYVE" },	 { MACHINE_BIOS_VENDOR, "SeaBIOS" },
		{ MACHINE_BIOS_VENDOR, "BHYVE" },
	};

	if (m->fact[MACHINE_HYPERVISOR][0] || m->fact[MACHINE_XEN_UUID][0])
		return false;
	for (size_t i = 0; i < ARRAY_LEN(virtual); i++)
		if (strcasestr(m->fact[virtual[i].fact], virtual[i].text))
			return false;
	/* A machine that says nothing of itself is none that anyone can walk up to. */
	return m->fact[MACHINE_SYS_VENDOR][0] || m->fact[MACHINE_PRODUCT_NAME][0];
}

/* The first word of a file below the disk's directory. */
static bool says(int root, const char *disk, const char *file, const char *want)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64);
	char path[192];

	(void)snprintf(path, sizeof(path), BLOCK "%s/%s", disk, file);
	return file_read(root, path, &text, NULL) == 0 &&
	       !strncmp(buf_text(&text), want, strlen(want)) &&
	       !isalnum((unsigned char)buf_text(&text)[strlen(want)]);
}

/* "sdb1" → "sdb", "mmcblk0p1" → "mmcblk0": where a partition is one. */
static void disk_of(int root, const char *name, char disk[64])
{
	char path[128];
	size_t len;

	(void)snprintf(disk, 64, "%.63s", name);
	(void)snprintf(path, sizeof(path), BLOCK "%s/partition", disk);
	if (!file_exists(root, path))
		return;
	len = strlen(disk);
	while (len && isdigit((unsigned char)disk[len - 1]))
		len--;
	if (len > 1 && disk[len - 1] == 'p' && isdigit((unsigned char)disk[len - 2]))
		len--;
	disk[len] = '\0';
}

/* The device's place in sysfs leads over a USB host. */
static bool is_on_usb(int root, const char *disk)
{
	AUTO_CLOSE int dir = -1;
	char place[PATH_MAX];
	ssize_t n;

	if (file_open(root, BLOCK, O_RDONLY | O_DIRECTORY, 0, &dir, NULL) < 0)
		return false;
	n = readlinkat(dir, disk, place, sizeof(place) - 1);
	if (n <= 0)
		return false;
	place[n] = '\0';
	return strstr(place, "/usb") != NULL;
}

bool removable_is(int root, const char *path)
{
	const char *slash = strrchr(path, '/');
	char disk[64];

	disk_of(root, slash ? slash + 1 : path, disk);
	/* "SD" is a card in a slot, which the kernel does not call removable; "MMC" is soldered. */
	return says(root, disk, "removable", "1") || says(root, disk, "device/type", "SD") ||
	       is_on_usb(root, disk);
}

static bool has_label_of_seed(const struct probe *p)
{
	static const char *const labels[] = { "cidata", "config-2", "OVF-TRANSPORT", "OVFENV",
					      "OVF ENV", "OVF_ENV" };

	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (!strcasecmp(p->label, labels[i]))
			return true;
	return false;
}

void removable_drop(struct machine *m, struct buf *said)
{
	size_t kept = 0;

	if (!removable_is_real(m))
		return;
	for (size_t i = 0; i < m->n_media; i++) {
		const struct probe *p = &m->media[i];

		if (!removable_is(m->root, p->path)) {
			m->media[kept++] = *p;
			continue;
		}
		if (has_label_of_seed(p) && !said->len)
			buf_fmt(said,
				"%s (label %.32s) can be taken out, and this is a real machine: it "
				"is not read (if it is yours say "
				"rancher.cloud_init.allow_removable=true on the kernel line)",
				p->path, p->label);
	}
	m->n_media = kept;
}
