/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_PROGRAM_H
#define CLIENTS_COMMON_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

/*
 * common/program.h - run a program of ours to its end and keep what it said
 */

struct said {
	int status; /* as of waitpid() */
	char *out;  /* NUL-terminated, the caller's to free */
	size_t out_length;
	char *err;
};

/*
 * Run argv (argv[0] is looked up with find_program()), its standard input /dev/null.
 *
 *  -ENOENT     there is no such program
 *  -ETIMEDOUT  it did not end in time; it was killed
 *  -EFBIG      it said more than 64 MiB
 */
int program_run(const char *const *argv, int64_t timeout_ns, struct said *out);
void said_finish(struct said *said);

/* The first line of what it said on standard error, without "PROGRAM: ", and how many more there are, into out. */
void said_why(const struct said *said, const char *program, char *out, size_t size);

#endif
