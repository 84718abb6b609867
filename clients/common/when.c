/* SPDX-License-Identifier: MIT */
#include "clients/common/when.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S  1000000000ull
#define NS_PER_MS 1000000ull

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

struct brm_now now_read(void)
{
	return (struct brm_now){.real_ns = clock_ns(CLOCK_REALTIME), .boot_ns = clock_ns(CLOCK_BOOTTIME)};
}

size_t when_number(uint64_t number, char out[WHEN_MAX])
{
	size_t count = 1;

	for (uint64_t rest = number; rest >= 10; rest /= 10)
		count++;
	out[count] = '\0';
	for (size_t i = count; i > 0; number /= 10)
		out[--i] = (char)('0' + number % 10);
	return count;
}

/* Append a number and its unit. */
static size_t add_unit(char out[WHEN_MAX], size_t length, uint64_t number, char unit)
{
	length += when_number(number, out + length);
	out[length++] = unit;
	out[length] = '\0';
	return length;
}

char *when_rfc3339(uint64_t real_ns, char out[WHEN_MAX])
{
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	struct tm tm;
	size_t length;

	gmtime_r(&seconds, &tm);
	length = strftime(out, WHEN_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out + length, WHEN_MAX - length, ".%03uZ", (unsigned)(real_ns % NS_PER_S / NS_PER_MS));
	return out;
}

char *when_clock(uint64_t real_ns, char out[WHEN_MAX])
{
	time_t seconds = (time_t)(real_ns / NS_PER_S);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(out, WHEN_MAX, "%H:%M:%S", &tm);
	return out;
}

/* The two largest units that count: "3d4h", "2h14m", "41m", "3m12s" (seconds only below ten minutes), "12s". */
char *when_duration(uint64_t ns, char out[WHEN_MAX])
{
	unsigned long long s = ns / NS_PER_S;

	static const struct {
		unsigned long long least, first, second; /* seconds: from where on, and of each unit; 0: none */
		char units[2];
	} forms[] = {{86400, 86400, 3600, "dh"},
		     {3600, 3600, 60, "hm"},
		     {600, 60, 0, "m"},
		     {60, 60, 1, "ms"},
		     {0, 1, 0, "s"}};
	size_t i = 0, length;

	while (s < forms[i].least)
		i++;
	length = add_unit(out, 0, s / forms[i].first, forms[i].units[0]);
	if (forms[i].second)
		add_unit(out, length, s % forms[i].first / forms[i].second, forms[i].units[1]);
	return out;
}

char *when_bytes(uint64_t bytes, char out[WHEN_MAX])
{
	static const char units[] = "BKMGTPE";
	uint64_t tenths = bytes * 10;
	size_t unit = 0;

	if (bytes >= UINT64_MAX / 10)
		tenths = UINT64_MAX;
	for (; tenths >= 10240 && unit + 2 < sizeof units; unit++)
		tenths /= 1024;
	if (unit >= 3 && tenths < 100)
		add_unit(out, add_unit(out, 0, tenths / 10, '.'), tenths % 10, units[unit]);
	else
		add_unit(out, 0, tenths / 10, units[unit]);
	return out;
}

static const struct {
	const char *name;
	uint64_t ns;
} units[] = {
	{"ns", 1},
	{"us", 1000},
	{"ms", NS_PER_MS},
	{"s", NS_PER_S},
	{"m", 60 * NS_PER_S},
	{"h", 3600 * NS_PER_S},
	{"d", 86400 * NS_PER_S},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A decimal number with up to nine decimals, as whole and billionths. Returns where it ends; NULL when there is none.
 */
static const char *parse_number(const char *text, uint64_t *whole, uint64_t *billionths)
{
	uint64_t scale = NS_PER_S / 10;

	if (!is_digit(*text))
		return NULL;
	*whole = *billionths = 0;
	for (; is_digit(*text); text++) {
		if (*whole > UINT64_MAX / 100)
			return NULL;
		*whole = *whole * 10 + (uint64_t)(*text - '0');
	}
	if (text[0] != '.' || !is_digit(text[1]))
		return text;
	for (text++; is_digit(*text); text++, scale /= 10)
		*billionths += (uint64_t)(*text - '0') * scale;
	return text;
}

static uint64_t unit_ns(const char *text, size_t length)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strlen(units[i].name) == length && memcmp(units[i].name, text, length) == 0)
			return units[i].ns;
	return 0;
}

