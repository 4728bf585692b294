/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits for drivers, devices and the clock.
 */
#include "agent/state/state_wait.h"

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/follow.h"
#include "agent/state/uevent.h"
#include "lib/clock.h"
#include "lib/file.h"

/* For a USB device from then on, and for its partitions once it is there. */
#define USB_MS	      10000
#define PARTITIONS_MS 500

struct state_wait {
	int wait_ms, drivers; /* drivers: follows the cold plug; -1 when it has ended */
	int64_t deadline_ms, usb_ms;
	bool usb; /* only a USB device is waited for by now */
};

static bool has_match(const char *pattern)
{
	glob_t found = { 0 };
	bool yes = glob(pattern, GLOB_NOSORT, NULL, &found) == 0;

	globfree(&found);
	return yes;
}

static bool is_pending(const char *host)
{
	AUTO_BUF struct buf driver = BUF_WITH_LIMIT(64);
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/proc_name", host);
	if (file_read(FILE_ROOT, path, &driver, NULL) < 0 ||
	    (strcmp(buf_text(&driver), "usb-storage\n") != 0 &&
	     strcmp(buf_text(&driver), "uas\n") != 0))
		return false;
	(void)snprintf(path, sizeof(path), "%s/device/target*", host);
	return !has_match(path);
}

/* It is a SCSI host of one of two drivers, without a target. */
bool state_wait_usb(const char *sys)
{
	char pattern[PATH_MAX];
	glob_t hosts = { 0 };
	bool pending = false;

	(void)snprintf(pattern, sizeof(pattern), "%s/class/scsi_host/host*", sys);
	if (glob(pattern, GLOB_NOSORT, NULL, &hosts) == 0)
		for (size_t i = 0; i < hosts.gl_pathc && !pending; i++)
			pending = is_pending(hosts.gl_pathv[i]);
	globfree(&hosts);
	return pending;
}

int state_wait_begin(int wait_ms, struct state_wait **ret, struct error *err)
{
	struct state_wait *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return error_set(err, ENOMEM, "no memory");
	w->wait_ms = wait_ms;
	w->deadline_ms = clock_ms() + STATE_WAIT_DRIVERS_MS;
	w->usb_ms = w->deadline_ms + USB_MS;
	r = follow_open(&w->drivers, err);
	if (r < 0) {
		free(w);
		return r;
	}
	*ret = w;
	return 0;
}

void state_wait_end(struct state_wait *w)
{
	if (w && w->drivers >= 0)
		(void)close(w->drivers);
	free(w);
}

static void look_at_drivers(struct state_wait *w)
{
	if (w->drivers < 0 || !follow_seen(w->drivers, "coldplug", JOURNAL_STEP_END))
		return;
	(void)close(w->drivers);
	w->drivers = -1;
	w->deadline_ms = clock_ms() + w->wait_ms;
	w->usb_ms = clock_ms() + USB_MS;
}

bool state_wait_more(struct state_wait *w, int uevents)
{
	look_at_drivers(w);
	if (uevent_wait_block(uevents, w->drivers, false, w->deadline_ms, NULL) == 0) {
		if (w->usb && !state_wait_usb("/sys"))
			w->deadline_ms = clock_ms() + PARTITIONS_MS;
		return true;
	}
	if (w->usb || !state_wait_usb("/sys"))
		return false;
	w->usb = true;
	w->deadline_ms = w->usb_ms;
	return true;
}
