/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a harness is: tests/fuzz/fuzz_NAME.c defines LLVMFuzzerTestOneInput(), which must hold for
 * any bytes. tests/fuzz/corpus/NAME/ holds inputs that are worth keeping: those that were found,
 * and one of each feature.
 *
 * `make test` links each harness with replay.c and runs its corpus under the sanitizers;
 * `make fuzz` has clang's libFuzzer look for more.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property does not hold: the input is a find. */
#define FUZZ_ASSERT(cond)                                                           \
	do {                                                                        \
		if (!(cond)) {                                                      \
			(void)fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, \
				      __LINE__, #cond);                             \
			abort();                                                    \
		}                                                                   \
	} while (0)
