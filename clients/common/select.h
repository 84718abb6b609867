/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_SELECT_H
#define CLIENTS_COMMON_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/common/source.h"

/*
 * common/select.h - which processes are meant by words
 *
 * For viewers, the same as what the supervisor does with `names` (brummer/control.h): a word is a name, NAME#RUN of the
 * current run, `all`, KEY=VALUE of a label, or a glob, tried in this order.
 */

/*
 * Mark in chosen[snapshot->count] what the words mean; none of them: all. Returns the first word that means nothing
 * (`all` and an empty list of words always mean something), or NULL.
 */
const char *select_processes(const struct snapshot *snapshot, const char *const *words, size_t count, bool *chosen);

/* Mark what one word means; false when that is nothing. */
bool select_word(const struct snapshot *snapshot, const char *word, bool *chosen);

/* Does the glob or the exact word match the name? */
bool select_matches(const char *word, const char *name);

#endif
