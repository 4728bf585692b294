/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scripts of the boot.
 */
#include "agent/modules/script.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "agent/userdata/scripts.h"
#include "lib/file.h"
#include "lib/scope.h"

const struct script script_all[] = {
	{ "mounts", "/run/ros/mounts", "/var/log/console-mounts.log", true, false },
	{ "vendor-script", SCRIPTS_VENDOR_DIR, "/var/log/console-vendor-script.log", true, true },
	{ "runcmd", "/run/ros/runcmd", "/var/log/console-runcmd.log", true, false },
	/* One of these two is there. */
	{ "cloud-config-script", SCRIPTS_ONE, "/var/log/console-cloud-config-script.log", true,
	  false },
	{ "cloud-config-script", SCRIPTS_DIR, "/var/log/console-cloud-config-script.log", true,
	  true },
	{ "start.sh", "/opt/rancher/bin/start.sh", "/var/log/console-start.sh.log", true, false },
	{ "rc.local", "/etc/rc.local", "/var/log/console-rc.local.log", false, false },
};

const size_t script_n = ARRAY_LEN(script_all);

static char *skip_blanks(char *s)
{
	return s + strspn(s, " \t");
}

/* As the kernel reads it: the interpreter, then everything else as one argument. */
void script_parse(struct script_line *ret, const char *head, size_t len, const char *path)
{
	size_t n = len < sizeof(ret->text) - 1 ? len : sizeof(ret->text) - 1;
	char *interpreter, *arg;
	size_t i = 0;

	memcpy(ret->text, head, n);
	ret->text[n] = '\0';
	ret->text[strcspn(ret->text, "\r\n")] = '\0';
	interpreter = !strncmp(ret->text, "#!", 2) ? skip_blanks(ret->text + 2) : ret->text + n;
	arg = interpreter + strcspn(interpreter, " \t");
	if (*arg) {
		*arg = '\0';
		arg = skip_blanks(arg + 1);
	}
	for (size_t end = strlen(arg); end && strchr(" \t", arg[end - 1]); end--)
		arg[end - 1] = '\0';
	ret->argv[i++] = *interpreter ? interpreter : "/bin/sh";
	if (*interpreter && *arg)
		ret->argv[i++] = arg;
	ret->argv[i++] = path;
	ret->argv[i] = NULL;
}

int script_load(struct script_line *ret, const char *path, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	char head[sizeof(ret->text)];
	ssize_t n;
	int r;

	r = file_open(FILE_ROOT, path, O_RDONLY, 0, &fd, err);
	if (r < 0)
		return r;
	n = read(fd, head, sizeof(head) - 1);
	if (n < 0)
		return error_sys(err, errno, "read %s", path);
	script_parse(ret, head, (size_t)n, path);
	return 0;
}
