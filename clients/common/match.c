/* SPDX-License-Identifier: MIT */
#include "clients/common/match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int match_init(struct match *match, const char *pattern, bool fixed, char *why, size_t why_size)
{
	int rc;

	*match = (struct match){.length = strlen(pattern)};
	if (fixed || !strpbrk(pattern, "\\^$.[]|()*+?{}")) {
		match->text = strdup(pattern);
		return match->text ? 0 : -ENOMEM;
	}
	rc = regcomp(&match->expression, pattern, REG_EXTENDED | REG_NEWLINE);
	if (rc == 0)
		return 0;
	regerror(rc, &match->expression, why, why_size);
	return rc == REG_ESPACE ? -ENOMEM : -EINVAL;
}

void match_finish(struct match *match)
{
	if (match->text)
		free(match->text);
	else
		regfree(&match->expression);
}

bool match_test(const struct match *match, const char *text, size_t length)
{
	/* With REG_STARTEND the text needs no NUL at its end. */
	regmatch_t range = {.rm_so = 0, .rm_eo = (regoff_t)length};

	if (match->text)
		return memmem(text, length, match->text, match->length) != NULL;
	return regexec(&match->expression, text, 1, &range, REG_STARTEND) == 0;
}
