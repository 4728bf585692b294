/* SPDX-License-Identifier: Apache-2.0 */
/* File system images: reading a file from iso9660 and FAT ends with at most the limit, or with an
 * error that says what. The input is laid over an image of zeros, whose descriptors are where the
 * first bytes of the input say. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/disk/fsimage.h"
#include "lib/scope.h"

#define LIMIT      65536
#define IMAGE_SIZE (1 << 20)
#define ISO_START  32768

static void try_type(int fd, const char *type)
{
	static const char *const paths[] = { "meta-data", "openstack/latest/user_data" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		AUTO_BUF struct buf b = BUF_WITH_LIMIT(LIMIT);
		struct error err = { 0 };
		int r = fsimage_read(fd, type, paths[i], &b, &err);

		FUZZ_ASSERT(b.len <= LIMIT);
		FUZZ_ASSERT(r == 0 || (r < 0 && err.code == -r && err.msg[0]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_CLOSE int fd = memfd_create("image", MFD_CLOEXEC);
	bool is_iso = size && data[0] & 1;

	if (fd < 0 || size == 0 || ftruncate(fd, IMAGE_SIZE) < 0)
		return 0;
	if (pwrite(fd, data + 1, size - 1, is_iso ? ISO_START : 0) < 0)
		return 0;
	try_type(fd, is_iso ? "iso9660" : "vfat");
	return 0;
}
