/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A boot partition with our global.cfg is an installation.
 */
#include "installer/installed.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/disk/mtools.h"

bool installed_on(const struct install_disk *d, const char *slot)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(65536);

	for (size_t i = 0; i < d->probe.n && !d->unfinished; i++) {
		const struct probe_part *part = &d->probe.parts[i];
		struct mtools boot = { .path = d->path, .start = part->start };

		if (strcmp(part->fs.type, "vfat") != 0 ||
		    strcmp(part->fs.label, INSTALL_LABEL_BOOT) != 0 ||
		    mtools_get_text(&boot, "/global.cfg", &text, NULL) < 0)
			continue;
		if (!slot)
			return true;
		buf_reset(&text);
		return (mtools_get_text(&boot, "/linux-current.cfg", &text, NULL) == 0 ||
			mtools_get_text(&boot, "/loader/entries/ocicat-current.conf", &text,
					NULL) == 0) &&
		       strstr(buf_text(&text), slot);
	}
	return false;
}
