/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.state and rancher.install: the state disk, and what is done to find it.
 */
#include "agent/config/schema_row.h"

static const struct schema_row rows[] = {
	{ "rancher.state", SCHEMA_MAP, .help = "The state disk" },
	{ "rancher.state.dev", SCHEMA_DEVICE, .fallback = "LABEL=RANCHER_STATE",
	  .flags = SCHEMA_LINE, .help = "Where it is" },
	{ "rancher.state.fstype", SCHEMA_TEXT, .fallback = "auto", .flags = SCHEMA_LINE,
	  .help = "Its file system" },
	{ "rancher.state.directory", SCHEMA_TEXT, .flags = SCHEMA_LINE,
	  .help = "Keep the state in this directory of it" },
	{ "rancher.state.wait", SCHEMA_BOOL | SCHEMA_DURATION, .fallback = "false",
	  .flags = SCHEMA_LINE, .help = "Give it more time to appear" },
	{ "rancher.state.required", SCHEMA_BOOL, .fallback = "false", .flags = SCHEMA_LINE,
	  .help = "Without it go to the recovery console" },
	{ "rancher.state.autoformat", SCHEMA_LIST, .flags = SCHEMA_LINE,
	  .help = "Format the first of these disks that is empty" },
	{ "rancher.state.autoformat.[]", SCHEMA_DEVICE, .help = "A disk" },
	{ "rancher.state.formatzero", SCHEMA_BOOL, .fallback = "false", .flags = SCHEMA_LINE,
	  .help = "Format a disk that begins with zeros; this is so anyway" },
	{ "rancher.state.mdadm_scan", SCHEMA_BOOL, .fallback = "false", .flags = SCHEMA_LINE,
	  .help = "Assemble RAID arrays first" },
	{ "rancher.state.lvm_scan", SCHEMA_BOOL, .fallback = "false", .flags = SCHEMA_LINE,
	  .help = "Activate logical volumes first" },
	{ "rancher.state.cryptsetup", SCHEMA_BOOL, .fallback = "false", .flags = SCHEMA_LINE,
	  .help = "Open LUKS devices first; the passphrase is asked for on the console" },
	{ "rancher.state.rngd", SCHEMA_BOOL, .flags = SCHEMA_IGNORED | SCHEMA_LINE,
	  .instead = "leave it out: the kernel's random numbers are ready by themselves",
	  .help = "Feed random numbers" },
	{ "rancher.state.script", SCHEMA_TEXT, .flags = SCHEMA_LINE,
	  .help = "A script that makes the state disk appear" },
	{ "rancher.state.oem_dev", SCHEMA_DEVICE, .fallback = "LABEL=RANCHER_OEM",
	  .flags = SCHEMA_LINE, .help = "Where the OEM's configuration is" },
	{ "rancher.state.oem_fstype", SCHEMA_TEXT, .fallback = "auto", .help = "Its file system" },
	{ "rancher.state.boot_dev", SCHEMA_DEVICE, .fallback = "LABEL=RANCHER_BOOT",
	  .help = "The boot partition" },
	{ "rancher.state.boot_fstype", SCHEMA_TEXT, .fallback = "auto",
	  .help = "Its file system" },
	{ "rancher.install", SCHEMA_MAP, .flags = SCHEMA_LINE,
	  .help = "Install to a disk while booting, by nobody's hand" },
};

static const char *const prefixes[] = { "", NULL };
const struct schema_table schema_state = {
	"The state disk", prefixes, rows, ARRAY_LEN(rows),
};
