/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schedules as cron writes them: five fields (minute hour day month weekday), six with seconds in
 * front (as RancherOS' container-crontab), @hourly and its like, @every 1h30m. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/attr.h"
#include "lib/error.h"

struct cron {
	uint64_t second, minute; /* bit n: at n */
	uint32_t hour, day, month, weekday;
	bool any_day, any_weekday; /* "*": then the other one alone decides */
	int64_t every;             /* seconds between two runs; 0 for the fields */
};

int cron_parse(const char *text, struct cron *ret, struct error *err) MUST_CHECK;
/* The first time after `after`, in local time; 0 when there is none within five years. */
time_t cron_next(const struct cron *c, time_t after);
