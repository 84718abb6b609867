/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/cron.h"
#include "config/schema.h"
#include "config/units.h"

#define MODE_MAX 0777

static void *field_of(const struct schema_key *key, const void *base)
{
	return (char *)base + key->offset;
}

/* Take a scalar through a function that reads its text. */
static int take_with(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base,
		     int (*read)(const char *text, const struct schema_key *key, void *field))
{
	char *text;
	int result = schema_text(take, node, key, &text);

	if (result != 0)
		return result;
	result = read(text, key, field_of(key, base));
	free(text);
	return result == -EINVAL ? schema_wrong(take, node, key) : result;
}

#define TAKE_WITH(name, read)                                                                                 \
	static int name(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, \
			void *base)                                                                           \
	{                                                                                                     \
		return take_with(take, node, key, base, read);                                                \
	}

/* A word of a table: its number, or -EINVAL. */
struct word {
	const char *name;
	int value;
};

static int find_word(const struct word *words, const char *text)
{
	while (words->name && strcmp(words->name, text) != 0)
		words++;
	return words->name ? words->value : -EINVAL;
}

static const char *word_of(const struct word *words, int value)
{
	while (words->name && words->value != value)
		words++;
	return words->name ? words->name : "";
}

static int read_text(const char *text, const struct schema_key *key, void *field)
{
	(void)key;
	return *text ? string_set(field, text) : -EINVAL;
}

TAKE_WITH(take_text, read_text)

static void print_text(FILE *out, const struct schema_key *key, const void *base)
{
	const char *text = *(char **)field_of(key, base);

	fputs(text ? text : "", out);
}

const struct schema_type type_text = {"a text", "{\"$ref\":\"#/$defs/text\"}", false, take_text, print_text};
const struct schema_type type_shell_text = {
	"a command", "{\"type\":[\"string\",\"number\",\"boolean\"],\"minLength\":1}", true, take_text, print_text};

static int take_path(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	char *text, *whole;
	int result = schema_text(take, node, key, &text);

	if (result != 0)
		return result;
	whole = schema_path(node->folder, text);
	free(text);
	if (!whole)
		return -ENOMEM;
	free(*(char **)field_of(key, base));
	*(char **)field_of(key, base) = whole;
	return 0;
}

const struct schema_type type_path = {"a path", "{\"$ref\":\"#/$defs/value\"}", false, take_path, print_text};

static const struct word bools[] = {
	{"true", 1}, {"yes", 1}, {"on", 1},    {"True", 1}, {"TRUE", 1}, {"Yes", 1},   {"YES", 1},
	{"On", 1},   {"ON", 1},  {"false", 0}, {"no", 0},   {"off", 0},  {"False", 0}, {"FALSE", 0},
	{"No", 0},   {"NO", 0},  {"Off", 0},   {"OFF", 0},  {NULL, 0},
};

static int read_bool(const char *text, const struct schema_key *key, void *field)
{
	int value = find_word(bools, text);

	(void)key;
	if (value >= 0)
		*(bool *)field = value;
	return value < 0 ? value : 0;
}

TAKE_WITH(take_bool, read_bool)

static void print_bool(FILE *out, const struct schema_key *key, const void *base)
{
	fputs(*(bool *)field_of(key, base) ? "true" : "false", out);
}

const struct schema_type type_bool = {
	"true or false",
	"{\"anyOf\":[{\"type\":\"boolean\"},{\"enum\":[\"true\",\"false\",\"yes\",\"no\",\"on\",\"off\"]}]}", false,
	take_bool, print_bool};

/* Counts are uint32_t but for open_files. */
static int read_count(const char *text, const struct schema_key *key, void *field)
{
	uint64_t value;

	if (units_count(text, key->min, key->max, &value) != 0)
		return -EINVAL;
	*(uint32_t *)field = (uint32_t)value;
	return 0;
}

TAKE_WITH(take_count, read_count)

static void print_count(FILE *out, const struct schema_key *key, const void *base)
{
	uint32_t value = *(uint32_t *)field_of(key, base);

	if (value > 0)
		fprintf(out, "%" PRIu32, value);
}

