/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every unit test includes: cmocka and an assertion that prints our error's message.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/error.h"

/* The call returned 0; else the error's message is shown. */
#define assert_ok(call, err)                                          \
	do {                                                          \
		int ret_ = (call);                                    \
		if (ret_ != 0)                                        \
			fail_msg("%s: %d: %s", #call, ret_, (err)->msg); \
	} while (0)
