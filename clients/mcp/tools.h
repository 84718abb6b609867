/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_TOOLS_H
#define CLIENTS_MCP_TOOLS_H

#include "clients/mcp/schema.h"
#include "clients/mcp/server.h"

/*
 * mcp/tools.h - the tools: a file and a row each
 *
 * A tool's run() answers with tool_begin() ... tool_end(), or tool_fail(), at once or later (mcp/call.h). What stands
 * in a row is all that is said of a tool: its check of the arguments, its schemas and its hints come from it.
 */

#define TOOL_READS       0x1u  /* touches nothing */
#define TOOL_DESTRUCTIVE 0x2u  /* ends what runs */
#define TOOL_IDEMPOTENT  0x4u  /* twice is once */
#define TOOL_OPEN        0x8u  /* what it starts may do anything */
#define TOOL_ALL         0x10u /* of no one instance: offered with --instances alone */

struct tool {
	const char *name;
	const char *title;
	const char *description; /* when to use it, what comes back, its limits */
	unsigned flags;
	const struct slot *args;
	const struct slot *result;
	void (*run)(struct call *call);
};

extern const struct tool tool_scripts_list, tool_scripts_run, tool_scripts_stop, tool_scripts_restart,
	tool_scripts_status, tool_scripts_send, tool_scripts_wait, tool_logs_stream, tool_logs_search, tool_errors_list,
	tool_urls_list, tool_events_list, tool_instances_list;

/* Handlers of tools/list and tools/call. */
void tools_list(struct call *call);
void tools_call(struct call *call);

/*
 * The result of a tool: put the members of the structured content into what tool_begin() returns, and what a person or
 * a model reads into call->server->text, in any order; tool_end() sends both and frees call.
 */
struct json *tool_begin(struct call *call);
void tool_end(struct call *call);

/* A result that says in words what went wrong and what to do next. Frees call. */
void tool_fail(struct call *call, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* tool_fail() for a name that nobody has. */
void tool_fail_unknown(struct call *call, const char *name);

/* tool_fail() for an error of stores_open(); name NULL: all. */
void tool_fail_stores(struct call *call, const char *name, int error);

/*
 * tool_fail() for a command that was refused: in the supervisor's words, with what to do next; or for one that was
 * never answered (reply NULL): "cannot VERB NAME: FAILURE".
 */
void tool_fail_refused(struct call *call, const char *verb, const char *name, const struct reply *reply,
		       const char *failure);

/*
 * Wait for the answer to a command that was sent: should it not come within timeout_ms, the call says so. False: no
 * memory; the call is answered then.
 */
bool tool_await(struct call *call, uint64_t timeout_ms);

/*
 * After the answer to a command: call seen() once memory shows the revision of the process that the reply told of (or
 * that it is alive, for reply NULL). Answers come a little before; should it never be seen, seen() is called as well.
 */
void tool_when_seen(struct call *call, const struct reply *reply, void (*seen)(struct call *call));

/* The first process of a reply; NULL when it tells of none. */
const msgpack_object *reply_process(const struct reply *reply);

/* The member "process" of a result, and its line of text; nothing when there is no such process. */
void tool_put_process(struct call *call, struct json *json, const char *name);

#endif
