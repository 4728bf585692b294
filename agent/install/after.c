/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading goes through kexec_file_load(2), which checks signatures where the kernel asks for them.
 */
#include "agent/install/after.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/control.h"

#define ASK_MS 15000

int after_load_kexec(const struct install_payload *p, const char *line, struct error *err)
{
	char text[INSTALL_LINE_MAX + 128];
	int n = snprintf(text, sizeof(text), "%s rancher.slot=%s", line, p->slot);

	if (syscall(SYS_kexec_file_load, p->file[INSTALL_KERNEL].fd, p->file[INSTALL_INITRD].fd,
		    (unsigned long)n + 1, text, 0ul) < 0)
		return error_sys(err, errno, "kexec_file_load");
	return 0;
}

int after_go(enum install_after after, struct error *err)
{
	AUTO_BUF struct buf reply = BUF_WITH_LIMIT(CONTROL_MAX);
	const char *word = after == INSTALL_KEXEC      ? "kexec"
			   : after == INSTALL_POWEROFF ? "poweroff"
						       : "reboot";
	char request[64];

	(void)snprintf(request, sizeof(request), "%s by ros install", word);
	return control_ask(request, ASK_MS, &reply, err);
}
