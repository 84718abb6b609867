/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_NEAR_H
#define CLIENTS_COMMON_NEAR_H

#include <stddef.h>

#include <brummer/near.h>

/*
 * common/near.h - what was probably meant, in words
 */

/* "; did you mean A, B or C?" into out, "" when count is 0. Returns out. */
char *near_hint(const char *const *words, size_t count, char *out, size_t size);

#endif
