/* SPDX-License-Identifier: MIT */
#include "clients/mcp/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/mcp/server.h"
#include "clients/mcp/site.h"

#define TRIES_MAX 4

/* A supervisor that is being restarted is tried again for so long, every so often. */
#define RESTART_TRIES 30
#define RESTART_MS    100

struct connecting {
	struct job job;
	struct commands *commands;
	struct brm_instance instance;
	bool starts; /* start a supervisor if there is none */
	bool coming; /* one is expected: it is being restarted */
	struct client *client;
	char why[PATH_MAX + 128];
};

static bool nobody(int error)
{
	return error == -ENOENT || error == -ECONNREFUSED;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static int connect_or_start(struct connecting *it)
{
	/* What is to run is the client's to say. */
	static const char *const args[] = {"--no-autostart", NULL};
	char why[512] = "";
	int error = client_open(&it->instance, BRM_BY_MCP, &it->client);

	if (!nobody(error) || !it->starts)
		return error;
	error = client_start_supervisor(&it->instance, args, why, sizeof why);
	if (error && error != -EEXIST) {
		snprintf(it->why, sizeof it->why, "no supervisor could be started: %s",
			 *why ? why : brm_strerror(error));
		return error;
	}
	return client_open(&it->instance, BRM_BY_MCP, &it->client);
}

/* On the job's thread. */
static void work(struct job *job)
{
	struct connecting *it = (struct connecting *)job;
	int error = connect_or_start(it);

	for (int i = 0; nobody(error) && !*it->why && (it->starts || it->coming) && i < RESTART_TRIES; i++) {
		pause_ms(RESTART_MS);
		error = connect_or_start(it);
	}
	if (!error || *it->why)
		return;
	if (nobody(error))
		snprintf(it->why, sizeof it->why, "no supervisor runs for %s; scripts_run starts one",
			 *it->instance.dir ? it->instance.dir : it->instance.name);
	else
		snprintf(it->why, sizeof it->why, "the supervisor cannot be reached: %s", brm_strerror(error));
}

static struct call *find(struct commands *commands, enum command_stage stage, const uint32_t *id)
{
	struct call *call;

	TAILQ_FOREACH(call, &commands->site->server->calls, link)
	if (call->command.stage == stage && (!id || call->command.id == *id))
		return call;
	return NULL;
}

static void finish(struct call *call, const struct reply *reply, const char *failure)
{
	call->command.stage = COMMAND_NONE;
	call->command.done(call, reply, failure);
}

static void fail_queued(struct commands *commands, const char *failure)
{
	struct call *call;

	while ((call = find(commands, COMMAND_QUEUED, NULL)))
		finish(call, NULL, failure);
}

static void pump(struct commands *commands);

static void retry_later(struct commands *commands)
{
	struct timeval after = {.tv_usec = RESTART_MS * 1000};

	evtimer_add(commands->later, &after);
}

static void later_came(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	pump(arg);
}

/* The connection is gone: ask again what may be asked again. */
static void lost(struct commands *commands)
{
	struct call *call;

	event_free(commands->readable);
	commands->readable = NULL;
	client_close(commands->client);
	commands->client = NULL;
	while ((call = find(commands, COMMAND_SENT, NULL))) {
		if (call->command.flags & COMMAND_REPEATS && call->command.tries < TRIES_MAX)
			call->command.stage = COMMAND_QUEUED;
		else
			finish(call, NULL,
			       "the supervisor went away before it answered; scripts_status shows what it did");
	}
	if (find(commands, COMMAND_QUEUED, NULL))
		retry_later(commands);
}

static void take_answer(struct commands *commands, struct reply *reply)
{
	struct call *call = find(commands, COMMAND_SENT, &reply->id);

	if (call && reply->refused == BRM_RETRY && call->command.tries < TRIES_MAX) {
		call->command.stage = COMMAND_QUEUED;
		retry_later(commands);
	} else if (call) {
		finish(call, reply, NULL);
	}
}

static void answers_came(evutil_socket_t fd, short what, void *arg)
{
	struct commands *commands = arg;
	struct reply reply;
	int some;

	(void)fd, (void)what;
	while ((some = client_poll(commands->client, &reply)) > 0) {
		take_answer(commands, &reply);
		reply_finish(&reply);
	}
	if (some < 0)
		lost(commands);
}

static void connected(struct job *job)
{
	struct connecting *it = (struct connecting *)job;
	struct commands *commands = it->commands;

	commands->connecting = false;
	if (it->client)
		commands->readable = event_new(commands->site->server->options.base, client_fd(it->client),
					       EV_READ | EV_PERSIST, answers_came, commands);
	if (commands->readable) {
		commands->client = it->client;
		event_add(commands->readable, NULL);
		pump(commands);
	} else {
		client_close(it->client);
		fail_queued(commands, *it->why ? it->why : "out of memory");
	}
	free(it);
}

static void connect_to_supervisor(struct commands *commands)
{
	struct connecting *it = calloc(1, sizeof *it);
	struct call *call;

	if (!it) {
		fail_queued(commands, "out of memory");
		return;
	}
	it->job = (struct job){.work = work, .done = connected};
	it->commands = commands;
	site_dir(commands->site);
	it->instance = commands->site->instance;
	it->coming = view_alive(&commands->site->view);
	/* The region tells where its supervisor listens, wherever this environment has its own places. */
	if (it->coming && *commands->site->view.snapshot.info.control)
		memcpy(it->instance.control, commands->site->view.snapshot.info.control, sizeof it->instance.control);
	TAILQ_FOREACH(call, &commands->site->server->calls, link)
	it->starts |= call->command.stage == COMMAND_QUEUED && call->command.flags & COMMAND_STARTS;
	if (jobs_start(&commands->site->server->jobs, &it->job) == 0) {
		commands->connecting = true;
		return;
	}
	free(it);
	fail_queued(commands, "no thread could be started");
}

static void pump(struct commands *commands)
{
	struct call *call;

	if (commands->connecting || !find(commands, COMMAND_QUEUED, NULL))
		return;
	if (!commands->client) {
		connect_to_supervisor(commands);
		return;
	}
	while ((call = find(commands, COMMAND_QUEUED, NULL))) {
		client_begin(commands->client, call->command.method);
		call->command.put(call, commands->client);
		call->command.stage = COMMAND_SENT;
		call->command.tries++;
		if (client_send(commands->client, &call->command.id) != 0) {
			lost(commands);
			return;
		}
	}
}

void commands_init(struct commands *commands, struct site *site)
{
	*commands = (struct commands){.site = site};
	commands->later = evtimer_new(site->server->options.base, later_came, commands);
}

void commands_finish(struct commands *commands)
{
	if (commands->readable)
		event_free(commands->readable);
	if (commands->later)
		event_free(commands->later);
	client_close(commands->client);
}

void command_send(struct call *call, enum brm_method method, unsigned flags,
		  void (*put)(struct call *call, struct client *client),
		  void (*done)(struct call *call, const struct reply *reply, const char *failure))
{
	if (brm_method_info(method)->safe_to_retry)
		flags |= COMMAND_REPEATS;
	call->command =
		(struct command){.stage = COMMAND_QUEUED, .method = method, .flags = flags, .put = put, .done = done};
	pump(&call->site->commands);
}
