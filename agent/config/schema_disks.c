/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disks: partitions, file systems, mounts, swap.
 */
#include "agent/config/schema_row.h"

static const struct schema_row rows[] = {
	{ "mounts", SCHEMA_LIST, .when = SCHEMA_BOOT,
	  .help = "What is mounted before user Docker starts" },
	{ "mounts.[]", SCHEMA_LIST, .min = 1, .max = 6,
	  .help = "[DEVICE, DIRECTORY, TYPE, OPTIONS, DUMP, PASS]" },
	{ "mounts.[].[]", SCHEMA_TEXT, .help = "A field" },
	{ "mount_default_fields", SCHEMA_LIST, .min = 6, .max = 6,
	  .fallback = "[null, null, auto, \"defaults,nofail\", \"0\", \"2\"]",
	  .when = SCHEMA_BOOT, .help = "Fields that an entry of mounts leaves out" },
	{ "mount_default_fields.[]", SCHEMA_TEXT, .help = "A field" },
	{ "swap", SCHEMA_MAP, .when = SCHEMA_BOOT, .help = "A swap file" },
	{ "swap.filename", SCHEMA_PATH, .help = "Where it is" },
	{ "swap.size", SCHEMA_SIZE | SCHEMA_WORD, "auto", .help = "How large" },
	{ "swap.maxsize", SCHEMA_SIZE, .help = "At most, when size is auto" },
	{ "disk_setup", SCHEMA_MAP, .when = SCHEMA_INSTANCE,
	  .help = "Partition disks; those that hold something only with overwrite" },
	{ "disk_setup.*", SCHEMA_MAP, .help = "A device" },
	{ "disk_setup.*.table_type", SCHEMA_WORD, "mbr|gpt", .fallback = "mbr",
	  .help = "Kind of partition table" },
	{ "disk_setup.*.layout", SCHEMA_BOOL | SCHEMA_WORD | SCHEMA_LIST, "remove",
	  .help = "true for one partition, or their shares in percent" },
	{ "disk_setup.*.layout.[]", SCHEMA_INT | SCHEMA_LIST, .min = 1, .max = 100,
	  .help = "PERCENT, or [PERCENT, TYPE]" },
	{ "disk_setup.*.layout.[].[]", SCHEMA_TEXT, .help = "The share, or the type" },
	{ "disk_setup.*.overwrite", SCHEMA_BOOL, .fallback = "false",
	  .help = "Even when the disk holds something" },
	{ "fs_setup", SCHEMA_LIST, .when = SCHEMA_INSTANCE, .help = "File systems to make" },
	{ "fs_setup.[]", SCHEMA_MAP, .help = "A file system" },
	{ "fs_setup.[].label", SCHEMA_TEXT, .help = "Its label" },
	{ "fs_setup.[].filesystem", SCHEMA_TEXT, .fallback = "ext4", .help = "Its type" },
	{ "fs_setup.[].device", SCHEMA_TEXT, .flags = SCHEMA_REQUIRED, .help = "Where" },
	{ "fs_setup.[].partition", SCHEMA_TEXT, .help = "auto, any, none, or a number" },
	{ "fs_setup.[].overwrite", SCHEMA_BOOL, .fallback = "false",
	  .help = "Even when there is one" },
	{ "fs_setup.[].replace_fs", SCHEMA_TEXT, .help = "Only in place of this type" },
	{ "fs_setup.[].cmd", SCHEMA_COMMAND, .help = "The command that makes it" },
	{ "fs_setup.[].cmd.[]", SCHEMA_TEXT, .help = "A word of it" },
	{ "fs_setup.[].extra_opts", SCHEMA_TEXT | SCHEMA_LIST, .help = "Options for mkfs" },
	{ "fs_setup.[].extra_opts.[]", SCHEMA_TEXT, .help = "An option" },
	{ "device_aliases", SCHEMA_MAP, .when = SCHEMA_INSTANCE,
	  .help = "Names of your choice for devices" },
	{ "device_aliases.*", SCHEMA_DEVICE, .help = "A device" },
	{ "growpart", SCHEMA_MAP, .when = SCHEMA_BOOT,
	  .help = "Grow partitions to the end of their disks" },
	{ "growpart.mode", SCHEMA_BOOL | SCHEMA_WORD, "auto|growpart|gpart|off",
	  .fallback = "auto", .help = "off: leave them" },
	{ "growpart.devices", SCHEMA_LIST, .fallback = "[/]", .help = "Which" },
	{ "growpart.devices.[]", SCHEMA_PATH, .help = "A mount point or a device" },
	{ "growpart.ignore_growroot_disabled", SCHEMA_BOOL, .fallback = "false",
	  .help = "Even if /etc/growroot-disabled is there" },
	{ "resize_rootfs", SCHEMA_BOOL | SCHEMA_WORD, "noblock", .fallback = "true",
	  .when = SCHEMA_BOOT, .help = "Grow the file system of the state disk" },
};

static const char *const prefixes[] = { "", NULL };
const struct schema_table schema_disks = {
	"Disks", prefixes, rows, ARRAY_LEN(rows),
};
