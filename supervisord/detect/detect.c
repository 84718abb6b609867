/* SPDX-License-Identifier: MIT */
#include "detect/detect.h"

#include <string.h>

#include "detect/fingerprint.h"

#define MAYBE_MAX         2u
#define URLS_OF_AN_ORIGIN 3u
#define ESCAPE            0x1b

static void end_error(struct open_error *open, struct brm_logstore *store)
{
	if (open->error.lines > 0 && open->told)
		brm_logstore_error(store, &open->error);
	*open = (struct open_error){.told = false};
}

/* This line says what is wrong. */
static void tell(struct open_error *open, const struct brm_log_line *line, const struct pattern_line *clean)
{
	open->told = true;
	open->error.message = (uint32_t)(line->seq - open->error.seq);
	open->error.group = fingerprint(open->error.language, clean->text, clean->length);
}

static void take(struct open_error *open, const struct brm_log_line *line)
{
	open->error.lines = (uint32_t)(line->seq - open->error.seq) + 1;
	open->maybe = 0;
}

static void begin_error(struct open_error *open, struct brm_logstore *store, const struct brm_log_line *line,
			const struct pattern_line *clean, struct pattern_match match)
{
	bool goes_on = open->joins && open->error.language == match.language;

	if (!goes_on)
		end_error(open, store);
	if (!goes_on)
		*open = (struct open_error){.error = {.seq = line->seq,
						      .time_us = line->time_us,
						      .stream = line->stream,
						      .language = match.language}};
	open->joins = open->final = false;
	take(open, line);
	if (match.role == PATTERN_BEGIN && !goes_on)
		tell(open, line, clean);
}

/* What a line of an open error does to it. */
static void go_on(struct open_error *open, struct brm_logstore *store, const struct brm_log_line *line,
		  const struct pattern_line *clean, enum pattern_role role)
{
	take(open, line);
	if (role == PATTERN_FINAL || role == PATTERN_MESSAGE)
		tell(open, line, clean);
	if (role == PATTERN_FINAL)
		open->final = true;
	if (role == PATTERN_JOIN)
		open->joins = true;
	if (role == PATTERN_LAST)
		end_error(open, store);
}

/* The roles of lines that can go on in it, as bits. */
static unsigned roles_of(const struct open_error *open)
{
	const unsigned more = 1u << PATTERN_MORE | 1u << PATTERN_MAYBE | 1u << PATTERN_JOIN | 1u << PATTERN_LAST |
			      1u << PATTERN_FINAL;

	if (open->final)
		return 1u << PATTERN_JOIN;
	return open->told ? more : more | 1u << PATTERN_MESSAGE;
}

static bool is_blank(const struct pattern_line *line)
{
	for (size_t i = 0; i < line->length; i++)
		if (line->text[i] != ' ' && line->text[i] != '\t')
			return false;
	return true;
}

/* The line of an open error, if it is one. */
static bool continue_error(const struct detect *detect, struct open_error *open, struct brm_logstore *store,
			   const struct brm_log_line *line, const struct pattern_line *clean)
{
	struct pattern_match match;

	if (++open->taken >= DETECT_LINES_MAX)
		return false;
	if (is_blank(clean))
		return ++open->maybe <= MAYBE_MAX;
	if (!patterns_go_on(detect->patterns, clean, open->error.language, roles_of(open), &match))
		return false;
	if (match.role == PATTERN_MAYBE)
		return ++open->maybe <= MAYBE_MAX;
	go_on(open, store, line, clean, match.role);
	return true;
}

static uint64_t hash_of(const char *text, size_t length)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	return hash;
}

/* Is it new? Of one server some URLs are enough: requests that are logged with their paths are no announcements. */
static bool is_new(struct detect *detect, const char *url, size_t length)
{
	uint64_t whole = hash_of(url, length) & ~UINT64_C(0xffff);
	uint64_t origin = hash_of(url, url_origin(url)) & 0xffff;
	unsigned same = 0;

	for (uint32_t i = 0; i < detect->urls; i++) {
		if (detect->seen[i] == (whole | origin))
			return false;
		same += (detect->seen[i] & 0xffff) == origin;
	}
	if (same >= URLS_OF_AN_ORIGIN)
		return false;
	detect->seen[detect->urls++] = whole | origin;
	return true;
}

static void find_urls(struct detect *detect, const struct pattern_line *line)
{
	char url[URL_MAX];
	size_t at = 0, length;

	while (detect->urls < DETECT_URLS_MAX && (length = url_next(line->text, line->length, &at, url)) > 0)
		if (is_new(detect, url, length))
			detect->found_url(detect->arg, url);
}

/* A line that may matter: in an open error, or with a hint. Kept apart, since its buffer would burden every line. */
__attribute__((noinline)) static void look(struct detect *detect, struct brm_logstore *store,
					   const struct brm_log_line *line, const char *text, size_t length,
					   unsigned hints)
{
	struct open_error *open = &detect->open[line->stream];
	struct pattern_line clean = {.text = text, .length = length, .is_error = line->level == BRM_LEVEL_ERROR};
	char buffer[BRM_LOG_SHOWN_MAX];
	struct pattern_match match;

	if (memchr(text, ESCAPE, length) || (length > 0 && text[length - 1] == '\r')) {
		clean.length = brm_text_clean(text, length - (text[length - 1] == '\r'), buffer, sizeof buffer);
		clean.text = buffer;
	}
	if (hints & HINTS_URL)
		find_urls(detect, &clean);
	if (open->error.lines > 0 && continue_error(detect, open, store, line, &clean))
		return;
	if ((clean.is_error || hints & HINTS_ERROR) && patterns_begin(detect->patterns, &clean, &match))
		begin_error(open, store, line, &clean, match);
	else
		end_error(open, store);
}

static void on_line(void *arg, struct brm_logstore *store, const struct brm_log_line *line, const char *text,
		    size_t length, bool plain)
{
	struct detect *detect = arg;
	unsigned hints;

	if (line->flags & BRM_LINE_NEW_RUN) {
		end_error(&detect->open[BRM_OUT], store);
		end_error(&detect->open[BRM_ERR], store);
		detect->urls = 0;
	}
	if (!detect->patterns)
		return;
	hints = patterns_hint(detect->patterns, text, length, plain);
	if (hints || line->level == BRM_LEVEL_ERROR || detect->open[line->stream].error.lines > 0)
		look(detect, store, line, text, length, hints);
}

static void on_text(void *arg, const char *text, size_t length, uint64_t *marks)
{
	const struct detect *detect = arg;

	if (detect->patterns)
		hints_sieve(&detect->patterns->hints, text, length, marks);
}

static void on_quiet(void *arg, struct brm_logstore *store, enum brm_stream stream)
{
	struct detect *detect = arg;

	end_error(&detect->open[stream], store);
}

static void on_forget(void *arg)
{
	struct detect *detect = arg;

	memset(detect->open, 0, sizeof detect->open);
}

struct brm_log_watch detect_watch(struct detect *detect)
{
	return (struct brm_log_watch){
		.line = on_line, .sieve = on_text, .quiet = on_quiet, .forget = on_forget, .arg = detect};
}

bool detect_is_open(const struct detect *detect, enum brm_stream stream)
{
	return detect->open[stream].error.lines > 0;
}
