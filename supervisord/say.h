/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_SAY_H
#define SUPERVISORD_SAY_H

/*
 * say.h - one line for people: "brummerd: ..." on standard error, and in the supervisor's own log once it has one
 *
 * Threads  Any. One line is one write.
 */

__attribute__((format(printf, 1, 2))) void say(const char *format, ...);

/* Append to this file, too; it is made 0600. 0, -errno */
int say_open(const char *path);

/*
 * From now on to the file alone: the caller who waited for the start has gone. Standard error becomes the file, for
 * what libraries have to say when they abort.
 */
void say_quiet(void);

#endif
