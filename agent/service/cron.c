/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the language of schedules and the calculation of the next time.
 */
#include "agent/service/cron.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/convert.h"

#define FIVE_YEARS (5 * 366 * 24 * 3600L)

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul",
				      "aug", "sep", "oct", "nov", "dec", NULL };
static const char *const weekdays[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL };

static const struct field {
	const char *name;
	long min, max;
	const char *const *words; /* names of the values from min on */
} fields[] = {
	{ "second", 0, 59, NULL }, { "minute", 0, 59, NULL },  { "hour", 0, 23, NULL },
	{ "day", 1, 31, NULL },	   { "month", 1, 12, months }, { "weekday", 0, 7, weekdays },
};

static const struct {
	const char *word, *fields;
} word_all[] = {
	{ "@yearly", "0 0 1 1 *" }, { "@annually", "0 0 1 1 *" }, { "@monthly", "0 0 1 * *" },
	{ "@weekly", "0 0 * * 0" }, { "@daily", "0 0 * * *" },	  { "@midnight", "0 0 * * *" },
	{ "@hourly", "0 * * * *" },
};

/* A number or name at *s. */
static bool take_value(const char **s, const struct field *f, long *ret)
{
	char *end;

	for (long i = 0; f->words && f->words[i]; i++) {
		if (!strncasecmp(*s, f->words[i], 3)) {
			*s += 3;
			*ret = f->min + i;
			return true;
		}
	}
	if (**s < '0' || **s > '9')
		return false;
	*ret = strtol(*s, &end, 10);
	*s = end;
	return *ret >= f->min && *ret <= f->max;
}

/* One part of a list: "*", "5", "1-5", each with "/2". */
static bool take_part(const char **s, const struct field *f, uint64_t *bits)
{
	long from = f->min, to = f->max, step = 1;

	if (**s == '*' || **s == '?') {
		(*s)++;
	} else {
		if (!take_value(s, f, &from))
			return false;
		to = from;
		if (**s == '-' && ((*s)++, !take_value(s, f, &to)))
			return false;
		/* "5/15" means from 5 on. */
		if (**s == '/' && to == from)
			to = f->max;
	}
	if (**s == '/') {
		char *end;

		step = strtol(*s + 1, &end, 10);
		if (end == *s + 1 || step < 1)
			return false;
		*s = end;
	}
	if (to < from)
		return false;
	for (long v = from; v <= to; v += step)
		*bits |= 1ull << v;
	return true;
}

static bool parse_field(const char *text, const struct field *f, uint64_t *bits)
{
	*bits = 0;
	for (;;) {
		if (!take_part(&text, f, bits))
			return false;
		if (!*text)
			return true;
		if (*text++ != ',')
			return false;
	}
}

static int parse_fields(const char *text, struct cron *c, struct error *err)
{
	char word[6][64] = { { 0 } };
	char more[2];
	uint64_t bits[6];
	const int n = sscanf(text, "%63s %63s %63s %63s %63s %63s %1s", word[0], word[1], word[2],
			     word[3], word[4], word[5], more);

	if (n != 5 && n != 6)
		return error_set(err, EBADMSG, "\"%s\" is not a schedule of five or six fields",
				 text);
	if (n == 5) {
		memmove(word[1], word[0], 5 * sizeof(word[0]));
		memcpy(word[0], "0", 2);
	}
	for (int i = 0; i < 6; i++) {
		if (!parse_field(word[i], &fields[i], &bits[i]))
			return error_set(err, EBADMSG, "\"%s\" is not a %s of a schedule", word[i],
					 fields[i].name);
	}
	*c = (struct cron){ .second = bits[0], .minute = bits[1], .hour = (uint32_t)bits[2],
			    .day = (uint32_t)bits[3], .month = (uint32_t)bits[4],
			    .any_day = strchr("*?", word[3][0]) != NULL,
			    .any_weekday = strchr("*?", word[5][0]) != NULL };
	/* 7 is Sunday too. */
	c->weekday = (uint32_t)((bits[5] | bits[5] >> 7) & 0x7f);
	return 0;
}

int cron_parse(const char *text, struct cron *ret, struct error *err)
{
	int64_t ms;
	int r;

	text += strspn(text, " \t");
	for (size_t i = 0; i < ARRAY_LEN(word_all); i++) {
		if (!strcasecmp(text, word_all[i].word))
			return parse_fields(word_all[i].fields, ret, err);
	}
	if (strncasecmp(text, "@every ", 7) != 0)
		return parse_fields(text, ret, err);
	r = convert_duration(text + 7, &ms, err);
	if (r < 0)
		return r;
	*ret = (struct cron){ .every = ms < 1000 ? 1 : ms / 1000 };
	return 0;
}

static bool day_fits(const struct cron *c, const struct tm *tm)
{
	const bool day = c->day >> tm->tm_mday & 1;
	const bool weekday = c->weekday >> tm->tm_wday & 1;

	if (!(c->month >> (tm->tm_mon + 1) & 1))
		return false;
	return c->any_day || c->any_weekday ? day && weekday : day || weekday;
}

/* Walks through real time, by hours while the day or hour does not fit, so that a clock that is put
 * back or forward needs no rule of its own. */
time_t cron_next(const struct cron *c, time_t after)
{
	time_t t = after + 1;
	struct tm tm;

	if (c->every)
		return after + c->every;
	while (t - after < FIVE_YEARS && localtime_r(&t, &tm)) {
		if (!day_fits(c, &tm) || !(c->hour >> tm.tm_hour & 1))
			t += 3600 - (tm.tm_min * 60 + tm.tm_sec);
		else if (!(c->minute >> tm.tm_min & 1))
			t += 60 - tm.tm_sec;
		else if (!(c->second >> tm.tm_sec & 1))
			t++;
		else
			return t;
	}
	return 0;
}
