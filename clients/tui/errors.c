/* SPDX-License-Identifier: MIT */
#include "clients/tui/errors.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OLDEST_MOST 4096u /* errors of a process that are looked at, from the newest back */
#define BATCH       64u
#define AT_ONCE     64u /* logs that are opened in one look */
#define TEXT_MOST   1024u

void errors_finish(struct errors *errors)
{
	free(errors->list);
	free(errors->seen);
	*errors = (struct errors){0};
}

bool error_is_aside(const struct error_group *group)
{
	return group->last.number < group->aside;
}

uint32_t errors_open(const struct errors *errors)
{
	uint32_t open = 0;

	for (uint32_t i = 0; i < errors->count; i++)
		open += !error_is_aside(&errors->list[i]);
	return open;
}

/* ---- text ---- */

/* Behind a time stamp and a level in brackets, if it begins so. */
static size_t after_stamp(const char *text, size_t length)
{
	size_t at = length > 0 && text[0] == '[', digits = 0;

	while (at < length && (isdigit((unsigned char)text[at]) || (digits > 0 && strchr(" -:/.,TZ+]", text[at])))) {
		digits += isdigit((unsigned char)text[at]) != 0;
		at++;
	}
	if (at == length || digits < 4)
		at = 0;
	while (at < length && isspace((unsigned char)text[at]))
		at++;
	return at;
}

static bool is_kind(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)word[i]) && !strchr("_.$[]-", word[i]))
			return false;
	return length >= 3 && length < ERROR_KIND;
}

/* "ECONNREFUSED" somewhere in it. */
static size_t find_code(const char *text, size_t length, size_t *size)
{
	for (size_t i = 0; i < length; i++) {
		size_t n = 0;

		if (text[i] != 'E' || (i > 0 && isalnum((unsigned char)text[i - 1])))
			continue;
		while (i + n < length && (isupper((unsigned char)text[i + n]) || isdigit((unsigned char)text[i + n])))
			n++;
		if (n >= 5 && n < ERROR_KIND && strncmp(text + i, "ERROR", 5) != 0) {
			*size = n;
			return i;
		}
	}
	*size = 0;
	return 0;
}

static void copy(char *out, size_t room, const char *text, size_t length)
{
	size_t n = brm_text_clean(text, length < room ? length : room - 1, out, room - 1);

	out[n] = '\0';
}

void error_split(const char *text, size_t length, char kind[ERROR_KIND], char message[ERROR_MESSAGE])
{
	size_t at = after_stamp(text, length), end = at, code, size;

	while (end < length && text[end] != ':' && text[end] != ' ' && text[end] != '\t')
		end++;
	code = find_code(text + at, length - at, &size);
	if (end < length && text[end] == ':' && is_kind(text + at, end - at)) {
		copy(kind, ERROR_KIND, text + at, end - at);
		at = end + 1;
	} else if (size > 0) {
		copy(kind, ERROR_KIND, text + at + code, size);
	} else {
		snprintf(kind, ERROR_KIND, "error");
	}
	while (at < length && isspace((unsigned char)text[at]))
		at++;
	copy(message, ERROR_MESSAGE, text + at, length - at);
}

static bool is_dependency(const char *place)
{
	static const char *const parts[] = {"node_modules/", "site-packages/",  "node:",      "internal/",
					    "/usr/lib",      "/rustc/",         "/pkg/mod/",  "/go/src/",
					    "vendor/",       ".cargo/registry", "java.base/", "<frozen"};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (strstr(place, parts[i]))
			return true;
	return false;
}

/* "at CartRow (src/CartRow.tsx:41:23)", "at src/x.js:1:2" */
static bool frame_of_at(const char *text, struct error_frame *out)
{
	const char *open = strchr(text, '(');
	size_t length = strcspn(text, " (");

	if (open) {
		snprintf(out->function, sizeof out->function, "%.*s", (int)(length < 63 ? length : 63), text);
		snprintf(out->place, sizeof out->place, "%.*s", (int)strcspn(open + 1, ")"), open + 1);
	} else {
		snprintf(out->place, sizeof out->place, "%.127s", text);
	}
	return true;
}

/* File "app.py", line 3, in run */
static bool frame_of_python(const char *text, struct error_frame *out)
{
	const char *end = strchr(text, '"'), *line = strstr(text, "line "), *in = strstr(text, ", in ");

	if (!end)
		return false;
	snprintf(out->place, sizeof out->place, "%.*s:%d", (int)(end - text < 100 ? end - text : 100), text,
		 line ? atoi(line + 5) : 0);
	if (in)
		snprintf(out->function, sizeof out->function, "%.63s", in + 5);
	return true;
}

void error_frame(const char *text, size_t length, struct error_frame *out)
{
	char clean[256];

	*out = (struct error_frame){.is_dependency = false};
	while (length > 0 && isspace((unsigned char)*text))
		text++, length--;
	copy(clean, sizeof clean, text, length);
	if (!(strncmp(clean, "at ", 3) == 0 && frame_of_at(clean + 3, out)) &&
	    !(strncmp(clean, "File \"", 6) == 0 && frame_of_python(clean + 6, out)))
		snprintf(out->function, sizeof out->function, "%.63s", clean);
	out->is_dependency = is_dependency(out->place[0] ? out->place : clean);
}

/* ---- groups ---- */

