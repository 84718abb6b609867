/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RUN_HELP_H
#define TESTS_RUN_HELP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "engine/spawn.h"

/*
 * run_help.h - start real processes through the spawner, and wait for things with a deadline
 *
 * Nothing here needs Check, so that the fake engine uses it too. What cannot be is abort().
 */

#define HELP_WAIT_MS 20000

/* The tag of the instance: another one for each test program that runs, as one's sweep must not end another's runs. */
uint32_t help_instance(void);

/* A request to run argv (NULL-terminated) in dir, with a small environment; serial and token as given. */
struct spawn_request *help_request(uint32_t serial, const char *dir, const char *const argv[]);
/* The same for a line of shell. */
struct spawn_request *help_shell(uint32_t serial, const char *dir, const char *line);
/* Add "KEY=value" to the environment. */
void help_setenv(struct spawn_request *request, const char *variable);

/* Submit it and wait for the result. */
struct spawn_result help_spawn(struct spawner *spawner, struct spawn_request *request);

/* Wait until the descriptor is readable; false when the time is over. */
bool help_readable(int fd);
/* Wait until met(arg) is true, looking every few milliseconds; false when the time is over. */
bool help_until(bool (*met)(void *arg), void *arg);
bool help_is_gone(pid_t pid); /* or a zombie */
bool help_dies(pid_t pid);    /* within the time */

/* Read until the end of the file, or size - 1 bytes; NUL-terminated. Returns the length. */
size_t help_read(int fd, char *buf, size_t size);
/* Close the descriptors of a result. */
void help_close(struct spawn_result *result);

#endif
