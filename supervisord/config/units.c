/* SPDX-License-Identifier: MIT */
#include "config/units.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* Largest first. */
static const struct unit durations[] = {
	{"d", 86400000000000u}, {"h", 3600000000000u}, {"m", 60000000000u}, {"s", 1000000000u},
	{"ms", 1000000u},       {"us", 1000u},         {"ns", 1u},          {NULL, 0},
};

static const struct unit sizes[] = {
	{"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"TB", 1000000000000u},
	{"GB", 1000000000u}, {"MB", 1000000u},    {"KB", 1000u},       {"T", 1ull << 40},   {"G", 1ull << 30},
	{"M", 1ull << 20},   {"K", 1ull << 10},   {"B", 1u},           {NULL, 0},
};

#define DURATION_MAX_NS (1000u * 86400000000000ull)
#define SIZE_MAX_BYTES  (1ull << 50)

/* The number at *text, in digits with one point, times a factor of its unit. -EINVAL: there is none. */
static int take_number(const char **text, double *out)
{
	size_t whole = strspn(*text, "0123456789");
	size_t length = whole;

	if ((*text)[whole] == '.')
		length += 1 + strspn(*text + whole + 1, "0123456789");
	if (whole == 0 || length > 20)
		return -EINVAL;
	*out = strtod(*text, NULL);
	*text += length;
	return 0;
}

/* The unit at *text: letters up to the next digit or the end. */
static const struct unit *take_unit(const char **text, const struct unit *units)
{
	size_t length = strcspn(*text, "0123456789. ");

	for (; units->name; units++) {
		if (strlen(units->name) == length && strncasecmp(units->name, *text, length) == 0) {
			*text += length;
			return units;
		}
	}
	return NULL;
}

int units_duration(const char *text, uint64_t *out_ns)
{
	double sum = 0, number;

	do {
		const struct unit *unit;

		if (take_number(&text, &number) != 0)
			return -EINVAL;
		if (*text == '\0' && sum == 0) {
			sum = number * 1e9;
			break;
		}
		unit = take_unit(&text, durations);
		if (!unit)
			return -EINVAL;
		sum += number * (double)unit->factor;
	} while (*text);
	if (sum > (double)DURATION_MAX_NS)
		return -EINVAL;
	*out_ns = (uint64_t)(sum + 0.5);
	return 0;
}

int units_size(const char *text, uint64_t *out_bytes)
{
	const struct unit *unit = NULL;
	double number;

	if (take_number(&text, &number) != 0)
		return -EINVAL;
	text += *text == ' ';
	if (*text && !(unit = take_unit(&text, sizes)))
		return -EINVAL;
	number *= unit ? (double)unit->factor : 1;
	if (*text || number > (double)SIZE_MAX_BYTES)
		return -EINVAL;
	*out_bytes = (uint64_t)(number + 0.5);
	return 0;
}

int units_count(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
	size_t length = strspn(text, "0123456789");
	uint64_t value;

	if (length == 0 || length > 18 || text[length])
		return -EINVAL;
	value = strtoull(text, NULL, 10);
	if (value < min || value > max)
		return -EINVAL;
	*out = value;
	return 0;
}

int units_signal(const char *text, int *out)
{
	uint64_t number;

	if (units_count(text, 1, 64, &number) == 0) {
		*out = (int)number;
		return 0;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i < SIGRTMIN; i++) {
		const char *name = sigabbrev_np(i);

		if (name && strcasecmp(name, text) == 0) {
			*out = i;
			return 0;
		}
	}
	return -EINVAL;
}

char *units_print_signal(int number, char *out, size_t size)
{
	const char *name = number < SIGRTMIN ? sigabbrev_np(number) : NULL;

	if (name)
		snprintf(out, size, "%s", name);
	else
		snprintf(out, size, "%d", number);
	return out;
}

static char *print(uint64_t value, const struct unit *units, const char *none, char *out, size_t size)
{
	while (units->name && (value < units->factor || value % units->factor != 0))
		units++;
	if (units->name && value > 0)
		snprintf(out, size, "%" PRIu64 "%s", value / units->factor, units->name);
	else
		snprintf(out, size, "%" PRIu64 "%s", value, none);
	return out;
}

char *units_print_duration(uint64_t ns, char *out, size_t size)
{
	return print(ns, durations, "s", out, size);
}

char *units_print_size(uint64_t bytes, char *out, size_t size)
{
	return print(bytes, sizes, "", out, size);
}
