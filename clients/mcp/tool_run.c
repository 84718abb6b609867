/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/mcp/site.h"
#include "clients/mcp/tools.h"
#include "clients/mcp/waiting.h"

/*
 * scripts_run and scripts_restart: ask the supervisor, then perhaps wait for what was asked to be waited for.
 *
 * What runs already is not started twice: that is seen in the region before asking, and the supervisor refuses the
 * second of two that ask at once.
 */

#define ANSWER_MS  40000 /* for the supervisor's answer: a restart has to stop first */
#define TAIL_LINES 20    /* shown when it failed */

static const struct slot wait_args[] = {WAITING_ARGS, {0}};
static const struct slot wait_result[] = {WAITING_RESULT, {0}};

#define NAME_ARG                                                                                             \
	{                                                                                                    \
		.name = "name", .kind = KIND_STRING, .required = true, .least = 1, .most = BRM_NAME_MAX - 1, \
		.help = "The script or process, as scripts_list has it."                                     \
	}
#define WAIT_ARG                                                          \
	{                                                                 \
		.name = "wait", .kind = KIND_OBJECT, .members = wait_args \
	}

static const struct slot run_args[] = {
	NAME_ARG,
	{.name = "command",
	 .kind = KIND_STRING,
	 .least = 1,
	 .most = 65536,
	 .help = "Run this under that name instead of a script: for the shell, or, with args, a program."},
	{.name = "args", .kind = KIND_STRINGS, .help = "Arguments of the program; no shell then."},
	{.name = "env",
	 .kind = KIND_MAP,
	 .help = "With command: variables to set over the environment of this server."},
	{.name = "dir",
	 .kind = KIND_STRING,
	 .least = 1,
	 .most = 4095,
	 .help = "With command: its directory, from the project's."},
	{.name = "stdin", .kind = KIND_BOOL, .help = "With command: give it a standard input, for scripts_send."},
	{.name = "restart", .kind = KIND_BOOL, .help = "When it runs already, stop it and start it again."},
	WAIT_ARG,
	{0},
};

static const struct slot restart_args[] = {NAME_ARG, WAIT_ARG, {0}};

static const struct slot result[] = {
	{.name = "process", .kind = KIND_PROCESS},
	{.name = "duplicate", .kind = KIND_BOOL, .required = true, .help = "It ran already: nothing was started."},
	{.name = "wait", .kind = KIND_OBJECT, .members = wait_result},
	{.name = "lines",
	 .kind = KIND_OBJECTS,
	 .members = line_slots,
	 .help = "When it failed: what it printed last; untrusted."},
	{0},
};

struct running {
	struct waiting waiting; /* first; until UNTIL_NOTHING when there is nothing to wait for */
	bool duplicate;
	uint32_t run; /* that a restart replaces; 0: not known */
};

static void running_free(void *state)
{
	struct running *running = state;

	waiting_finish(&running->waiting);
	free(running);
}

static const struct process *find_process(struct call *call, const char *name)
{
	const struct snapshot *snapshot = view_look(&call->site->view);

	return snapshot && view_alive(&call->site->view) ? snapshot_find(snapshot, name) : NULL;
}

static bool is_failed(const struct process *process)
{
	enum brm_status status = process ? brm_state_status(&process->state) : BRM_ABSENT;

	return status == BRM_FAILED || status == BRM_BACKOFF;
}

static void answer(struct call *call, enum verdict verdict)
{
	struct running *running = call->state;
	const char *name = running->waiting.name;
	struct json *json = tool_begin(call);
	struct text *text = &call->server->text;

	tool_put_process(call, json, name);
	json_key(json, "duplicate");
	json_bool(json, running->duplicate);
	if (running->duplicate)
		text_puts(text, "-- it ran already: nothing was started\n");
	if (running->waiting.until != UNTIL_NOTHING) {
		json_key(json, "wait");
		json_open_object(json);
		waiting_put(json, call, verdict);
		json_close_object(json);
		waiting_put_text(text, call, verdict);
	}
	if (is_failed(find_process(call, name))) {
		json_key(json, "lines");
		lines_put_tail(json, text, &call->site->view, name, TAIL_LINES);
	}
	tool_end(call);
}

