/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "clients/common/client.h"
#include "clients/common/discover.h"
#include "clients/tui/tui.h"

/*
 * Commands to the supervisor. Each is a job with a connection of its own, so that one that takes its time holds up
 * neither the screen nor the next.
 */

#define NAMES_MAX      4096
#define RETRIES        50 /* while a supervisor comes back */
#define RETRY_PAUSE_NS 100000000l

struct command_job {
	struct job job;
	struct brm_instance instance;
	enum brm_method method;
	char **names;  /* NULL-terminated; of one allocation each */
	char *command; /* of run; the text of send */
	uint32_t run;
	unsigned number; /* of signal: which; of scale: how many */
	/* The answer: */
	int error;
	enum brm_refusal refused;
	char message[256];
	char name[BRM_NAME_MAX]; /* of the first process in it */
	uint32_t new_run;
	bool already;
	bool no_supervisor; /* start one first */
	char why[256];
};

static void free_job(struct command_job *job)
{
	for (size_t i = 0; job->names && job->names[i]; i++)
		free(job->names[i]);
	free(job->names);
	free(job->command);
	free(job);
}

static void put_parameters(struct client *client, const struct command_job *job)
{
	client_begin(client, job->method);
	if (job->method == BRM_RUN) {
		client_put_string(client, "name", job->names[0]);
		client_put_string(client, "command", job->command);
		client_put_string(client, "dir", job->instance.dir);
		client_put_string(client, "source", "brummer-tui");
	} else if (job->method == BRM_SCALE) {
		client_put_string(client, "name", job->names[0]);
		client_put_int(client, "replicas", job->number);
	} else if (job->method == BRM_SEND) {
		client_put_string(client, "name", job->names[0]);
		client_put_bytes(client, "text", job->command, strlen(job->command));
	} else if (job->names[0]) {
		client_put_list(client, "names", (const char *const *)job->names);
	}
	if (job->method == BRM_SIGNAL)
		client_put_int(client, "signal", job->number);
	if (job->run > 0)
		client_put_int(client, "run", job->run);
}

static void take_process(struct command_job *job, const struct reply *reply)
{
	const msgpack_object *list = reply_get(&reply->result, "processes");
	const msgpack_object *first =
		list && list->type == MSGPACK_OBJECT_ARRAY && list->via.array.size == 1 ? list->via.array.ptr : NULL;
	const msgpack_object *already;

	if (!first)
		return;
	reply_string(first, "name", job->name, sizeof job->name);
	job->new_run = (uint32_t)reply_int(first, "run", 0);
	already = reply_get(first, "already");
	job->already = already && already->type == MSGPACK_OBJECT_BOOLEAN && already->via.boolean;
}

static int talk(struct client *client, struct command_job *job)
{
	struct reply reply;
	uint32_t id;
	int error;

	put_parameters(client, job);
	error = client_send(client, &id);
	if (error == 0)
		error = client_wait(client, id, -1, &reply);
	if (error)
		return error;
	job->refused = reply.refused;
	snprintf(job->message, sizeof job->message, "%s", reply.message);
	if (!reply.refused)
		take_process(job, &reply);
	reply_finish(&reply);
	return 0;
}

/* Connect and ask, once. */
static void ask_once(struct command_job *job)
{
	struct client *client;

	job->refused = BRM_REFUSED_NOT;
	job->error = client_open(&job->instance, BRM_BY_TUI, &client);
	if (job->error)
		return;
	job->error = talk(client, job);
	client_close(client);
}

/* The supervisor is being restarted, and asking twice is asking once. */
static bool is_worth_retrying(const struct command_job *job)
{
	if (!brm_method_info(job->method)->safe_to_retry)
		return false;
	return job->error == -EPIPE || job->refused == BRM_RETRY;
}

static void command_work(struct job *base)
{
	static const char *const nothing_else[] = {"--no-autostart", NULL};
	const struct timespec pause = {.tv_nsec = RETRY_PAUSE_NS};
	struct command_job *job = (struct command_job *)base;

	if (job->no_supervisor) {
		job->error = client_start_supervisor(&job->instance, job->names[0] ? nothing_else : NULL, job->why,
						     sizeof job->why);
		if (job->error == -EEXIST)
			job->error = 0;
		if (job->error || !job->names[0])
			return;
	}
	ask_once(job);
	for (int i = 0; i < RETRIES && (is_worth_retrying(job) || (i > 0 && job->error == -ECONNREFUSED)); i++) {
		nanosleep(&pause, NULL);
		ask_once(job);
	}
}

/* ---- what comes of it ---- */

