/* SPDX-License-Identifier: MIT */
#include "clients/cli/front.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <brummer/wait.h>

#include "clients/cli/leave.h"
#include "clients/cli/printer.h"
#include "clients/cli/reading.h"

/* One process of the answer to `start`. */
struct started {
	char name[BRM_NAME_MAX];
	bool already; /* it ran before: it is followed, not stopped */
};

enum stopping { STOP_NOT, STOP_ASKED, STOP_HURRIED };

struct front {
	struct control *control;
	struct reading reading;
	struct merge merge;
	struct printer printer;
	uint64_t since_ns;
	struct front_wish wish;
	int aborted;          /* exit status of what failed first, and ended all; 0: nothing did */
	bool answered;        /* then the list is what was started */
	struct started *list; /* count of them */
	uint32_t count;
	enum stopping stopping;
	uint32_t pending; /* id of the request that is not answered yet; 0: none */
	int signals;
	int status;
};

/* What ends it in order. A hang-up that is ignored, as nohup has it, stays so. */
static sigset_t ending_signals(void)
{
	struct sigaction hangup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	return set;
}

void front_prepare(void)
{
	sigset_t set = ending_signals();

	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN); /* a closed standard output is noticed, and ends it in order */
}

static int open_signals(void)
{
	sigset_t set = ending_signals();

	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static const struct started *find(const struct front *front, const char *name)
{
	for (uint32_t i = 0; i < front->count; i++)
		if (strcmp(front->list[i].name, name) == 0)
			return &front->list[i];
	return NULL;
}

/* Is it followed? Before the answer: whatever was started since `up` began. */
static bool is_followed(const struct front *front, const struct process *process)
{
	if (front->answered)
		return find(front, process->identity.name) != NULL;
	return process->state.start_ns >= front->since_ns;
}

/* Is it this one's to stop? */
static bool is_ours(const struct front *front, const struct process *process)
{
	const struct started *started = find(front, process->identity.name);

	return front->answered ? started && !started->already : is_followed(front, process);
}

/* Print what was written since; all of it, or of those that have logged more. */
static void print_lines(struct front *front, bool moved)
{
	const struct snapshot *snapshot = &front->reading.snapshot;
	bool live = !reading_is_over(&front->reading);
	struct merged line;

	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		if (!is_followed(front, process) || (moved && !reading_log_moved(&front->reading, i)))
			continue;
		printer_name(&front->printer, process->identity.name);
		merge_process(&front->merge, process, live);
	}
	while (!ferror(stdout) && merge_next(&front->merge, &line))
		printer_line(&front->printer, &line);
	fflush(stdout);
}

/* The names of ours for a request; with `alive` only those that are. To be freed. */
static const char **names_of(const struct front *front, bool alive)
{
	const struct snapshot *snapshot = &front->reading.snapshot;
	const char **names = must(calloc(snapshot->count + 1, sizeof *names));
	size_t count = 0;

	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		if (is_ours(front, process) && (!alive || process->state.pid > 0))
			names[count++] = process->identity.name;
	}
	return names;
}

/* Ask for the end of ours, or, the second time, make it. What this `up` has started the supervisor for ends with it. */
static void stop(struct front *front)
{
	struct control *control = front->control;
	const char **names = names_of(front, front->stopping == STOP_HURRIED);
	bool all = front->wish.alone && !front->answered;

	if (!control->client && client_open(&control->instance, BRM_BY_CLI, &control->client) != 0)
		front->status = EXIT_FAILED;
	if (!control->client || (!all && !names[0])) {
		free(names);
		return;
	}
	client_begin(control->client, all ? BRM_SHUTDOWN : front->stopping == STOP_HURRIED ? BRM_SIGNAL : BRM_STOP);
	if (!all)
		client_put_list(control->client, "names", names);
	if (!all && front->stopping == STOP_HURRIED)
		client_put_int(control->client, "signal", SIGKILL);
	if (client_send(control->client, &front->pending) != 0)
		front->status = EXIT_FAILED;
	free(names);
}

static void begin_stop(struct front *front)
{
	if (front->stopping == STOP_HURRIED)
		return;
	front->stopping++;
	warn(front->control->cli, front->stopping == STOP_ASKED ? "stopping; once more ends them at once" : "killing");
	stop(front);
}

static void take_signals(struct front *front)
{
	struct signalfd_siginfo info;

	while (read(front->signals, &info, sizeof info) == sizeof info)
		begin_stop(front);
}

/* What was started, by the answer to `start`. */
static void take_list(struct front *front, const msgpack_object *result)
{
	const msgpack_object *list = reply_get(result, "processes");
	uint32_t size = list && list->type == MSGPACK_OBJECT_ARRAY ? list->via.array.size : 0;

	front->answered = true;
	front->list = must(calloc(size + 1, sizeof *front->list));
	for (uint32_t i = 0; i < size; i++) {
		struct started *started = &front->list[front->count];
		const msgpack_object *already = reply_get(&list->via.array.ptr[i], "already");

		if (!reply_string(&list->via.array.ptr[i], "name", started->name, sizeof started->name))
			continue;
		started->already = already && already->type == MSGPACK_OBJECT_BOOLEAN && already->via.boolean;
		front->count++;
	}
	if (size == 0)
		warn(front->control->cli,
		     "nothing starts by itself here; brummer-cli scripts lists what can be started");
}

