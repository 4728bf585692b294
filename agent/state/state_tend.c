/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What keeps a machine from booting is no reason not to: failures are messages.
 */
#include "agent/state/state_tend.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "agent/message.h"
#include "agent/state/reserve.h"
#include "agent/state/reset.h"
#include "agent/state/state_disk.h"
#include "lib/file.h"
#include "lib/scope.h"

static bool in_memory(void)
{
	struct statfs fs;

	return statfs(STATE_DISK_MOUNT, &fs) == 0 && (unsigned long)fs.f_type == TMPFS_MAGIC;
}

void state_tend(void)
{
	struct error err = { 0 };
	AUTO_CLOSE int state = -1;
	bool done = false;

	if (file_open(FILE_ROOT, STATE_DISK_MOUNT, O_RDONLY | O_DIRECTORY, 0, &state, &err) < 0 ||
	    reset_apply(state, &done, &err) < 0)
		message_say(JOURNAL_WARNING, "state", "%s", err.msg);
	else if (done)
		journal_say(JOURNAL_CONFIG, "state", "factory reset: the state was emptied");
	if (state < 0 || in_memory())
		return;
	if (reserve_check(state, &done, &err) < 0)
		message_say(JOURNAL_WARNING, "state", "%s", err.msg);
	else if (done)
		message_say(JOURNAL_WARNING, "state",
			    "the state disk was full: its reserve of %llu MiB was set free "
			    "(remove what is not needed: docker system prune)",
			    RESERVE_SIZE >> 20);
}