#define COUNT_JSON                                                              \
	"{\"anyOf\":[{\"type\":\"integer\",\"minimum\":%min,\"maximum\":%max}," \
	"{\"type\":\"string\",\"pattern\":\"^[0-9]+$\"}]}"

const struct schema_type type_count = {"a number", COUNT_JSON, false, take_count, print_count};

static int read_files(const char *text, const struct schema_key *key, void *field)
{
	return units_count(text, key->min, key->max, field);
}

TAKE_WITH(take_files, read_files)

static void print_files(FILE *out, const struct schema_key *key, const void *base)
{
	uint64_t value = *(uint64_t *)field_of(key, base);

	if (value > 0)
		fprintf(out, "%" PRIu64, value);
}

const struct schema_type type_files = {"a number", COUNT_JSON, false, take_files, print_files};

static int take_replicas(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			 void *base)
{
	int result = take_with(take, node, key, base, read_count);

	take->draft->has_replicas = take->draft->has_replicas || result == 0;
	return result;
}

const struct schema_type type_replicas = {"a number", COUNT_JSON, false, take_replicas, NULL};

static int read_nice(const char *text, const struct schema_key *key, void *field)
{
	bool negative = *text == '-';
	uint64_t value;

	(void)key;
	if (units_count(text + negative, 0, negative ? 20 : 19, &value) != 0)
		return -EINVAL;
	*(int *)field = negative ? -(int)value : (int)value;
	return 0;
}

TAKE_WITH(take_nice, read_nice)

static void print_nice(FILE *out, const struct schema_key *key, const void *base)
{
	int value = *(int *)field_of(key, base);

	if (value != NICE_INHERIT)
		fprintf(out, "%d", value);
}

const struct schema_type type_nice = {"-20 to 19",
				      "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":-20,\"maximum\":19},"
				      "{\"type\":\"string\",\"pattern\":\"^-?[0-9]+$\"}]}",
				      false, take_nice, print_nice};

static int read_size(const char *text, const struct schema_key *key, void *field)
{
	uint64_t value;

	if (units_size(text, &value) != 0 || value < key->min)
		return -EINVAL;
	*(uint64_t *)field = value;
	return 0;
}

TAKE_WITH(take_size, read_size)

static void print_size(FILE *out, const struct schema_key *key, const void *base)
{
	char text[UNITS_TEXT_MAX];
	uint64_t value = *(uint64_t *)field_of(key, base);

	if (value > 0)
		fputs(units_print_size(value, text, sizeof text), out);
}

#define SIZE_PATTERN "^[0-9]+(\\\\.[0-9]*)? ?([KkMmGgTt][Ii]?[Bb]?|[Bb])?$"

const struct schema_type type_size = {"a size such as 16MiB or 1GB",
				      "{\"anyOf\":[{\"type\":\"number\",\"minimum\":%min,\"maximum\":1125899906842624},"
				      "{\"type\":\"string\",\"pattern\":\"" SIZE_PATTERN "\"}]}",
				      false, take_size, print_size};

static int read_duration(const char *text, const struct schema_key *key, void *field)
{
	uint64_t value;

	if (units_duration(text, &value) != 0 || value < key->min)
		return -EINVAL;
	*(uint64_t *)field = value;
	return 0;
}

TAKE_WITH(take_duration, read_duration)

static void print_duration(FILE *out, const struct schema_key *key, const void *base)
{
	char text[UNITS_TEXT_MAX];

	fputs(units_print_duration(*(uint64_t *)field_of(key, base), text, sizeof text), out);
}

#define ONE_DURATION "[0-9]+(\\\\.[0-9]*)?(ns|us|ms|s|m|h|d)"
#define DURATION     "((" ONE_DURATION ")+|[0-9]+(\\\\.[0-9]*)?)"

