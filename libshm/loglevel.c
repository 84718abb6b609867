/* SPDX-License-Identifier: MIT */
#include <brummer/logstore.h>

#include <string.h>
#include <strings.h>

#include "libshm/logfile.h"

enum brm_level brm_log_level(const char *text, size_t length)
{
	static const struct {
		const char *word;
		enum brm_level level;
	} words[] = {{"error", BRM_LEVEL_ERROR},
		     {"warn", BRM_LEVEL_WARN},
		     {"info", BRM_LEVEL_INFO},
		     {"debug", BRM_LEVEL_DEBUG}};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t n = strlen(words[i].word);

		if (length > n && strncasecmp(text, words[i].word, n) == 0 && text[n] == ':')
			return words[i].level;
	}
	return BRM_LEVEL_NONE;
}
