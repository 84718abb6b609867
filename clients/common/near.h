/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_NEAR_H
#define CLIENTS_COMMON_NEAR_H

#include <stddef.h>

/*
 * common/near.h - what was probably meant: the nearest of some words to a wrong one
 */

/* Candidates are offered one by one; the best are kept, nearest first. */
struct near {
	const char *word;
	const char **out; /* the caller's, room for max */
	size_t max;
	size_t count;
	unsigned distances[8];
};

/* max at most 8. */
void near_begin(struct near *near, const char *word, const char **out, size_t max);
/* candidate must live as long as out is used. One that is not near is not kept. */
void near_offer(struct near *near, const char *candidate);

/* "; did you mean A, B or C?" into out, "" when count is 0. Returns out. */
char *near_hint(const char *const *words, size_t count, char *out, size_t size);

#endif