/* Answers: that of `start` says what is ours; another's refusal is said. */
static void take_replies(struct front *front, uint32_t start)
{
	struct reply reply;
	int rc;

	while (front->control->client && (rc = client_poll(front->control->client, &reply)) != 0) {
		if (rc < 0) {
			/* The engine went away; a new one goes on with what was begun. */
			control_finish(front->control);
			return;
		}
		if (reply.refused != BRM_REFUSED_NOT && front->stopping == STOP_NOT)
			front->status = control_refused(front->control, &reply);
		if (reply.id == start)
			take_list(front, reply.refused == BRM_REFUSED_NOT ? &reply.result : &reply.data);
		if (reply.id == front->pending)
			front->pending = 0;
		reply_finish(&reply);
	}
}

/* Has all that was started ended? */
static bool is_finished(struct front *front)
{
	const struct snapshot *snapshot = &front->reading.snapshot;

	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct process *process = &snapshot->processes[i];

		if (is_followed(front, process) && !brm_state_is_finished(&process->state) &&
		    !(front->stopping != STOP_NOT && !is_ours(front, process)))
			return false;
	}
	return front->answered || front->stopping != STOP_NOT;
}

static int failures(const struct front *front)
{
	const struct snapshot *snapshot = &front->reading.snapshot;
	int count = 0;

	for (uint32_t i = 0; i < snapshot->count; i++)
		count += is_ours(front, &snapshot->processes[i]) &&
			 brm_state_status(&snapshot->processes[i].state) == BRM_FAILED;
	return count;
}

/* The first failure ends all, if that was asked for. */
static void look_for_failure(struct front *front)
{
	const struct snapshot *snapshot = &front->reading.snapshot;

	for (uint32_t i = 0; front->wish.abort && front->stopping == STOP_NOT && i < snapshot->count; i++) {
		const struct brm_state *state = &snapshot->processes[i].state;

		if (!is_ours(front, &snapshot->processes[i]) || brm_state_status(state) != BRM_FAILED)
			continue;
		front->aborted = state->flags & BRM_FLAG_EXITED && state->exit_code > 0 ? state->exit_code
				 : state->flags & BRM_FLAG_SIGNALED                     ? 128 + state->signal
											: EXIT_FAILED;
		warn(front->control->cli, "%s has failed%s%s", snapshot->processes[i].identity.name,
		     *state->reason ? ": " : "", state->reason);
		begin_stop(front);
	}
}

static bool is_idle(const struct front *front)
{
	const struct snapshot *snapshot = &front->reading.snapshot;

	for (uint32_t i = 0; i < snapshot->count; i++) {
		const struct brm_state *state = &snapshot->processes[i].state;

		if (brm_status_is_alive(brm_state_status(state)) || brm_state_status(state) == BRM_BACKOFF)
			return false;
	}
	return true;
}

/* Sleep until there is a change, an answer, a signal, or nobody who reads. */
static void sleep_for_news(struct front *front, uint32_t start)
{
	struct pollfd fds[] = {
		{.fd = source_bell(front->reading.source, BRM_WAIT_STATES | BRM_WAIT_LOGS), .events = POLLIN},
		{.fd = front->control->client ? client_fd(front->control->client) : -1, .events = POLLIN},
		{.fd = front->signals, .events = POLLIN},
		{.fd = front->stopping == STOP_NOT ? STDOUT_FILENO : -1},
	};

	if (poll(fds, sizeof fds / sizeof *fds, -1) < 0)
		return;
	if (fds[0].revents)
		source_bell_clear(front->reading.source);
	if (fds[1].revents)
		take_replies(front, start);
	if (fds[2].revents)
		take_signals(front);
	if (fds[3].revents & (POLLERR | POLLHUP | POLLNVAL))
		begin_stop(front);
}

static void loop(struct front *front, uint32_t start)
{
	bool changed = true;

	take_replies(front, start);
	for (;;) {
		print_lines(front, !changed);
		look_for_failure(front);
		if (is_finished(front) || reading_is_over(&front->reading))
			return;
		sleep_for_news(front, start);
		if (reading_look(&front->reading, front->control->doing, &changed) != EXIT_DONE) {
			front->status = EXIT_FAILED;
			return;
		}
	}
}

/* All has ended: so does a supervisor that was started for it, unless somebody else uses it by now. */
static int end(struct front *front)
{
	int failed = failures(front);
	int status = front->status;

	if (front->reading.snapshot.liveness == BRM_DEAD)
		status = fail(EXIT_DEAD, "the supervisor of %s has died", front->control->instance.name);
	else if (front->wish.alone && !reading_is_over(&front->reading) && is_idle(front))
		status = leave(front->control, -1);
	if (front->aborted || front->status != EXIT_DONE)
		return front->aborted ? front->aborted : front->status;
	return status == EXIT_DONE && (failed > 0 || front->count == 0) ? EXIT_FAILED : status;
}

int front_run(struct control *control, uint32_t id, uint64_t since_ns, struct front_wish wish)
{
	struct front front = {.control = control, .since_ns = since_ns, .wish = wish};
	struct filter filter = {.since_us = since_ns / 1000, .until_us = UINT64_MAX, .last = -1, .stream = -1};
	int status = reading_open(control->cli, control->doing, &front.reading);

	front.signals = open_signals();
	if (status == EXIT_DONE && front.signals < 0)
		status = fail(EXIT_FAILED, "cannot take signals: %s", strerror(errno));
	if (status == EXIT_DONE) {
		merge_init(&front.merge, &filter, front.reading.snapshot.info.state_dir);
		printer_init(&front.printer, control->cli);
		front.printer.prefix = true;
		loop(&front, id);
		status = end(&front);
		merge_finish(&front.merge);
		printer_finish(&front.printer);
	}
	free(front.list);
	reading_finish(&front.reading);
	return status;
}
