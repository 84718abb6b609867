/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONFIG_FIXTURE_H
#define TESTS_CONFIG_FIXTURE_H

#include "config/sources.h"
#include "tests/config_help.h"

/*
 * config_fixture.h - what a test that reads configurations has read
 */

/* Filled by help_discover(), or by a parser that is given help_finding(); finish() empties both. */
extern struct config config;
extern struct report report;
void finish(void);

/* Discover a folder of the test, made if need be. */
int help_discover(const char *folder);

/* Where a parser that touches no file says what it finds, in /project. */
struct finding help_finding(const char *source, const char *prefix);

#endif
