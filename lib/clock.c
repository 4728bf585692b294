/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time as deadlines. The clocks read here exist since long before any kernel we run on, so reading
 * them has no error to report.
 */
#include <time.h>

#include "lib/clock.h"

int64_t clock_ms(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

uint64_t clock_boot_usec(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

int clock_left_ms(int64_t deadline_ms)
{
	int64_t now = clock_ms();

	if (deadline_ms <= now)
		return 0;
	return deadline_ms - now > INT32_MAX ? INT32_MAX : (int)(deadline_ms - now);
}
