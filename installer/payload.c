/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the list of places, and the manifest's format:
 * {"version": "v1", "files": {"kernel": {"size": 1, "sha256": "…"}, "initrd": …,
 * "system.img": …}}
 */
#include "installer/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/buf.h"
#include "lib/crypto/sha256.h"
#include "lib/doc/doc.h"
#include "lib/file.h"
#include "lib/scope.h"

#define SOURCE_MANIFEST "manifest.json"
/* Where the initrd keeps kernel and initrd when the medium may be taken out, or there is none. */
#define SOURCE_RAM    "/run/ros/boot"
#define SOURCE_MEDIUM "/boot"
#define VERSION_FILE  "/usr/share/ros/version"
#define NAMES         3

/* Names of each file in a folder: a slot's, a build's, the ISO's. */
static const struct {
	const char *what, *key;
	const char *name[NAMES];
} files[INSTALL_N_FILES] = {
	[INSTALL_KERNEL] = { "kernel", "kernel", { "kernel", "vmlinuz", "boot/vmlinuz" } },
	[INSTALL_INITRD] = { "initrd", "initrd", { "initrd", "boot/initrd" } },
	[INSTALL_SYSTEM] = { "system image", "system.img", { "system.img", "ocicat/system.img" } },
};

static const char *const manifests[] = { SOURCE_MANIFEST, "ocicat/" SOURCE_MANIFEST };

/* One folder that is looked into. */
struct source {
	int root;
	char dir[PATH_MAX];
};

static int open_in(const struct source *s, const char *name, char *from, size_t size)
{
	char path[PATH_MAX + 64];
	int fd = -1;

	(void)snprintf(path, sizeof(path), "%s/%s", s->dir, name);
	if (file_open(s->root, path, O_RDONLY, 0, &fd, NULL) < 0)
		return -1;
	path[size - 1] = '\0';
	memcpy(from, path, strlen(path) + 1);
	return fd;
}

static void take_version(const struct source *s, struct install_payload *p)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(sizeof(p->version) - 1);
	char path[PATH_MAX + 64];

	(void)snprintf(path, sizeof(path), "%s/version", s->dir);
	if (p->version[0] || file_read(s->root, path, &b, NULL) < 0)
		return;
	b.data[strcspn(b.data, "\r\n")] = '\0';
	(void)snprintf(p->version, sizeof(p->version), "%s", b.data);
}

static void take_manifest(const struct source *s, struct install_payload *p)
{
	for (size_t i = 0; i < ARRAY_LEN(manifests) && !p->manifest[0]; i++) {
		AUTO_BUF struct buf b = BUF_WITH_LIMIT(sizeof(p->manifest) - 1);
		char path[PATH_MAX + 64];

		(void)snprintf(path, sizeof(path), "%s/%s", s->dir, manifests[i]);
		if (file_read(s->root, path, &b, NULL) == 0)
			(void)snprintf(p->manifest, sizeof(p->manifest), "%s", buf_text(&b));
	}
}

/* Take what a folder has of what is still lacking. */
static void look_into(const struct source *s, struct install_payload *p)
{
	bool took = false;

	for (int i = 0; i < INSTALL_N_FILES; i++) {
		for (int k = 0; k < NAMES && files[i].name[k] && p->file[i].fd < 0; k++) {
			p->file[i].fd = open_in(s, files[i].name[k], p->file[i].from,
						sizeof(p->file[i].from));
			took |= p->file[i].fd >= 0;
		}
	}
	if (!took)
		return;
	take_manifest(s, p);
	take_version(s, p);
}

static bool is_whole(const struct install_payload *p)
{
	for (int i = 0; i < INSTALL_N_FILES; i++) {
		if (p->file[i].fd < 0)
			return false;
	}
	return true;
}