int when_parse_duration(const char *text, uint64_t *ns)
{
	const char *first = text;
	uint64_t sum = 0;

	do {
		uint64_t whole, billionths, unit, part;
		const char *end = parse_number(text, &whole, &billionths);
		size_t length;

		if (!end)
			return is_digit(*text) ? -ERANGE : -EINVAL;
		length = strcspn(end, "0123456789.");
		unit = length == 0 && text == first ? NS_PER_S : unit_ns(end, length);
		if (unit == 0)
			return -EINVAL;
		if (__builtin_mul_overflow(whole, unit, &part) || __builtin_add_overflow(sum, part, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)((double)billionths * 1e-9 * (double)unit), &sum) ||
		    sum > INT64_MAX)
			return -ERANGE;
		text = end + length;
	} while (*text);
	*ns = sum;
	return 0;
}

/* "Z", "+02:00", "-0700" as seconds east; -EINVAL. */
static int parse_zone(const char *text, long *east)
{
	unsigned hours, minutes;
	int used = 0;

	*east = 0;
	if ((text[0] == 'Z' || text[0] == 'z') && text[1] == '\0')
		return 0;
	if (text[0] != '+' && text[0] != '-')
		return -EINVAL;
	if (sscanf(text + 1, "%2u:%2u%n", &hours, &minutes, &used) != 2 &&
	    sscanf(text + 1, "%2u%2u%n", &hours, &minutes, &used) != 2)
		return -EINVAL;
	if (text[1 + used] != '\0' || hours > 23 || minutes > 59)
		return -EINVAL;
	*east = (long)(hours * 3600 + minutes * 60) * (text[0] == '-' ? -1 : 1);
	return 0;
}

/* The rest after a date and time: nothing (local time), a fraction of a second, a zone. */
static int finish_time(struct tm *tm, const char *rest, uint64_t *real_ns)
{
	uint64_t zero = 0, fraction = 0;
	time_t seconds;
	char number[24];
	long east;

	if (*rest == '.') {
		size_t length = 1 + strspn(rest + 1, "0123456789");

		if (length < 2 || length > 20)
			return -EINVAL;
		snprintf(number, sizeof number, "0%.*s", (int)length, rest);
		parse_number(number, &zero, &fraction);
		rest += length;
	}
	tm->tm_isdst = -1;
	if (*rest == '\0')
		seconds = mktime(tm);
	else if (parse_zone(rest, &east) == 0)
		seconds = timegm(tm) - east;
	else
		return -EINVAL;
	if (seconds < 0)
		return -EINVAL;
	*real_ns = (uint64_t)seconds * NS_PER_S + fraction;
	return 0;
}

int when_parse_time(const char *text, struct brm_now now, uint64_t *real_ns)
{
	static const char *const dated[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M",
					    "%Y-%m-%d %H:%M", "%Y-%m-%d"};
	static const char *const today[] = {"%H:%M:%S", "%H:%M"};
	time_t seconds = (time_t)(now.real_ns / NS_PER_S);
	const char *rest;
	struct tm tm;
	uint64_t ago;

	if (when_parse_duration(text, &ago) == 0) {
		*real_ns = ago < now.real_ns ? now.real_ns - ago : 0;
		return 0;
	}
	for (size_t i = 0; i < sizeof dated / sizeof *dated; i++) {
		memset(&tm, 0, sizeof tm);
		if ((rest = strptime(text, dated[i], &tm)))
			return finish_time(&tm, rest, real_ns);
	}
	for (size_t i = 0; i < sizeof today / sizeof *today; i++) {
		localtime_r(&seconds, &tm);
		tm.tm_sec = 0;
		if ((rest = strptime(text, today[i], &tm)) && *rest == '\0')
			return finish_time(&tm, rest, real_ns);
	}
	return -EINVAL;
}
