/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Acting on a plan that was checked: step by step, the first failure ends it.
 */
#pragma once

#include "installer/array.h"
#include "installer/install.h"
#include "installer/progress.h"
#include "installer/vault.h"
#include "lib/attr.h"
#include "lib/error.h"

struct perform {
	const struct install_request *request;
	const struct install_disk *disk;
	const struct install_plan *plan;
	struct install_payload *payload;
	struct perform *mate;     /* the second disk of an array; or NULL */
	struct array array;       /* runs while a mirrored state is made; perform's own */
	struct vault vault;       /* open while an encrypted state is made; perform's own */
	struct progress progress; /* `out` and `tty` are the caller's to set */
	uint32_t crc[INSTALL_N_FILES]; /* of what was written; perform's own */
	int fd;                   /* the disk, for writing; perform's own */
};

/* Whether every program and file that the plan needs is there, before anything is written. */
int perform_check(const struct install_plan *plan, struct error *err) MUST_CHECK;
/* The payload must be sealed. */
int perform_run(struct perform *p, struct error *err) MUST_CHECK;
/* Only a part of it: all but the table, which leaves no installed disk; or the rest. */
enum perform_part { PERFORM_ALL, PERFORM_CONTENT, PERFORM_TABLE };
int perform_part(struct perform *p, enum perform_part part, struct error *err) MUST_CHECK;