const struct schema_type type_duration = {"a duration such as 200ms, 3s or 5m",
					  "{\"anyOf\":[{\"type\":\"number\",\"minimum\":0,\"maximum\":86400000},"
					  "{\"type\":\"string\",\"pattern\":\"^" DURATION "$\"}]}",
					  false, take_duration, print_duration};
const struct schema_type type_period = {
	"a duration of more than 0, such as 200ms, 3s or 5m",
	"{\"anyOf\":[{\"type\":\"number\",\"exclusiveMinimum\":0,\"maximum\":86400000},{\"type\":\"string\",\"allOf\":["
	"{\"pattern\":\"^" DURATION "$\"},{\"pattern\":\"[1-9]\"}]}]}",
	false, take_duration, print_duration};

static int read_signal(const char *text, const struct schema_key *key, void *field)
{
	(void)key;
	return units_signal(text, field);
}

TAKE_WITH(take_signal, read_signal)

static void print_signal(FILE *out, const struct schema_key *key, const void *base)
{
	char text[16];

	fputs(units_print_signal(*(int *)field_of(key, base), text, sizeof text), out);
}

const struct schema_type type_signal = {"a signal such as TERM",
					"{\"anyOf\":[{\"type\":\"integer\",\"minimum\":1,\"maximum\":64},"
					"{\"type\":\"string\",\"pattern\":\"^([1-9]|[1-5][0-9]|6[0-4]|%sig)$\"}]}",
					false, take_signal, print_signal};

static int read_umask(const char *text, const struct schema_key *key, void *field)
{
	const char *digits = strncmp(text, "0o", 2) == 0 ? text + 2 : text;
	size_t length = strspn(digits, "01234567");
	long value = strtol(digits, NULL, 8);

	(void)key;
	if (length == 0 || length > 5 || digits[length] || value > MODE_MAX)
		return -EINVAL;
	*(int *)field = (int)value;
	return 0;
}

TAKE_WITH(take_umask, read_umask)

static void print_umask(FILE *out, const struct schema_key *key, const void *base)
{
	int value = *(int *)field_of(key, base);

	if (value >= 0)
		fprintf(out, "%03o", (unsigned)value);
}

const struct schema_type type_umask = {"octal digits such as 022",
				       "{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0,\"maximum\":777},"
				       "{\"type\":\"string\",\"pattern\":\"^(0o)?[0-7]{1,5}$\"}]}",
				       false, take_umask, print_umask};

static const struct word restarts[] = {
	{"never", RESTART_NEVER},           {"no", RESTART_NEVER},      {"false", RESTART_NEVER},
	{"on-failure", RESTART_ON_FAILURE}, {"always", RESTART_ALWAYS}, {NULL, 0},
};

static int read_restart(const char *text, const struct schema_key *key, void *field)
{
	int value = find_word(restarts, text);

	(void)key;
	if (value >= 0)
		*(enum restart_when *)field = (enum restart_when)value;
	return value < 0 ? value : 0;
}

TAKE_WITH(take_restart, read_restart)

static void print_restart(FILE *out, const struct schema_key *key, const void *base)
{
	fputs(word_of(restarts, (int)*(enum restart_when *)field_of(key, base)), out);
}

const struct schema_type type_restart = {"never, on-failure or always",
					 "{\"enum\":[\"never\",\"no\",\"false\",false,\"on-failure\",\"always\"]}",
					 false, take_restart, print_restart};

/* FIRST..LAST, or one wait that stays the same. */
static int read_backoff(const char *text, const struct schema_key *key, void *field)
{
	struct spec *spec = &((struct draft *)field)->spec;
	const char *dots = strstr(text, "..");
	char first[64];
	uint64_t from, to;

	(void)key;
	snprintf(first, sizeof first, "%.*s", dots ? (int)(dots - text) : (int)strlen(text), text);
	if (units_duration(first, &from) != 0)
		return -EINVAL;
	to = from;
	if (dots && (units_duration(dots + 2, &to) != 0 || to < from))
		return -EINVAL;
	spec->backoff_first_ns = from;
	spec->backoff_last_ns = to;
	return 0;
}

TAKE_WITH(take_backoff, read_backoff)

