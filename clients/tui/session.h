/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_SESSION_H
#define CLIENTS_TUI_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/instance.h>

#include "clients/tui/jobs.h"

/*
 * tui/session.h - the right to type into a process: a connection that stays
 *
 * A thread of its own holds the connection, sends what is typed and the size of the window, and hears when the right is
 * taken away. Where somebody else has it, one only looks.
 *
 * Errors   session_open() returns -ENOMEM and those of jobs_start().
 * Threads  All functions are for the loop's thread; the session's own thread shares what is under the lock.
 */

struct session;

/* What is known of it. */
struct session_state {
	bool answered; /* the supervisor has */
	bool write;    /* keys arrive */
	bool over;     /* it ended, or never was: why says how */
	char why[256];
	char holder[64]; /* who types, when that is not us: "brummer-cli (pid 12)" */
};

/* steal: take the right away from whoever has it. The session belongs to the jobs; let go of it with session_close().
 */
int session_open(struct jobs *jobs, const struct brm_instance *instance, const char *name, int rows, int cols,
		 bool steal, struct session **out);
void session_close(struct session *session);

/* Keys, as bytes. What is more than can be kept while the supervisor does not listen is lost. */
void session_send(struct session *session, const char *bytes, size_t length);
void session_resize(struct session *session, int rows, int cols);
void session_state(struct session *session, struct session_state *out);

#endif
