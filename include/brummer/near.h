/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_NEAR_H
#define BRUMMER_NEAR_H

#include <stddef.h>

/*
 * brummer/near.h - what was probably meant: the nearest of some words to a wrong one
 *
 * For Brummer's own programs, so that supervisor and viewers suggest the same. Letter case does not count. A word is
 * near when few letters differ, when it is what stands between colons ("web" of "npm:web"), or when it is a part.
 */

#define BRM_NEAR_MAX 16 /* words that are kept */

/* Candidates are offered one by one; the best are kept, nearest first. */
struct brm_near {
	const char *word;
	const char **out; /* the caller's, room for max */
	size_t max;
	size_t count;
	unsigned distances[BRM_NEAR_MAX];
};

/* max at most BRM_NEAR_MAX. */
void brm_near_begin(struct brm_near *near, const char *word, const char **out, size_t max);
/* candidate must live as long as out is used. One that is not near is not kept. */
void brm_near_offer(struct brm_near *near, const char *candidate);

#endif
