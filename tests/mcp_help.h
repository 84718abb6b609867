/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MCP_HELP_H
#define TESTS_MCP_HELP_H

#include <brummer/logstore.h>
#include <brummer/writer.h>

#include "clients/mcp/server.h"

/*
 * mcp_help.h - a brummer-mcp server inside a test: an instance written by the test itself, and a client that keeps
 * what it was sent
 *
 * What fails here fails the test.
 */

#define HELP_TIME_NS UINT64_C(1795176000000000000) /* 2026-11-20T12:00:00Z, when everything happened */

struct help {
	struct brm_instance instance;
	struct brm_writer *writer; /* NULL: no supervisor */
	struct event_base *base;
	struct server *server;
	struct peer peer;
	char *messages[4096]; /* count of them, unread ones from `read` on */
	size_t count, read;
};

/* An instance of that stem. With a supervisor: processes web, worker, build, db and "odd näme", with logs and events.
 */
struct help *help_open(const char *stem, bool supervisor, const struct server_options *options);
void help_close(struct help *help);

/* Give it one message. */
void help_say(struct help *help, const char *message);
/* The next message it sent, waiting for it; fails after 10 s. Valid until help_close(). */
const char *help_hear(struct help *help);
/* Run the loop until nothing is to be done at once; then is there no message? */
bool help_is_silent(struct help *help);

/* Say, then hear. */
const char *help_ask(struct help *help, const char *message);
/* The answer to tools/call with these arguments (JSON). */
const char *help_call(struct help *help, const char *tool, const char *args);

/* Append a line to a process's output, with its mark and the bell. */
void help_print(struct help *help, const char *process, enum brm_stream stream, const char *line);
/* Publish another status for a process. */
void help_set_status(struct help *help, const char *process, enum brm_status status);

/*
 * Compare with tests/data/mcp.NAME.golden, durations and ids of stores replaced. With BRUMMER_UPDATE_GOLDEN set the
 * file is written instead.
 */
void help_golden(const char *name, const char *answer);

#endif
