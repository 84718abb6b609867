/* SPDX-License-Identifier: MIT */
#include "config/cron.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define YEARS_MAX 10

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul",
					  "aug", "sep", "oct", "nov", "dec", NULL};
static const char *const weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL};

static const struct field {
	unsigned first;
	unsigned last;
	const char *const *names; /* of the values from `first` on */
} fields[] = {{0, 59, NULL}, {0, 23, NULL}, {1, 31, NULL}, {1, 12, month_names}, {0, 7, weekday_names}};

enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS };

static const struct {
	const char *word;
	const char *fields;
} words[] = {
	{"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
	{"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},
};

/* A number or a name, within the field. */
static int parse_value(const char **at, const struct field *field, unsigned *out)
{
	char *end;
	unsigned long value;

	for (unsigned i = 0; field->names && field->names[i]; i++) {
		if (strncasecmp(*at, field->names[i], 3) == 0 && !isalpha((unsigned char)(*at)[3])) {
			*at += 3;
			*out = field->first + i;
			return 0;
		}
	}
	if (!isdigit((unsigned char)**at))
		return -EINVAL;
	value = strtoul(*at, &end, 10);
	if (value < field->first || value > field->last)
		return -EINVAL;
	*at = end;
	*out = (unsigned)value;
	return 0;
}

/* "*", "N", "A-B", each with "/STEP". */
static int parse_part(const char **at, const struct field *field, uint64_t *bits)
{
	unsigned from = field->first, to = field->last;
	unsigned long step = 1;
	bool open = **at == '*';

	if (open)
		(*at)++;
	else if (parse_value(at, field, &from) != 0)
		return -EINVAL;
	if (!open)
		to = from;
	if (!open && **at == '-') {
		(*at)++;
		if (parse_value(at, field, &to) != 0 || to < from)
			return -EINVAL;
		open = true;
	}
	if (**at == '/') {
		char *end;

		step = isdigit((unsigned char)(*at)[1]) ? strtoul(*at + 1, &end, 10) : 0;
		if (step == 0 || step > field->last)
			return -EINVAL;
		*at = end;
		to = open ? to : field->last;
	}
	for (unsigned long value = from; value <= to; value += step)
		*bits |= UINT64_C(1) << value;
	return 0;
}

static int parse_field(const char **at, const struct field *field, uint64_t *bits)
{
	*bits = 0;
	for (;; (*at)++) {
		if (parse_part(at, field, bits) != 0)
			return -EINVAL;
		if (**at != ',')
			return 0;
	}
}

static const char *fields_of(const char *text)
{
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(text, words[i].word) == 0)
			return words[i].fields;
	return text;
}

int cron_parse(const char *text, struct cron *out)
{
	const char *at = fields_of(text);
	uint64_t bits[FIELDS];
	bool any[FIELDS];

	for (int i = 0; i < FIELDS; i++) {
		at += strspn(at, " \t");
		any[i] = *at == '*';
		if (parse_field(&at, &fields[i], &bits[i]) != 0 || (*at && *at != ' ' && *at != '\t'))
			return -EINVAL;
	}
	if (at[strspn(at, " \t")])
		return -EINVAL;
	bits[WEEKDAY] |= bits[WEEKDAY] >> 7; /* 7 is Sunday, too */
	*out = (struct cron){.minutes = bits[MINUTE],
			     .hours = (uint32_t)bits[HOUR],
			     .days = (uint32_t)bits[DAY],
			     .months = (uint16_t)bits[MONTH],
			     .weekdays = (uint8_t)(bits[WEEKDAY] & 0x7f),
			     .any_day = any[DAY],
			     .any_weekday = any[WEEKDAY]};
	return 0;
}

static bool is_day(const struct cron *cron, const struct tm *tm)
{
	bool day = cron->days >> tm->tm_mday & 1, weekday = cron->weekdays >> tm->tm_wday & 1;

	if (!(cron->months >> (tm->tm_mon + 1) & 1))
		return false;
	return cron->any_day || cron->any_weekday ? day && weekday : day || weekday;
}

/* The hours between those of two moments, a minute apart, were left out: would it have come in one of them? */
static bool is_after_gap(const struct cron *cron, const struct tm *before, const struct tm *tm)
{
	for (int hour = before->tm_hour + 1; hour < tm->tm_hour; hour++)
		if (cron->hours >> hour & 1)
			return tm->tm_min == 0;
	return false;
}

/* This hour was there already, an hour ago: what names its hours has come then. */
static bool is_repeated(const struct cron *cron, const struct tm *hour_ago, const struct tm *tm)
{
	return cron->hours != 0xffffff && hour_ago->tm_hour == tm->tm_hour && hour_ago->tm_mday == tm->tm_mday;
}

static bool is_time(const struct cron *cron, time_t at, const struct tm *tm)
{
	time_t minute_ago = at - 60, hour_ago = at - 3600;
	struct tm before;

	localtime_r(&minute_ago, &before);
	if (before.tm_mday == tm->tm_mday && is_after_gap(cron, &before, tm))
		return true;
	if (!(cron->hours >> tm->tm_hour & 1) || !(cron->minutes >> tm->tm_min & 1))
		return false;
	localtime_r(&hour_ago, &before);
	return !is_repeated(cron, &before, tm);
}

/* The first minute of the next local day, at the earliest an hour later: days have 23 to 25. */
static time_t next_day(time_t at, const struct tm *tm)
{
	struct tm next = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday + 1, .tm_isdst = -1};
	time_t then = mktime(&next);

	return then > at ? then : at + 3600;
}

time_t cron_next(const struct cron *cron, time_t after)
{
	time_t at = after - after % 60 + 60;
	time_t last = after + (time_t)YEARS_MAX * 366 * 86400;

	while (at < last) {
		struct tm tm;

		localtime_r(&at, &tm);
		if (!is_day(cron, &tm))
			at = next_day(at, &tm);
		else if (is_time(cron, at, &tm))
			return at;
		else
			at += 60;
	}
	return -1;
}
