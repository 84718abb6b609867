/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_LITERAL_H
#define CLIENTS_COMMON_LITERAL_H

#include <stddef.h>

/*
 * common/literal.h - the text that every match of an expression contains
 *
 * Searching for it first passes by most lines in less time than the expression takes. Whatever is not surely understood
 * gives none.
 */

/* The most seldom such text of the pattern, 3 bytes or more, into out, which has room for the whole pattern. Its
 * length; 0: there is none. */
size_t literal_of(const char *pattern, char *out);

#endif