static void wait_or_answer(struct call *call)
{
	struct running *running = call->state;

	if (running->waiting.until == UNTIL_NOTHING)
		answer(call, VERDICT_MATCHED);
	else
		waiting_begin(call);
}

static void take_process(struct running *running, const struct reply *reply)
{
	const msgpack_object *process = reply_process(reply);
	const msgpack_object *already = process ? reply_get(process, "already") : NULL;

	if (process)
		running->waiting.run = (uint32_t)reply_int(process, "run", 0);
	running->duplicate = already && already->type == MSGPACK_OBJECT_BOOLEAN && already->via.boolean;
}

/* An ad-hoc command of that name runs, or is about to. */
static bool is_under_way(struct call *call)
{
	const struct process *process = find_process(call, arg_string(call->args, "name"));

	return call->command.method == BRM_RUN && process && !brm_status_is_finished(brm_state_status(&process->state));
}

static void answered(struct call *call, const struct reply *reply, const char *failure)
{
	struct running *running = call->state;

	if (reply && !reply->refused) {
		take_process(running, reply);
		tool_when_seen(call, reply, wait_or_answer);
	} else if (reply && reply->refused == BRM_CONFLICT && is_under_way(call)) {
		/* Somebody else was faster. */
		running->duplicate = true;
		tool_when_seen(call, NULL, wait_or_answer);
	} else if (reply && reply->refused == BRM_MOVED_ON && call->command.tries > 1) {
		/* It was done before the supervisor went away. */
		running->waiting.run = running->run + 1;
		wait_or_answer(call);
	} else {
		tool_fail_refused(call, call->command.method == BRM_RESTART ? "restart" : "run", running->waiting.name,
				  reply, failure);
	}
}

static void put_names(struct call *call, struct client *client)
{
	struct running *running = call->state;
	const char *const names[] = {running->waiting.name, NULL};

	client_put_list(client, "names", names);
	if (running->run > 0)
		client_put_int(client, "run", running->run);
}

/* The strings of an array after a first one, NULL-terminated; NULL: no memory. */
static const char **list_of(const char *first, const json_t *array)
{
	const char **list = calloc(json_array_size(array) + 2, sizeof *list);
	size_t i;
	json_t *one;

	if (!list)
		return NULL;
	list[0] = first;
	json_array_foreach(array, i, one) list[i + 1] = json_string_value(one);
	return list;
}

static bool is_set_by(const json_t *map, const char *variable)
{
	char key[256];

	snprintf(key, sizeof key, "%.*s", (int)strcspn(variable, "="), variable);
	return json_object_get(map, key) != NULL;
}

/* This server's environment, and the map over it. */
static void put_env(struct client *client, json_t *map)
{
	size_t count = json_object_size(map), own = 0;
	const char **list;
	char **made;
	const char *key;
	json_t *value;

	while (environ[own])
		own++;
	list = calloc(own + count + 1, sizeof *list);
	made = calloc(count + 1, sizeof *made);
	count = 0;
	for (size_t i = 0; list && i < own; i++)
		if (!is_set_by(map, environ[i]))
			list[count++] = environ[i];
	own = 0;
	if (list && made)
		json_object_foreach(map, key, value) if (asprintf(&made[own], "%s=%s", key, json_string_value(value)) >
							 0) list[count++] = made[own++];
	if (list && made)
		client_put_list(client, "env", list);
	while (own > 0)
		free(made[--own]);
	free(made);
	free(list);
}

static void put_dir(struct call *call, struct client *client)
{
	const char *dir = arg_string(call->args, "dir");
	const char *project = site_dir(call->site);
	char path[2 * PATH_MAX];

	if (!dir && !*project)
		return;
	if (!dir)
		snprintf(path, sizeof path, "%s", project);
	else if (*dir == '/')
		snprintf(path, sizeof path, "%s", dir);
	else
		snprintf(path, sizeof path, "%s/%s", project, dir);
	client_put_string(client, "dir", path);
}