static void print_backoff(FILE *out, const struct schema_key *key, const void *base)
{
	const struct spec *spec = &((const struct draft *)base)->spec;
	char first[UNITS_TEXT_MAX], last[UNITS_TEXT_MAX];

	(void)key;
	fprintf(out, "%s..%s", units_print_duration(spec->backoff_first_ns, first, sizeof first),
		units_print_duration(spec->backoff_last_ns, last, sizeof last));
}

const struct schema_type type_backoff = {"FIRST..LAST such as 200ms..30s",
					 "{\"anyOf\":[{\"type\":\"number\",\"minimum\":0,\"maximum\":86400000},"
					 "{\"type\":\"string\",\"pattern\":\"^" DURATION "([.][.]" DURATION ")?$\"}]}",
					 false, take_backoff, print_backoff};

#define LIMIT_MAX 1000000u

/* "10 in 60s". */
static int read_limit(const char *text, const struct schema_key *key, void *field)
{
	struct spec *spec = &((struct draft *)field)->spec;
	size_t digits = strspn(text, "0123456789");
	const char *in = text + digits;
	uint64_t count, window_ns;
	char number[16];

	(void)key;
	snprintf(number, sizeof number, "%.*s", (int)(digits < 15 ? digits : 15), text);
	if (units_count(number, 1, LIMIT_MAX, &count) != 0)
		return -EINVAL;
	in += strspn(in, " ");
	if (strncmp(in, "in ", 3) != 0)
		return -EINVAL;
	in += 3;
	in += strspn(in, " ");
	if (units_duration(in, &window_ns) != 0 || window_ns == 0)
		return -EINVAL;
	spec->restart_limit = (uint32_t)count;
	spec->restart_window_ns = window_ns;
	return 0;
}

TAKE_WITH(take_limit, read_limit)

static void print_limit(FILE *out, const struct schema_key *key, const void *base)
{
	const struct spec *spec = &((const struct draft *)base)->spec;
	char text[UNITS_TEXT_MAX];

	(void)key;
	if (spec->restart_limit > 0)
		fprintf(out, "%" PRIu32 " in %s", spec->restart_limit,
			units_print_duration(spec->restart_window_ns, text, sizeof text));
}

const struct schema_type type_limit = {"N in DURATION such as 10 in 60s",
				       "{\"type\":\"string\",\"pattern\":\"^[0-9]+ *in +" DURATION "$\"}", false,
				       take_limit, print_limit};

static const struct word stdins[] = {{"null", BRM_STDIN_NULL}, {"pipe", BRM_STDIN_PIPE}, {NULL, 0}};

static int read_stdin(const char *text, const struct schema_key *key, void *field)
{
	int value = find_word(stdins, text);

	(void)key;
	if (value >= 0)
		*(enum brm_stdin *)field = (enum brm_stdin)value;
	return value < 0 ? value : 0;
}

TAKE_WITH(take_stdin, read_stdin)

static void print_stdin(FILE *out, const struct schema_key *key, const void *base)
{
	fputs(word_of(stdins, (int)*(enum brm_stdin *)field_of(key, base)), out);
}

const struct schema_type type_stdin = {"null or pipe", "{\"enum\":[\"null\",\"pipe\"]}", false, take_stdin,
				       print_stdin};

static int read_schedule(const char *text, const struct schema_key *key, void *field)
{
	struct cron times;

	return cron_parse(text, &times) == 0 ? read_text(text, key, field) : -EINVAL;
}

TAKE_WITH(take_schedule, read_schedule)

#define CRON_FIELD "[0-9A-Za-z*/,-]+"

const struct schema_type type_schedule = {"five cron fields, or @hourly, @daily, @weekly, @monthly or @yearly",
					  "{\"type\":\"string\",\"pattern\":\"^(" CRON_FIELD "([ \\t]+" CRON_FIELD
					  "){4}[ \\t]*|@(hourly|daily|midnight|weekly|monthly|yearly|annually))$\"}",
					  false, take_schedule, print_text};
