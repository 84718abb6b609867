/* SPDX-License-Identifier: MIT */
#include "detect/patterns_inner.h"

#include <stdlib.h>
#include <string.h>

#define MATCH_STEPS 20000u /* an expression that takes more does not match */
#define URL_HINT    "://"

struct patterns *patterns_new(void)
{
	struct patterns *patterns = calloc(1, sizeof *patterns);
	pcre2_match_context *limits;

	if (!patterns)
		return NULL;
	hints_add(&patterns->hints, URL_HINT, strlen(URL_HINT));
	patterns->match = pcre2_match_data_create(1, NULL);
	patterns->limits = limits = pcre2_match_context_create(NULL);
	if (!patterns->match || !limits) {
		patterns_free(patterns);
		return NULL;
	}
	pcre2_set_match_limit(limits, MATCH_STEPS);
	return patterns;
}

void patterns_free(struct patterns *patterns)
{
	if (!patterns)
		return;
	for (size_t i = 0; i < patterns->count; i++)
		pcre2_code_free(patterns->list[i].code);
	pcre2_match_context_free(patterns->limits);
	pcre2_match_data_free(patterns->match);
	free(patterns->list);
	free(patterns);
}

static bool has_hint(const struct pattern *pattern, const struct pattern_line *line)
{
	size_t length = pattern->hint_length;
	size_t at = 0;

	if (line->length < length || (pattern->of_error && !line->is_error))
		return false;
	if (length == 0)
		return true;
	switch (pattern->place) {
	case AT_START:
		while (at < line->length && (line->text[at] == ' ' || line->text[at] == '\t'))
			at++;
		return line->length - at >= length && memcmp(line->text + at, pattern->hint, length) == 0;
	case AT_END:
		return memcmp(line->text + line->length - length, pattern->hint, length) == 0;
	case ANYWHERE:
		break;
	}
	return memmem(line->text, line->length, pattern->hint, length) != NULL;
}

static bool matches(struct patterns *patterns, struct pattern *pattern, const struct pattern_line *line,
		    struct pattern_match *out)
{
	if (!has_hint(pattern, line))
		return false;
	if (!pattern->compiled)
		pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE); /* where it cannot be, matches take longer */
	pattern->compiled = true;
	if (pcre2_match(pattern->code, (PCRE2_SPTR)line->text, line->length, 0, 0, patterns->match, patterns->limits) <
	    0)
		return false;
	*out = (struct pattern_match){.role = pattern->role, .language = pattern->language};
	return true;
}

bool patterns_begin(struct patterns *patterns, const struct pattern_line *line, struct pattern_match *out)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (pattern_begins(&patterns->list[i]) && matches(patterns, &patterns->list[i], line, out))
			return true;
	return false;
}

bool patterns_go_on(struct patterns *patterns, const struct pattern_line *line, uint8_t language, unsigned roles,
		    struct pattern_match *out)
{
	for (size_t i = 0; i < patterns->count; i++) {
		struct pattern *pattern = &patterns->list[i];

		if (pattern->language == language && roles >> pattern->role & 1 &&
		    matches(patterns, pattern, line, out))
			return true;
	}
	return false;
}
