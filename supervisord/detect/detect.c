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

/* The line without so much at its start. */
static struct pattern_line behind(const struct pattern_line *line, size_t length)
{
	return (struct pattern_line){
		.text = line->text + length, .length = line->length - length, .is_error = line->is_error};
}

/* The length of the error's prefix, if the line has it. That of an empty line may lack the last blank. */
static size_t prefix_of(const struct open_error *open, const struct pattern_line *line)
{
	size_t length = open->prefix_length;

	if (length > 0 && line->length == length - 1)
		length--;
	return length > 0 && line->length >= length && memcmp(line->text, open->prefix, length) == 0 ? length : 0;
}

/*
 * Does a line begin an error? As it is, and if that says nothing of its language, behind what a runner may have put
 * before it: *line is then that.
 */
static bool begins(struct patterns *patterns, struct pattern_line *line, struct pattern_match *match)
{
	size_t prefix = prefix_length(line->text, line->length);
	struct pattern_line inner = behind(line, prefix);
	bool found = patterns_begin(patterns, line, match);
	struct pattern_match other;

	if (prefix == 0 || (found && match->language != 0))
		return found;
	if (!patterns_begin(patterns, &inner, &other) || other.language == 0)
		return found;
	*match = other;
	*line = inner;
	return true;
}

/* `whole` is the line, `clean` what of it was recognised. */
static void begin_error(struct open_error *open, struct brm_logstore *store, const struct brm_log_line *line,
			const struct pattern_line *whole, const struct pattern_line *clean, struct pattern_match match)
{
	bool goes_on = open->joins && open->error.language == match.language;

	if (!goes_on) {
		end_error(open, store);
		open->error = (struct brm_log_error){
			.seq = line->seq, .time_us = line->time_us, .stream = line->stream, .language = match.language};
		open->prefix_length = (uint8_t)prefix_length(whole->text, whole->length);
		memcpy(open->prefix, whole->text, open->prefix_length);
	}
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

/* Is it another program's, of the same runner? */
static bool is_of_another(const struct open_error *open, const struct pattern_line *line, size_t prefix)
{
	return open->prefixed && prefix == 0 && !line->is_error && prefix_length(line->text, line->length) > 0;
}

/* The line of an open error, if it is one. */
static bool continue_error(const struct detect *detect, struct open_error *open, struct brm_logstore *store,
			   const struct brm_log_line *line, const struct pattern_line *clean)
{
	size_t prefix = prefix_of(open, clean);
	struct pattern_line inner = behind(clean, prefix);
	const struct pattern_line *found = &inner;
	struct pattern_match match;

	if (++open->taken >= DETECT_LINES_MAX)
		return false;
	if (is_blank(&inner))
		return ++open->maybe <= MAYBE_MAX;
	if (!patterns_go_on(detect->patterns, found, open->error.language, roles_of(open), &match)) {
		found = clean;
		if (prefix == 0 ||
		    !patterns_go_on(detect->patterns, found, open->error.language, roles_of(open), &match))
			return is_of_another(open, clean, prefix) && ++open->maybe <= MAYBE_MAX;
	}
	if (match.role == PATTERN_MAYBE)
		return ++open->maybe <= MAYBE_MAX;
	open->prefixed |= found == &inner && prefix > 0;
	go_on(open, store, line, found, match.role);
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
	struct pattern_line inner;
	struct pattern_match match;

	if (memchr(text, ESCAPE, length) || (length > 0 && text[length - 1] == '\r')) {
		clean.length = brm_text_clean(text, length - (text[length - 1] == '\r'), buffer, sizeof buffer);
		clean.text = buffer;
	}
	if (hints & HINTS_URL)
		find_urls(detect, &clean);
	if (open->error.lines > 0 && continue_error(detect, open, store, line, &clean))
		return;
	inner = clean;
	if ((clean.is_error || hints & HINTS_ERROR) && begins(detect->patterns, &inner, &match))
		begin_error(open, store, line, &clean, &inner, match);
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
