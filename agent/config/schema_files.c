/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and commands: write_files, runcmd, bootcmd.
 */
#include "agent/config/schema_row.h"

static const struct schema_row rows[] = {
	{ "write_files", SCHEMA_LIST, .when = SCHEMA_BOOT, .help = "Files to write" },
	{ "write_files.[]", SCHEMA_MAP, .help = "A file" },
	{ "write_files.[].path", SCHEMA_PATH, .flags = SCHEMA_REQUIRED, .help = "Where it goes" },
	{ "write_files.[].content", SCHEMA_TEXT, .fallback = "\"\"", .help = "What is in it" },
	{ "write_files.[].encoding", SCHEMA_WORD,
	  "b64|base64|gz|gzip|gz+b64|gz+base64|gzip+b64|gzip+base64|text/plain",
	  .fallback = "text/plain", .help = "How content is written" },
	{ "write_files.[].permissions", SCHEMA_MODE, .fallback = "\"0644\"",
	  .help = "Its permissions; 644, 0644 and \"0644\" mean the same" },
	{ "write_files.[].owner", SCHEMA_TEXT, .fallback = "root:root", .help = "USER:GROUP" },
	{ "write_files.[].append", SCHEMA_BOOL, .fallback = "false",
	  .help = "Add to what is there, instead of replacing it" },
	{ "write_files.[].defer", SCHEMA_BOOL, .fallback = "false",
	  .help = "Write it when users and packages are there" },
	{ "write_files.[].source", SCHEMA_MAP, .help = "Take the content from a server" },
	{ "write_files.[].source.uri", SCHEMA_URL, .flags = SCHEMA_REQUIRED,
	  .help = "Its address; content is used when it does not answer" },
	{ "write_files.[].source.headers", SCHEMA_MAP, .flags = SCHEMA_SECRET,
	  .help = "Header lines to send" },
	{ "write_files.[].source.headers.*", SCHEMA_TEXT, .flags = SCHEMA_SECRET,
	  .help = "A header line" },
	{ "write_files.[].container", SCHEMA_TEXT, .fallback = "console",
	  .help = "The system container that gets the file" },
	{ "runcmd", SCHEMA_LIST, .when = SCHEMA_BOOT,
	  .help = "Commands that one shell runs in the console at every boot, before user Docker" },
	{ "runcmd.[]", SCHEMA_COMMAND, .help = "A command" },
	{ "runcmd.[].[]", SCHEMA_TEXT, .help = "A word of it" },
	{ "bootcmd", SCHEMA_LIST, .when = SCHEMA_BOOT,
	  .help = "Commands that one shell runs before files are written and disks mounted" },
	{ "bootcmd.[]", SCHEMA_COMMAND, .help = "A command" },
	{ "bootcmd.[].[]", SCHEMA_TEXT, .help = "A word of it" },
};

static const char *const prefixes[] = { "", NULL };
const struct schema_table schema_files = {
	"Files and commands", prefixes, rows, ARRAY_LEN(rows),
};