static const char *done_word(enum brm_method method)
{
	switch (method) {
	case BRM_START:
	case BRM_RUN:
		return "started";
	case BRM_STOP:
		return "stopped";
	case BRM_RESTART:
		return "restarted";
	case BRM_SIGNAL:
		return "signalled";
	case BRM_SCALE:
		return "scaled";
	case BRM_SEND:
		return "sent the line to";
	default:
		return "done";
	}
}

/* "web", "3 processes" */
static const char *subject(const struct command_job *job, char out[BRM_NAME_MAX + 32])
{
	size_t count = 0;

	while (job->names[count])
		count++;
	if (count == 1)
		snprintf(out, BRM_NAME_MAX + 32, "%s", job->names[0]);
	else if (count == 0)
		snprintf(out, BRM_NAME_MAX + 32, "all");
	else
		snprintf(out, BRM_NAME_MAX + 32, "%zu processes", count);
	return out;
}

static bool takes_run(enum brm_method method)
{
	return method == BRM_START || method == BRM_RESTART || method == BRM_RUN;
}

static void say_done(struct tui *tui, const struct command_job *job)
{
	char who[BRM_NAME_MAX + 32];

	subject(job, who);
	if (job->already)
		tui_say(tui, TONE_DONE, job->method == BRM_STOP ? "%s was stopped already" : "%s is running already",
			who);
	else if (job->method == BRM_SIGNAL)
		tui_say(tui, TONE_DONE, "sent SIG%s to %s", sigabbrev_np((int)job->number), who);
	else if (job->method == BRM_RELOAD)
		tui_say(tui, TONE_DONE, "read the configuration again");
	else if (takes_run(job->method) && job->new_run > 0)
		tui_say(tui, TONE_DONE, "%s %s (run %s#%u)", done_word(job->method), who, job->name, job->new_run);
	else
		tui_say(tui, TONE_DONE, "%s %s", done_word(job->method), who);
}

static void say_refused(struct tui *tui, const struct command_job *job)
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	const struct process *now = snapshot && job->names[0] ? snapshot_find(snapshot, job->names[0]) : NULL;
	char who[BRM_NAME_MAX + 32];

	subject(job, who);
	if (job->refused == BRM_MOVED_ON && now)
		tui_say(tui, TONE_FAILED, "%s moved on: run %s#%u started meanwhile", who, who, now->state.run);
	else
		tui_say(tui, TONE_FAILED, "cannot %s %s: %s", brm_method_info(job->method)->name, who, job->message);
}

static void say_error(struct tui *tui, const struct command_job *job)
{
	char who[BRM_NAME_MAX + 32];

	subject(job, who);
	if (job->error == -ETIMEDOUT)
		tui_say(tui, TONE_FAILED, "cannot %s %s: brummerd has not answered for 2 s",
			brm_method_info(job->method)->name, who);
	else if (job->no_supervisor && job->why[0])
		tui_say(tui, TONE_FAILED, "cannot start a supervisor: %s", job->why);
	else if (job->error == -ENOENT || job->error == -ECONNREFUSED)
		tui_say(tui, TONE_FAILED, "cannot %s %s: no supervisor runs here; u starts one",
			brm_method_info(job->method)->name, who);
	else if (job->error == -EPIPE)
		tui_say(tui, TONE_FAILED, "cannot tell whether %s did %s: the supervisor went away", who,
			brm_method_info(job->method)->name);
	else
		tui_say(tui, TONE_FAILED, "cannot %s %s: %s", brm_method_info(job->method)->name, who,
			brm_strerror(job->error));
}

/* The rows show what is published again. */
static void forget_asked(struct tui *tui, const struct command_job *job)
{
	for (uint32_t i = 0; i < tui->list.count; i++)
		for (size_t n = 0; job->names[n]; n++)
			if (strcmp(tui->list.rows[i]->identity.name, job->names[n]) == 0)
				list_memo(&tui->list, tui->list.rows[i])->asked = NULL;
}

static void command_done(struct job *base, void *arg)
{
	struct command_job *job = (struct command_job *)base;
	struct tui *tui = arg;

	forget_asked(tui, job);
	tui->commands_running--;
	if (job->error)
		say_error(tui, job);
	else if (job->refused)
		say_refused(tui, job);
	else if (job->no_supervisor && !job->names[0])
		tui_say(tui, TONE_DONE, "started a supervisor");
	else if (job->method != BRM_SHUTDOWN)
		say_done(tui, job);
	if (tui->leave_when_stopped) {
		tui->leave_when_stopped = false;
		tui->leaving = job->error == 0 && !job->refused;
	}
	if (job->no_supervisor || job->method == BRM_SHUTDOWN)
		feed_look(&tui->feed, tui->jobs);
	tui->dirty = true;
	free_job(job);
}

