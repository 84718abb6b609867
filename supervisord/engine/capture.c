/* SPDX-License-Identifier: MIT */
#include "engine/capture_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static void dispose(struct capture *capture)
{
	if (capture->epoll >= 0)
		close(capture->epoll);
	if (capture->places.null_fd >= 0)
		close(capture->places.null_fd);
	patterns_free(capture->patterns);
	free(capture->state_dir);
	free(capture);
}

static int prepare(struct capture *capture)
{
	if (!capture->state_dir)
		return -ENOMEM;
	capture->places.state_dir = capture->state_dir;
	capture->places.found_url = capture_report_url;
	capture->places.held_max = outlet_held_max();
	return capture->epoll < 0 || capture->places.null_fd < 0 ? -errno : 0;
}

/* The thread sees its commands as one more descriptor. */
static int start(struct capture *capture)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
	int error = worker_start(&capture->worker, capture_thread, capture);

	if (error)
		return error;
	return epoll_ctl(capture->epoll, EPOLL_CTL_ADD, capture->worker.in.fd, &event) == 0 ? 0 : -errno;
}

int capture_open(struct brm_writer *writer, const char *state_dir, struct capture **out)
{
	struct capture *capture = calloc(1, sizeof *capture);
	int error;

	if (!capture)
		return -ENOMEM;
	capture->writer = writer;
	capture->state_dir = strdup(state_dir);
	capture->places.null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	capture->epoll = epoll_create1(EPOLL_CLOEXEC);
	error = prepare(capture);
	if (!error)
		error = start(capture);
	if (error)
		dispose(capture);
	else
		*out = capture;
	return error;
}

/* NULL: no memory. */
static struct command *make_command(enum capture_what what, uint32_t serial, const char *name)
{
	struct command *command = calloc(1, sizeof *command + strlen(name) + 1);

	if (!command)
		return NULL;
	command->what = what;
	command->serial = serial;
	strcpy(command->name, name);
	return command;
}

static void submit(struct capture *capture, struct command *command)
{
	mailbox_put(&capture->worker.in, &command->letter);
}

static int add(struct capture *capture, struct command *command, uint32_t entry, struct run_fds fds)
{
	struct run *run = command ? capture_make_run(command->serial, &fds) : NULL;

	if (!run) {
		free(command);
		close(fds.out);
		close(fds.err);
		return -ENOMEM;
	}
	command->run = run;
	command->entry = entry;
	submit(capture, command);
	return 0;
}

int capture_add(struct capture *capture, uint32_t serial, uint32_t entry, const char *name, struct run_fds fds)
{
	return add(capture, make_command(CAPTURE_ADD, serial, name), entry, fds);
}

int capture_adopt(struct capture *capture, uint32_t serial, uint32_t entry, const char *name, struct run_fds fds)
{
	return add(capture, make_command(CAPTURE_ADOPT, serial, name), entry, fds);
}

/* An order that must not fail: with no memory for it the engine is better begun again. */
static struct command *must_make(enum capture_what what, uint32_t serial, const char *name)
{
	struct command *command = make_command(what, serial, name);

	if (!command)
		abort();
	return command;
}

void capture_drain(struct capture *capture, uint32_t serial)
{
	submit(capture, must_make(CAPTURE_DRAIN, serial, ""));
}

void capture_forget(struct capture *capture, uint32_t serial)
{
	submit(capture, must_make(CAPTURE_FORGET, serial, ""));
}

void capture_release(struct capture *capture, const char *name, bool remove)
{
	struct command *command = must_make(CAPTURE_RELEASE, 0, name);

	command->remove = remove;
	submit(capture, command);
}

void capture_set_patterns(struct capture *capture, struct patterns *patterns)
{
	struct command *command = must_make(CAPTURE_PATTERNS, 0, "");

	command->patterns = patterns;
	submit(capture, command);
}

void capture_resize(struct capture *capture, const char *name, uint64_t segment_bytes, uint32_t keep)
{
	struct command *command = must_make(CAPTURE_RESIZE, 0, name);

	command->segment_bytes = segment_bytes;
	command->keep = keep;
	submit(capture, command);
}

int capture_fd(const struct capture *capture)
{
	return capture->worker.out.fd;
}

void capture_report(struct capture *capture, const struct drained *report)
{
	struct command *command = must_make(CAPTURE_ADD, report->serial, "");

	command->report = *report;
	mailbox_put(&capture->worker.out, &command->letter);
}

void capture_report_url(void *arg, const char *url)
{
	const struct outlet *outlet = arg;
	struct capture *capture = (struct capture *)((const char *)outlet->places - offsetof(struct capture, places));
	struct drained report = {.kind = DRAINED_URL, .serial = outlet->serial};

	if (outlet->runs == 0)
		return; /* of a run long ago, whose lines are looked at again */
	snprintf(report.url, sizeof report.url, "%s", url);
	capture_report(capture, &report);
}

bool capture_next(struct capture *capture, struct drained *out)
{
	struct command *command = (struct command *)mailbox_take(&capture->worker.out);

	if (!command)
		return false;
	*out = command->report;
	free(command);
	return true;
}

void capture_close(struct capture *capture)
{
	struct drained unread;

	if (!capture)
		return;
	worker_join(&capture->worker);
	while (capture_next(capture, &unread))
		continue;
	worker_finish(&capture->worker);
	dispose(capture);
}
