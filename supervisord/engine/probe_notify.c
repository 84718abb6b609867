/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "engine/probe_inner.h"
#include "engine/publish.h"
#include "engine/tag.h"

/*
 * What a run says by itself: datagrams as of sd_notify(3) to a socket of its own, or a newline on a descriptor.
 *
 * The keeper holds the socket, too: what is said while no engine lives waits in it for the next one. Its name is made
 * of the run's tag, so that an engine without that keeper has the same one; it has no place in the file system, because
 * a run of another user could not reach ours. What counts is who sends: the run's own.
 */

#define MESSAGE_MAX 4096

static int descriptor_of(const struct probe *probe)
{
	return probe->target && *probe->target ? atoi(probe->target) : 0;
}

/* "@brummer-notify-TAG", with its size. */
static socklen_t address_of(const struct process *process, struct sockaddr_un *out)
{
	int length;

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	length = snprintf(out->sun_path + 1, sizeof out->sun_path - 1, "brummer-notify-%016llx",
			  (unsigned long long)tag_make(process->engine->options->tag, process->serial));
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

static int open_socket(const struct process *process)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, rc;
	struct sockaddr_un address;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0 &&
	    bind(fd, (struct sockaddr *)&address, address_of(process, &address)) == 0)
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

int notify_prepare(struct process *process, struct spawn_request *request)
{
	struct sockaddr_un address;
	char name[sizeof address.sun_path + 1];
	int fd;

	request->notify = descriptor_of(&process->spec->ready);
	if (request->notify)
		return 0;
	notify_end(process->probing);
	fd = open_socket(process);
	if (fd < 0)
		return fd;
	process->probing->notify = fd;
	request->say = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (request->say < 0)
		return -errno;
	address_of(process, &address);
	snprintf(name, sizeof name, "@%s", address.sun_path + 1);
	return env_set(&request->env, "NOTIFY_SOCKET", name);
}

/*
 * The run's own; or one that is gone already, as a command in a script may be: then nobody can say any more whose it
 * was, and it knew the socket's name.
 */
static bool is_of_run(const struct process *process, const struct ucred *from)
{
	uint64_t tag = tag_of(from->pid);

	if (tag == tag_make(process->engine->options->tag, process->serial) || from->pid == process->leader)
		return true;
	return getsid(from->pid) == process->leader || (kill(from->pid, 0) != 0 && errno == ESRCH);
}

/* What it says of itself while it starts or runs. */
static void set_status(struct process *process, const char *text, int length)
{
	struct brm_state state = publish_state_of(process), next;
	char words[BRM_REASON_MAX];

	snprintf(words, sizeof words, "%.*s", length, text);
	next = brm_state_with_reason(&state, BRM_REASON_NONE, words);
	if (strcmp(next.reason, state.reason) != 0)
		publish_state(process, &next);
}

/* Returns whether it said that it is ready. */
static bool obey(struct process *process, const char *text)
{
	bool ready = false;

	while (*text) {
		int length = (int)strcspn(text, "\n");

		if (length == 7 && strncmp(text, "READY=1", 7) == 0)
			ready = true;
		else if (length == 10 && strncmp(text, "STOPPING=1", 10) == 0)
			set_status(process, "it is stopping", 14);
		else if (length > 7 && strncmp(text, "STATUS=", 7) == 0)
			set_status(process, text + 7, length - 7);
		text += length + (text[length] != '\0');
	}
	return ready;
}

/* One datagram. 0: there is none; else *ready says what it said. */
static ssize_t hear(struct process *process, int fd, bool *ready)
{
	char text[MESSAGE_MAX];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(64 * sizeof(int))];
	} control;
	struct iovec part = {.iov_base = text, .iov_len = sizeof text - 1};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct ucred from = {.pid = 0};

	if (length <= 0)
		return 0;
	text[length] = '\0';
	for (struct cmsghdr *part_of = CMSG_FIRSTHDR(&message); part_of; part_of = CMSG_NXTHDR(&message, part_of)) {
		if (part_of->cmsg_type == SCM_CREDENTIALS)
			memcpy(&from, CMSG_DATA(part_of), sizeof from);
		for (size_t at = CMSG_LEN(0); part_of->cmsg_type == SCM_RIGHTS && at < part_of->cmsg_len;
		     at += sizeof(int))
			close(*(int *)(void *)((char *)part_of + at)); /* nobody wants what it stores with us */
	}
	if (from.pid > 0 && is_of_run(process, &from))
		*ready |= obey(process, text);
	return length;
}

static bool hear_newline(int fd)
{
	char bytes[256];
	ssize_t length;

	while ((length = read(fd, bytes, sizeof bytes)) > 0)
		if (memchr(bytes, '\n', (size_t)length))
			return true;
	return false;
}

static void on_notified(evutil_socket_t fd, short what, void *arg)
{
	struct process *process = arg;
	struct probing *probing = process->probing;
	bool ready = false;

	(void)what;
	engine_enter(process->engine);
	if (descriptor_of(&process->spec->ready))
		ready = hear_newline(fd);
	else
		while (hear(process, fd, &ready) > 0)
			continue;
	if (ready && probing->ready.asking)
		probe_answer(&probing->ready, true, NULL);
}

/* The reading end of a run that another engine has started: the run's own descriptor leads to the pipe. */
static int find_pipe(const struct process *process)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)process->leader, descriptor_of(&process->spec->ready));
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

void notify_begin(struct process *process, int pipe)
{
	struct probing *probing = process->probing;

	if (pipe >= 0)
		probing->notify = pipe;
	else if (probing->notify < 0)
		probing->notify = descriptor_of(&process->spec->ready) ? find_pipe(process) : open_socket(process);
	if (probing->notify < 0)
		return;
	probing->notified =
		event_new(process->engine->base, probing->notify, EV_READ | EV_PERSIST, on_notified, process);
	if (probing->notified)
		event_add(probing->notified, NULL);
}

void notify_end(struct probing *probing)
{
	if (probing->notified)
		event_free(probing->notified);
	if (probing->notify >= 0)
		close(probing->notify);
	probing->notified = NULL;
	probing->notify = -1;
}

/* It is heard by its event, whenever it speaks. */
static int ask(struct question *question)
{
	(void)question;
	return 0;
}

static void drop(struct question *question)
{
	(void)question;
}

const struct prober probe_notify = {.ask = ask, .drop = drop, .waits = true};
