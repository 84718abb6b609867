/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_DETECT_PATTERNS_INNER_H
#define SUPERVISORD_DETECT_PATTERNS_INNER_H

#include "detect/patterns.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* detect/patterns_inner.h - one pattern, as it is made (patterns_parse.c) and matched (patterns.c) */

enum place { ANYWHERE, AT_START, AT_END };

struct pattern {
	enum pattern_role role;
	enum place place; /* of the hint */
	bool of_error;    /* for lines whose level is error alone */
	uint8_t language;
	uint8_t hint_length;
	char hint[PATTERN_HINT_MAX];
	bool compiled; /* to machine code: with its first match, for most are never needed */
	pcre2_code *code;
};

static inline bool pattern_begins(const struct pattern *pattern)
{
	return pattern->role == PATTERN_BEGIN || pattern->role == PATTERN_LEAD;
}

#endif