/* The image that this system runs from, wherever it was taken from: what is mounted on /usr. */
static void take_running_image(struct install_payload *p)
{
	AUTO_BUF struct buf list = BUF_WITH_LIMIT(1u << 20);
	char *line, *rest;

	if (file_read(FILE_ROOT, "/proc/self/mountinfo", &list, NULL) < 0)
		return;
	for (line = strtok_r(list.data, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char where[64] = "", type[32] = "", device[128] = "";
		const char *tail = strstr(line, " - ");

		if (!tail || sscanf(line, "%*s %*s %*s %*s %63s", where) != 1 ||
		    sscanf(tail, " - %31s %127s", type, device) != 2 ||
		    strcmp(where, "/usr") != 0 ||
		    (strcmp(type, "squashfs") != 0 && strcmp(type, "erofs") != 0))
			continue;
		p->file[INSTALL_SYSTEM].fd = open(device, O_RDONLY | O_CLOEXEC);
		(void)snprintf(p->file[INSTALL_SYSTEM].from, sizeof(p->file[INSTALL_SYSTEM].from),
			       "%s", device);
	}
}

/* The folder of this program: a build's. */
static bool own_folder(struct source *s)
{
	ssize_t n = readlink("/proc/self/exe", s->dir, sizeof(s->dir) - 1);
	char *slash;

	s->root = FILE_ROOT;
	s->dir[n > 0 ? n : 0] = '\0';
	slash = strrchr(s->dir, '/');
	if (!slash || slash == s->dir)
		return false;
	*slash = '\0';
	return true;
}

static void look_into_slots(int root, struct install_payload *p)
{
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(8192);
	struct source s = { .root = root };
	char *slot;

	/* The running slot alone: others may be older, or unfinished. */
	if (file_read(root, "/proc/cmdline", &line, NULL) < 0 ||
	    !(slot = strstr(line.data, "rancher.slot=")))
		return;
	slot += strlen("rancher.slot=");
	slot[strcspn(slot, " \n/")] = '\0';
	(void)snprintf(s.dir, sizeof(s.dir), "/boot/ocicat/slots/%s", slot);
	look_into(&s, p);
}

static int find_files(int root, const char *folder, struct install_payload *p, struct error *err)
{
	struct source s = { .root = root };

	if (folder) {
		s.root = FILE_ROOT;
		if (!realpath(folder, s.dir))
			return error_sys(err, errno, "--image %s", folder);
		look_into(&s, p);
		return 0;
	}
	(void)snprintf(s.dir, sizeof(s.dir), "%s", SOURCE_RAM);
	look_into(&s, p);
	(void)snprintf(s.dir, sizeof(s.dir), "%s", SOURCE_MEDIUM);
	look_into(&s, p);
	look_into_slots(root, p);
	if (root == FILE_ROOT && p->file[INSTALL_KERNEL].fd >= 0 && p->file[INSTALL_SYSTEM].fd < 0)
		take_running_image(p);
	if (!is_whole(p) && own_folder(&s))
		look_into(&s, p);
	return 0;
}

/* --- is it what it should be? --- */

static uint64_t le64(const unsigned char *b)
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | b[i];
	return v;
}

/* A device is larger than the image on it. */
static uint64_t image_size(int fd, uint64_t size)
{
	unsigned char head[48];
	uint64_t used;

	if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) || memcmp(head, "hsqs", 4))
		return size;
	used = (le64(head + 40) + 4095) / 4096 * 4096;
	return used < size ? used : size;
}

static bool is_kernel(int fd)
{
	char magic[4];

	return pread(fd, magic, 4, 0x202) == 4 && !memcmp(magic, "HdrS", 4);
}

static bool is_initrd(int fd)
{
	unsigned char b[6] = { 0 };

	return pread(fd, b, sizeof(b), 0) == (ssize_t)sizeof(b) &&
	       (!memcmp(b, "07070", 5) || !memcmp(b, "\x28\xb5\x2f\xfd", 4) ||
		!memcmp(b, "\x1f\x8b", 2) || !memcmp(b, "\x02\x21\x4c\x18", 4) ||
		!memcmp(b,
			"\xfd"
			"7zXZ",
			5));
}

static int check_file(int i, struct install_payload *p, struct error *err)
{
	const char *from = p->file[i].from;
	struct probe_disk probe;
	int fd = p->file[i].fd;
	bool good;
	int r = probe_disk(fd, from, &probe, err);

	if (r < 0)
		return r;
	p->file[i].size = probe.whole.size;
	if (i == INSTALL_SYSTEM) {
		good = !strcmp(probe.whole.type, "squashfs") || !strcmp(probe.whole.type, "erofs");
		p->file[i].size = image_size(fd, probe.whole.size);
	} else {
		good = i == INSTALL_KERNEL ? is_kernel(fd) : is_initrd(fd);
	}
	return good ? 0 : error_set(err, EMEDIUMTYPE, "%s is no %s", from, files[i].what);
}