static struct error_group *find_group(struct errors *errors, const struct process *process, uint64_t group)
{
	for (uint32_t i = 0; i < errors->count; i++)
		if (errors->list[i].group == group && errors->list[i].entry == process->entry &&
		    errors->list[i].tenant == brm_head_tenant(process->state.head))
			return &errors->list[i];
	return NULL;
}

/* Room for one more at the front; the oldest goes when there is none. */
static struct error_group *new_group(struct errors *errors)
{
	if (!errors->list)
		errors->list = calloc(ERROR_GROUPS, sizeof *errors->list);
	if (!errors->list)
		return NULL;
	errors->count += errors->count < ERROR_GROUPS;
	memmove(errors->list + 1, errors->list, (errors->count - 1) * sizeof *errors->list);
	errors->list[0] = (struct error_group){0};
	return &errors->list[0];
}

/* The newest is the first. */
static struct error_group *to_front(struct errors *errors, struct error_group *group)
{
	struct error_group kept = *group;

	memmove(errors->list + 1, errors->list, (size_t)(group - errors->list) * sizeof *errors->list);
	errors->list[0] = kept;
	return &errors->list[0];
}

static void read_words(struct brm_log *log, struct error_group *group)
{
	char text[TEXT_MOST];
	struct brm_log_line line;
	ssize_t n = brm_log_lines(log, group->last.seq + group->last.message, &line, 1);

	if (n != 1)
		return;
	n = brm_log_text(log, &line, text, sizeof text);
	if (n < 0)
		return;
	group->is_warning = line.level == BRM_LEVEL_WARN;
	error_split(text, (size_t)n, group->kind, group->message);
}

static void add_error(struct errors *errors, const struct process *process, struct brm_log *log,
		      const struct brm_log_error *error)
{
	struct error_group *group = find_group(errors, process, error->group);
	bool fresh = !group;

	group = fresh ? new_group(errors) : to_front(errors, group);
	if (!group)
		return;
	if (fresh) {
		group->group = error->group;
		group->entry = process->entry;
		group->tenant = brm_head_tenant(process->state.head);
		group->first_us = error->time_us;
		snprintf(group->name, sizeof group->name, "%s", process->identity.name);
	}
	group->count++;
	group->last = *error;
	read_words(log, group);
}

/* ---- reading ---- */

static struct errors_seen *seen_of(struct errors *errors, const struct process *process)
{
	struct errors_seen *seen;

	if (process->entry >= errors->seen_count) {
		uint32_t count = (process->entry / 64 + 1) * 64;

		seen = realloc(errors->seen, count * sizeof *seen);
		if (!seen)
			return NULL;
		memset(seen + errors->seen_count, 0, (count - errors->seen_count) * sizeof *seen);
		errors->seen = seen;
		errors->seen_count = count;
	}
	seen = &errors->seen[process->entry];
	if (seen->tenant != brm_head_tenant(process->state.head))
		*seen = (struct errors_seen){.tenant = brm_head_tenant(process->state.head)};
	return seen;
}

static bool read_log(struct errors *errors, const struct process *process, struct errors_seen *seen,
		     struct brm_log *log)
{
	struct brm_log_error batch[BATCH];
	uint64_t first, end;
	ssize_t n;
	bool any = false;

	brm_log_errors_range(log, &first, &end);
	if (end > OLDEST_MOST && seen->next < end - OLDEST_MOST)
		seen->next = end - OLDEST_MOST;
	if (seen->next < first)
		seen->next = first;
	while ((n = brm_log_errors(log, seen->next, batch, BATCH)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			add_error(errors, process, log, &batch[i]);
		seen->next = batch[n - 1].number + 1;
		any = true;
	}
	return any;
}

static bool look_at(struct errors *errors, const struct process *process, struct errors_seen *seen,
		    const char *state_dir, const struct brm_log_mark *mark)
{
	struct brm_log *log;
	bool any = false;

	if (brm_log_open(state_dir, process->identity.name, &log) != 0)
		return false;
	if (brm_log_refresh(log, mark) == 0)
		any = read_log(errors, process, seen, log);
	brm_log_close(log);
	return any;
}

static int by_time(const void *a, const void *b)
{
	const struct error_group *p = a, *q = b;

	return (p->last.time_us < q->last.time_us) - (p->last.time_us > q->last.time_us);
}

bool errors_look(struct errors *errors, const struct snapshot *snapshot, struct brm_reader *reader, bool *more)
{
	unsigned looked = 0;
	bool any = false;

	for (uint32_t i = 0; i < snapshot->count && looked < AT_ONCE; i++) {
		const struct process *process = &snapshot->processes[i];
		struct brm_handle handle = {process->entry, brm_head_tenant(process->state.head)};
		struct brm_log_mark mark = process->log;
		struct errors_seen *seen;

		if (reader ? brm_reader_log_mark(reader, handle, &mark) != 0 : !process->has_log)
			continue;
		seen = seen_of(errors, process);
		if (!seen || mark.lines == seen->lines)
			continue;
		seen->lines = mark.lines;
		looked++;
		any |= look_at(errors, process, seen, snapshot->info.state_dir, &mark);
	}
	*more = looked == AT_ONCE;
	if (any)
		qsort(errors->list, errors->count, sizeof *errors->list, by_time);
	return any;
}