/* ---- sending ---- */

static struct command_job *make_job(struct tui *tui, enum brm_method method, const char *const *names)
{
	struct command_job *job = calloc(1, sizeof *job);
	size_t count = 0;

	while (names && names[count] && count < NAMES_MAX)
		count++;
	if (!job)
		return NULL;
	job->job = (struct job){.work = command_work, .done = command_done};
	job->instance = tui->instance;
	job->method = method;
	job->names = calloc(count + 1, sizeof *job->names);
	for (size_t i = 0; job->names && i < count; i++)
		if (!(job->names[i] = strdup(names[i])))
			break;
	if (!job->names) {
		free(job);
		return NULL;
	}
	return job;
}

static void start_job(struct tui *tui, struct command_job *job)
{
	int error = job ? jobs_start(tui->jobs, &job->job) : -ENOMEM;

	if (error) {
		tui_say(tui, TONE_FAILED, "cannot send the command: %s", brm_strerror(error));
		if (job)
			free_job(job);
		return;
	}
	tui->commands_running++;
}

void control_send_names(struct tui *tui, enum brm_method method, const char *const *names)
{
	start_job(tui, make_job(tui, method, names));
}

void control_send(struct tui *tui, enum brm_method method, const char *name, uint32_t run)
{
	const char *names[] = {name, NULL};
	struct command_job *job = make_job(tui, method, names);

	if (job)
		job->run = run;
	start_job(tui, job);
}

/* "redis-cli monitor" is called redis-cli; a path by its last part. */
static void name_of_command(const char *command, char out[80])
{
	size_t length = strcspn(command, " \t;|&<>");
	const char *slash = NULL;

	for (size_t i = 0; i < length; i++)
		if (command[i] == '/')
			slash = command + i;
	if (slash && slash + 1 < command + length) {
		length -= (size_t)(slash + 1 - command);
		command = slash + 1;
	}
	snprintf(out, 80, "%.*s", (int)(length < 63 ? length : 63), command);
	if (!out[0])
		snprintf(out, 80, "command");
}

/* A name that is not in use: redis-cli, redis-cli-2, ... */
static void free_name(const struct tui *tui, char name[80])
{
	const struct snapshot *snapshot = feed_snapshot(&tui->feed);
	char base[64];

	snprintf(base, sizeof base, "%.63s", name);
	for (unsigned n = 2; n < 1000; n++) {
		const struct process *process = snapshot ? snapshot_find(snapshot, name) : NULL;

		if (!process || !brm_status_is_alive(brm_state_status(&process->state)))
			return;
		snprintf(name, 80, "%s-%u", base, n);
	}
}

void control_run_command(struct tui *tui, const char *command)
{
	char name[80];
	const char *names[] = {name, NULL};
	struct command_job *job;

	name_of_command(command, name);
	free_name(tui, name);
	job = make_job(tui, BRM_RUN, names);
	if (job) {
		job->command = strdup(command);
		job->no_supervisor = !feed_commandable(&tui->feed);
	}
	start_job(tui, job);
}

void control_scale(struct tui *tui, const char *name, unsigned replicas)
{
	const char *names[] = {name, NULL};
	struct command_job *job = make_job(tui, BRM_SCALE, names);

	if (job)
		job->number = replicas;
	start_job(tui, job);
}

void control_signal(struct tui *tui, const char *name, uint32_t run, int number)
{
	const char *names[] = {name, NULL};
	struct command_job *job = make_job(tui, BRM_SIGNAL, names);

	if (job) {
		job->number = (unsigned)number;
		job->run = run;
	}
	start_job(tui, job);
}

void control_send_line(struct tui *tui, const char *name, uint32_t run, const char *line)
{
	const char *names[] = {name, NULL};
	struct command_job *job = make_job(tui, BRM_SEND, names);

	if (job) {
		job->command = malloc(strlen(line) + 2);
		job->run = run;
	}
	if (job && !job->command) {
		free_job(job);
		job = NULL;
	}
	if (job)
		sprintf(job->command, "%s\n", line);
	start_job(tui, job);
}

void control_reload(struct tui *tui)
{
	start_job(tui, make_job(tui, BRM_RELOAD, NULL));
}

void control_start_supervisor(struct tui *tui, const char *const *names)
{
	struct command_job *job = make_job(tui, BRM_START, names);

	if (job)
		job->no_supervisor = true;
	start_job(tui, job);
}