static int read_manifest(struct install_payload *p, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	const struct doc_node *doc = NULL;
	int r = doc_pool_new(&pool, err);

	if (r == 0)
		r = doc_json_parse(pool, SOURCE_MANIFEST, p->manifest, strlen(p->manifest), &doc,
				   err);
	if (r < 0)
		return r;
	for (int i = 0; i < INSTALL_N_FILES; i++) {
		const struct doc_node *f = doc_key(doc_key(doc, "files"), files[i].key);
		const char *hash = doc_str(f, "sha256", "");

		/* A kernel image on a device has no end of its own. */
		if (strlen(hash) != 64 || doc_int(f, "size", -1) != (int64_t)p->file[i].size)
			return error_set(err, EBADMSG,
					 "%s is not what " SOURCE_MANIFEST
					 " says (damaged, or of another version?)",
					 p->file[i].from);
		(void)snprintf(p->file[i].hash, sizeof(p->file[i].hash), "%s", hash);
	}
	(void)snprintf(p->version, sizeof(p->version), "%s", doc_str(doc, "version", p->version));
	return 0;
}

int payload_find(int root, const char *folder, struct install_payload *p, struct error *err)
{
	struct source os = { .root = FILE_ROOT, .dir = "/usr/share/ros" };
	int r;

	*p = (struct install_payload){ 0 };
	for (int i = 0; i < INSTALL_N_FILES; i++)
		p->file[i].fd = -1;
	r = find_files(root, folder, p, err);
	if (r < 0)
		return r;
	for (int i = 0; i < INSTALL_N_FILES; i++) {
		if (p->file[i].fd >= 0)
			r = check_file(i, p, err);
		else
			r = error_set(err, ENODATA,
				      "no %s in %s (name the folder that has %s, initrd and "
				      "system.img: --image DIR)",
				      files[i].what,
				      folder ? folder : SOURCE_MEDIUM ", " SOURCE_RAM,
				      files[INSTALL_KERNEL].name[0]);
		if (r < 0)
			return r;
	}
	if (p->manifest[0])
		return read_manifest(p, err);
	take_version(&os, p);
	if (!p->version[0])
		(void)snprintf(p->version, sizeof(p->version), "unknown");
	return 0;
}

uint64_t payload_size(const struct install_payload *p)
{
	uint64_t sum = INSTALL_MIB;

	for (int i = 0; i < INSTALL_N_FILES; i++)
		sum += p->file[i].size;
	return sum;
}

static int make_manifest(struct install_payload *p, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(sizeof(p->manifest) - 1);

	buf_str(&b, "{\"version\":\"");
	buf_json(&b, p->version);
	buf_str(&b, "\",\"files\":{");
	for (int i = 0; i < INSTALL_N_FILES; i++) {
		int r = sha256_fd(p->file[i].fd, p->file[i].from, p->file[i].size, p->file[i].hash,
				  err);

		if (r < 0)
			return r;
		buf_fmt(&b, "%s\"%s\":{\"size\":%llu,\"sha256\":\"%s\"}", i ? "," : "",
			files[i].key, (unsigned long long)p->file[i].size, p->file[i].hash);
	}
	buf_str(&b, "}}\n");
	if (buf_check(&b, err) < 0)
		return -err->code;
	(void)snprintf(p->manifest, sizeof(p->manifest), "%s", buf_text(&b));
	return 0;
}

int payload_seal(struct install_payload *p, struct error *err)
{
	char hash[SHA256_TEXT];
	int r = p->manifest[0] ? 0 : make_manifest(p, err);

	if (r == 0)
		r = sha256_data(p->manifest, strlen(p->manifest), hash, err);
	if (r < 0)
		return r;
	/* The name is part of paths and of the kernel line. */
	for (char *c = p->version; *c; c++) {
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+_-",
			    *c))
			*c = '_';
	}
	(void)snprintf(p->slot, sizeof(p->slot), "%s-%.8s", p->version, hash);
	return 0;
}

void payload_close(struct install_payload *p)
{
	for (int i = 0; i < INSTALL_N_FILES; i++) {
		scope_close(&p->file[i].fd);
		p->file[i].fd = -1;
	}
}
