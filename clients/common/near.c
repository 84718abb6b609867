/* SPDX-License-Identifier: MIT */
#include "clients/common/near.h"

#include <stdio.h>

char *near_hint(const char *const *words, size_t count, char *out, size_t size)
{
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < count && used < size; i++) {
		const char *before = i == 0 ? "; did you mean " : i + 1 == count ? " or " : ", ";
		int length = snprintf(out + used, size - used, "%s%s%s", before, words[i], i + 1 == count ? "?" : "");

		used += length > 0 ? (size_t)length : 0;
	}
	return out;
}
