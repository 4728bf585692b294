/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RancherOS' types and what each means here. Its cloud types differ in the console alone.
 */
#include "installer/kind.h"

#include <string.h>

#define NO_UPGRADE                                                                                \
	"this installs and does not upgrade (from the live system, noformat puts this version on" \
	" the partitions that are there)"

static const struct install_type kinds[] = {
	{ .name = "generic",
	  .table = TABLE_GPT,
	  .formats = true,
	  .bios = true,
	  .uefi = true,
	  .seeds = true },
	{ .name = "syslinux", .table = TABLE_MSDOS, .formats = true, .bios = true, .seeds = true },
	{ .name = "msdos", .table = TABLE_MSDOS, .formats = true, .bios = true, .seeds = true },
	{ .name = "gptsyslinux", .table = TABLE_GPT, .formats = true, .bios = true, .seeds = true },
	{ .name = "noformat", .bios = true, .uefi = true, .seeds = true },
	{ .name = "raid",
	  .table = TABLE_GPT,
	  .formats = true,
	  .bios = true,
	  .uefi = true,
	  .seeds = true,
	  .mirrors = true },
	{ .name = "amazon-ebs-hvm",
	  .table = TABLE_GPT,
	  .formats = true,
	  .bios = true,
	  .uefi = true,
	  .serial = true,
	  .seeds = true },
	{ .name = "amazon-ebs",
	  .table = TABLE_GPT,
	  .formats = true,
	  .bios = true,
	  .uefi = true,
	  .serial = true,
	  .seeds = true },
	{ .name = "amazon-ebs-pv",
	  .refuse = "paravirtual machines are no longer made (use amazon-ebs-hvm)" },
	{ .name = "googlecompute",
	  .table = TABLE_GPT,
	  .formats = true,
	  .bios = true,
	  .uefi = true,
	  .serial = true,
	  .seeds = true },
	{ .name = "bootstrap",
	  .table = TABLE_GPT,
	  .formats = true,
	  .bios = true,
	  .uefi = true,
	  .serial = true,
	  .append = "rancher.cloud_init.datasources=[ec2,gce]" },
	{ .name = "arm", .refuse = "this system is for amd64 (use generic)" },
	{ .name = "upgrade", .refuse = NO_UPGRADE },
	{ .name = "rancher-upgrade", .refuse = NO_UPGRADE },
};

const struct install_type *kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

void kind_names(struct buf *out)
{
	const char *gap = "";

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (kinds[i].refuse)
			continue;
		buf_fmt(out, "%s%s", gap, kinds[i].name);
		gap = ", ";
	}
}
