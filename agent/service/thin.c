/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns what thin images lack: loading them and the volumes that their containers get.
 */
#include "agent/service/thin.h"

#include <string.h>

#include "agent/engine/docker_image.h"
#include "agent/service/compose_volume.h"
#include "lib/file.h"

/* What scripts/thin-image calls them. */
#define THIN_PREFIX "ocicatos/os-"

/* Docker would put copies of its own over the last three; with the machine's files bound there, a
 * change of name servers is seen at once. */
static const char *const bind_all[] = {
	"/usr", "/etc", "/etc/resolv.conf", "/etc/hosts", "/etc/hostname",
};

/* One shim serves them all (init/shim/), where each of its own would cost 4.4 MB of memory and the
 * start of two programs. */
#define SHIM_GROUP "HostConfig.Annotations.\"io.containerd.runc.v2.group\""

bool thin_is_name(const char *image)
{
	return !strncmp(image, THIN_PREFIX, strlen(THIN_PREFIX));
}

bool thin_is(const struct doc_node *image)
{
	const struct doc_node *labels = doc_key(image, "Labels");
	const struct doc_node *thin;

	if (!labels)
		labels = doc_at(image, "Config.Labels");
	thin = doc_key(labels, "io.ocicat.thin");
	return doc_is_scalar(thin) && !strcmp(thin->text, "true");
}

bool thin_is_missing(const struct service_set *set, const bool *chosen,
		     const struct doc_node *images)
{
	for (size_t i = 0; i < set->n; i++) {
		const char *image = set->all[i].image;

		if ((!chosen || chosen[i]) && thin_is_name(image) &&
		    !docker_image_find(images, image))
			return true;
	}
	return false;
}

int thin_load(struct engine *e, struct error *err)
{
	return docker_image_load(e, FILE_ROOT, THIN_ARCHIVE, err);
}

const struct doc_node *thin_bind(struct doc_pool *p, const struct doc_node *create)
{
	struct service nobody = { .name = "thin" };
	struct body b = { .pool = p, .svc = &nobody, .create = create };

	for (size_t i = 0; i < ARRAY_LEN(bind_all); i++)
		compose_volume_bind_shallow(&b, bind_all[i], bind_all[i]);
	body_put(&b, SHIM_GROUP, body_str(&b, "system"));
	return b.no_memory ? NULL : b.create;
}
