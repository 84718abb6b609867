/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_WAITING_H
#define CLIENTS_MCP_WAITING_H

#include "clients/mcp/lines.h"
#include "clients/mcp/pattern.h"
#include "clients/mcp/tools.h"

/*
 * mcp/waiting.h - wait until a process is ready, has ended, or has printed a line
 *
 * A wait always ends with a normal result: it came true, it can no longer come true, or its time is over. Looking is
 * cheap and done when the doorbell rings.
 */

#define WAITING_MOST_MS 30000
#define WAITING_MS      10000

enum until { UNTIL_NOTHING, UNTIL_READY, UNTIL_EXIT, UNTIL_LOG };

enum verdict {
	VERDICT_OPEN,       /* not yet */
	VERDICT_MORE,       /* not yet, and there are lines left to be looked at */
	VERDICT_MATCHED,    /* it came true */
	VERDICT_IMPOSSIBLE, /* it ended before it came true, or is gone */
};

/* The first member of a call's state. */
struct waiting {
	enum until until;
	uint64_t timeout_ms;
	char name[BRM_ID_MAX];
	uint32_t run; /* this run or a later one; 0: the first that is seen */
	void (*done)(struct call *call, enum verdict verdict);
	struct match pattern;  /* with UNTIL_LOG */
	struct stores stores;  /* of the process, once it has printed something */
	uint64_t seq;          /* the next line to look at... */
	bool started;          /* ...if this is set */
	struct line_text line; /* what matched, with UNTIL_LOG */
};

/* Members of arguments; end them with {0}. */
#define WAITING_ARGS                                                                                                  \
	{.name = "until",                                                                                             \
	 .kind = KIND_STRING,                                                                                         \
	 .required = true,                                                                                            \
	 .words = "ready|exit|log",                                                                                   \
	 .help = "ready: it runs and its readiness check, if any, succeeded; exit: it ended; log: it printed a line " \
		 "that matches `pattern`."},                                                                          \
		{.name = "pattern",                                                                                   \
		 .kind = KIND_STRING,                                                                                 \
		 .least = 1,                                                                                          \
		 .most = PATTERN_MAX,                                                                                 \
		 .help = "For log: a POSIX extended regular expression. Lines of this run "                           \
			 "count, also earlier ones."},                                                                \
	{                                                                                                             \
		.name = "timeout_ms", .kind = KIND_INT, .most = WAITING_MOST_MS, .absent = WAITING_MS,                \
		.help = "Then the answer comes with matched false."                                                   \
	}

/* Members of results, as waiting_put() writes them; end them with {0}. */
#define WAITING_RESULT                                                                                               \
	{.name = "until", .kind = KIND_STRING, .required = true, .words = "ready|exit|log"},                         \
		{.name = "matched", .kind = KIND_BOOL, .required = true, .help = "It came true."},                   \
		{.name = "timed_out",                                                                                \
		 .kind = KIND_BOOL,                                                                                  \
		 .required = true,                                                                                   \
		 .help = "The time was over first. Neither: it ended before it could come true."},                   \
		{.name = "waited_ms", .kind = KIND_INT, .required = true},                                           \
		{.name = "line", .kind = KIND_STRING, .help = "The line that matched; untrusted."},                  \
	{                                                                                                            \
		.name = "cursor", .kind = KIND_STRING, .help = "For logs_stream: goes on behind what was looked at." \
	}

/* From checked arguments with those members. False, with the reason in why[size]. */
bool waiting_init(struct waiting *waiting, const json_t *args, char *why, size_t size);
void waiting_finish(struct waiting *waiting);

/* Wait for the process waiting->name, then call done(), perhaps at once. call->state is the waiting. */
void waiting_begin(struct call *call);

/* Into an open object: the members above. In words: a line of text. */
void waiting_put(struct json *json, const struct call *call, enum verdict verdict);
void waiting_put_text(struct text *text, const struct call *call, enum verdict verdict);

#endif
