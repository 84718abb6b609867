/* SPDX-License-Identifier: MIT */
#ifndef TESTS_DETECT_HELP_H
#define TESTS_DETECT_HELP_H

#include <stddef.h>

#include "detect/detect.h"

/* detect_help.h - a log store whose lines are looked at for errors; whatever fails fails the test */

extern struct patterns *det_patterns;
extern struct detect det;
extern char det_urls[8192]; /* those found, a line each */

/* The fixture: patterns of a text in which nothing may be wrong. */
void det_set_up(const char *lines, size_t length);
void det_tear_down(void);

/* As a new engine begins: nothing is known of the lines before. */
void det_begin(void);

/* Open a store in test_dir(). */
struct brm_logstore *det_open(const char *name);

#endif