static void put_command(struct call *call, struct client *client)
{
	const char *command = arg_string(call->args, "command");
	const json_t *args = json_object_get(call->args, "args");
	json_t *env = json_object_get(call->args, "env");

	client_put_string(client, "name", arg_string(call->args, "name"));
	client_put_string(client, "source", "brummer-mcp");
	if (json_is_array(args)) {
		const char **argv = list_of(command, args);

		if (argv)
			client_put_list(client, "argv", argv);
		free(argv);
	} else {
		client_put_string(client, "command", command);
	}
	if (json_object_size(env) > 0)
		put_env(client, env);
	if (arg_bool(call->args, "stdin", false))
		client_put_bool(client, "stdin", true);
	put_dir(call, client);
}

/* Why these arguments do not go together; NULL when they do. */
static const char *objection(const struct call *call, const struct process *process, bool runs)
{
	bool command = arg_string(call->args, "command") != NULL;
	const char *dir = arg_string(call->args, "dir");

	if (!process && strpbrk(arg_string(call->args, "name"), "*?[="))
		return "one at a time, by its name";
	if (!command &&
	    (json_is_array(json_object_get(call->args, "args")) || json_is_object(json_object_get(call->args, "env")) ||
	     dir || arg_bool(call->args, "stdin", false)))
		return "args, env, dir and stdin belong to a command; a script is run as it is configured";
	if (dir && *dir != '/' && !*site_dir(call->site))
		return "the project's directory is not known here; give dir from / on";
	if (command && call->server->options.scripts_only)
		return "this server was started with --allow scripts: it runs only what scripts_list shows";
	if (command && runs && arg_bool(call->args, "restart", false))
		return "it runs already; call scripts_stop, then scripts_run with the new command";
	return NULL;
}

static bool begin(struct call *call)
{
	const json_t *wait = json_object_get(call->args, "wait");
	struct running *running = call_state(call, sizeof *running, running_free);
	char why[512];

	if (!running)
		return false;
	running->waiting.done = answer;
	snprintf(running->waiting.name, sizeof running->waiting.name, "%s", arg_string(call->args, "name"));
	if (!json_is_object(wait) || waiting_init(&running->waiting, wait, why, sizeof why))
		return true;
	tool_fail(call, "cannot wait: %s", why);
	return false;
}

/* With the run that it replaces a restart may be asked for twice: the second is refused. */
static void start(struct call *call, const struct process *process, bool again)
{
	struct running *running = call->state;

	if (again && process)
		running->run = process->state.run;
	command_send(call, again ? BRM_RESTART : BRM_START, COMMAND_STARTS | (running->run > 0 ? COMMAND_REPEATS : 0),
		     put_names, answered);
}

static void run(struct call *call)
{
	const char *name = arg_string(call->args, "name");
	const struct process *process = find_process(call, name);
	enum brm_status status = process ? brm_state_status(&process->state) : BRM_ABSENT;
	bool runs = status == BRM_STARTING || status == BRM_RUNNING;
	const char *reason = objection(call, process, runs);
	struct running *running;

	if (reason) {
		tool_fail(call, "cannot run %s: %s.", name, reason);
		return;
	}
	if (!begin(call))
		return;
	running = call->state;
	if (runs && !arg_bool(call->args, "restart", false)) {
		running->duplicate = true;
		running->waiting.run = process->state.run;
		wait_or_answer(call);
	} else if (!tool_await(call, ANSWER_MS)) {
		return;
	} else if (arg_string(call->args, "command")) {
		command_send(call, BRM_RUN, COMMAND_STARTS, put_command, answered);
	} else {
		start(call, process, runs);
	}
}

static void restart(struct call *call)
{
	const struct process *process = find_process(call, arg_string(call->args, "name"));

	if (begin(call) && tool_await(call, ANSWER_MS))
		start(call, process, true);
}

const struct tool tool_scripts_run = {
	.name = "scripts_run",
	.title = "Run a script",
	.description =
		"Start a script by name, or an ad-hoc command under a name. What runs already is returned with "
		"duplicate true. With `wait` the answer comes once it is ready, ended, or printed a line. It goes on "
		"running when you leave.",
	.flags = TOOL_OPEN,
	.args = run_args,
	.result = result,
	.run = run,
};

const struct tool tool_scripts_restart = {
	.name = "scripts_restart",
	.title = "Restart a process",
	.description =
		"Stop a process, then start it again; one that does not run is started. `wait` as in scripts_run.",
	.flags = TOOL_DESTRUCTIVE | TOOL_OPEN,
	.args = restart_args,
	.result = result,
	.run = restart,
};
