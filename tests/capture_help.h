/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CAPTURE_HELP_H
#define TESTS_CAPTURE_HELP_H

#include <stddef.h>

#include <brummer/logs.h>

#include "engine/capture.h"
#include "tests/run_help.h"

/*
 * capture_help.h - real processes whose output is captured, and their stores; whatever fails fails the test
 *
 * There is no keeper: children are the test's own, as their statuses are.
 */

extern struct keeperlink *cap_keeper;
extern struct spawner *cap_spawner;
extern struct capture *cap_capture;
extern char cap_state[512]; /* where the stores are */

/* The fixture: all of the above, in a directory of the test's own; at the end no child may be left. */
void cap_set_up(void);
void cap_tear_down(void);
void cap_open(void); /* the capture alone, after a capture_close() */

/* Start a run whose output is captured under a name. */
struct spawn_result cap_start_request(struct spawn_request *request, const char *name);
struct spawn_result cap_start(uint32_t serial, const char *name, const char *line);
struct drained cap_drained(uint32_t serial);
/* Wait for the exit, have it drained, reap: as the engine does. */
struct drained cap_finish(struct spawn_result *result);

/* The store of a name as a reader of its files sees it. The text is in static storage. */
char *cap_text(const char *name, enum brm_stream stream, size_t *length);
void cap_ck_text(const char *name, enum brm_stream stream, const char *expected);
size_t cap_lines(const char *name, struct brm_log_line *lines, size_t max);

/* Descriptors of this process that are of files below cap_state. */
size_t cap_descriptors(void);

/* A helper program of the tests, by its path; static storage. */
const char *cap_program(const char *name);
/* Lines of `id`, as numbers.c writes them, are there in order; returns how many. */
long cap_count_numbers(const char *text, const char *id);

#endif
