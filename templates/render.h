/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renders targets: template and data → checked text → published file, only when it differs. The
 * last good file stays when a template or its checker fails; where there is none yet, the one that
 * the defaults give takes its place. An addition that a checker refuses is left out.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"
#include "templates/target.h"

struct render {
	int root;
	bool live;                     /* on the machine itself: checkers are run */
	bool boot;                     /* no container runs yet that has one of the files mounted */
	bool privileged;               /* files get owner root */
	const struct doc_node *data;   /* what templates see */
	const struct doc_node
		*plain; /* the same of a machine without any configuration: what it renders
			 * was checked when the system was built, and is not checked again */
	const struct buf *addition;    /* what write_files adds to the next target, or NULL */
};

/* Render one target. *changed says whether the file is another now. */
int render_target(const struct render *r, const struct target *t, bool *changed, struct error *err)
	MUST_CHECK;
