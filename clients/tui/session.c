/* SPDX-License-Identifier: MIT */
#include "clients/tui/session.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <brummer/region.h>

#include "clients/common/client.h"

#define KEPT (64u << 10) /* bytes on their way */

struct session {
	struct job job;
	struct brm_instance instance;
	char name[BRM_NAME_MAX];
	int wake; /* there is something to send, or it ends */
	bool steal;
	uint32_t run;
	pthread_mutex_t lock;
	/* Under the lock: */
	struct session_state state;
	bool closed; /* the loop has let go of it */
	bool resized;
	int rows;
	int cols;
	size_t length;
	char bytes[KEPT];
};

static void end(struct session *session, const char *why)
{
	pthread_mutex_lock(&session->lock);
	session->state.over = true;
	session->state.write = false;
	snprintf(session->state.why, sizeof session->state.why, "%s", why);
	pthread_mutex_unlock(&session->lock);
	jobs_wake(session->job.jobs);
}

/* ---- attaching ---- */

static int ask_attach(struct session *session, struct client *client, bool write, struct reply *reply)
{
	uint32_t id;
	int error;

	client_begin(client, BRM_ATTACH);
	client_put_string(client, "name", session->name);
	client_put_bool(client, "write", write);
	client_put_bool(client, "steal", write && session->steal);
	client_put_int(client, "rows", session->rows);
	client_put_int(client, "columns", session->cols);
	error = client_send(client, &id);
	return error ? error : client_wait(client, id, -1, reply);
}

static void note_holder(struct session *session, const struct reply *reply)
{
	char kind[40];

	if (!reply_string(&reply->data, "kind", kind, sizeof kind))
		snprintf(kind, sizeof kind, "somebody");
	snprintf(session->state.holder, sizeof session->state.holder, "%s (pid %d)", kind,
		 (int)reply_int(&reply->data, "pid", 0));
}

/* 0, or an error that *why explains. Who cannot type looks. */
static int attach(struct session *session, struct client *client, char why[256])
{
	bool write = true;
	struct reply reply;
	int error = ask_attach(session, client, true, &reply);

	if (error == 0 && reply.refused == BRM_CONFLICT && reply_get(&reply.data, "pid")) {
		pthread_mutex_lock(&session->lock);
		note_holder(session, &reply);
		pthread_mutex_unlock(&session->lock);
		reply_finish(&reply);
		write = false;
		error = ask_attach(session, client, false, &reply);
	}
	if (error)
		return error;
	if (reply.refused) {
		snprintf(why, 256, "%s", reply.message);
		error = -EPERM;
	} else {
		session->run = (uint32_t)reply_int(&reply.result, "run", 0);
		pthread_mutex_lock(&session->lock);
		session->state.answered = true;
		session->state.write = write;
		session->resized = write;
		pthread_mutex_unlock(&session->lock);
		jobs_wake(session->job.jobs);
	}
	reply_finish(&reply);
	return error;
}

/* ---- going on ---- */

static int send_bytes(struct session *session, struct client *client, const char *bytes, size_t length)
{
	uint32_t id;

	client_begin(client, BRM_SEND);
	client_put_string(client, "name", session->name);
	client_put_bytes(client, "text", bytes, length);
	client_put_int(client, "run", session->run);
	return client_send(client, &id);
}

static int send_size(struct session *session, struct client *client, int rows, int cols)
{
	uint32_t id;

	client_begin(client, BRM_RESIZE);
	client_put_string(client, "name", session->name);
	client_put_int(client, "rows", rows);
	client_put_int(client, "columns", cols);
	return client_send(client, &id);
}

/* What has gathered. -ECANCELED: the loop has let go. */
static int send_all(struct session *session, struct client *client, char *bytes)
{
	size_t length;
	bool resized, closed, write;
	int rows, cols, error = 0;

	pthread_mutex_lock(&session->lock);
	length = session->length;
	memcpy(bytes, session->bytes, length);
	session->length = 0;
	resized = session->resized;
	session->resized = false;
	rows = session->rows;
	cols = session->cols;
	closed = session->closed;
	write = session->state.write;
	pthread_mutex_unlock(&session->lock);
	if (resized && write)
		error = send_size(session, client, rows, cols);
	if (error == 0 && length > 0 && write)
		error = send_bytes(session, client, bytes, length);
	return error ? error : closed ? -ECANCELED : 0;
}

/* Answers, and the news that the right was lost. */
static int take_answers(struct session *session, struct client *client)
{
	struct reply reply;
	int got;

	while ((got = client_poll(client, &reply)) > 0) {
		if (reply.notice[0] && strcmp(reply.notice, "detached") == 0) {
			pthread_mutex_lock(&session->lock);
			session->state.write = false;
			snprintf(session->state.holder, sizeof session->state.holder, "somebody else");
			pthread_mutex_unlock(&session->lock);
			jobs_wake(session->job.jobs);
		} else if (reply.refused) {
			end(session, reply.message);
		}
		reply_finish(&reply);
	}
	return got;
}

static int go_on(struct session *session, struct client *client)
{
	char *bytes = malloc(KEPT);
	int error = bytes ? 0 : -ENOMEM;

	while (error == 0) {
		struct pollfd fds[] = {{.fd = session->wake, .events = POLLIN},
				       {.fd = client_fd(client), .events = POLLIN}};
		uint64_t count;

		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			error = -errno;
		if (fds[0].revents && read(session->wake, &count, sizeof count) < 0 && errno != EAGAIN)
			error = -errno;
		if (error == 0)
			error = send_all(session, client, bytes);
		if (error == 0 && fds[1].revents)
			error = take_answers(session, client);
	}
	free(bytes);
	return error;
}

static void session_work(struct job *job)
{
	struct session *session = (struct session *)job;
	struct client *client;
	char why[256] = "";
	int error = client_open(&session->instance, BRM_BY_TUI, &client);

	if (error == 0) {
		error = attach(session, client, why);
		if (error == 0)
			error = go_on(session, client);
		client_close(client);
	}
	if (!why[0])
		snprintf(why, sizeof why, "%s",
			 error == -ENOENT || error == -ECONNREFUSED ? "no supervisor runs here"
			 : error == -EPIPE                          ? "the supervisor went away"
								    : brm_strerror(error));
	end(session, why);
}

/* ---- the loop's side ---- */

static void let_go(struct session *session)
{
	close(session->wake);
	pthread_mutex_destroy(&session->lock);
	free(session);
}

/* It has ended; the one who opened it may still hold it. */
static void session_done(struct job *job, void *arg)
{
	struct session *session = (struct session *)job;

	(void)arg;
	if (session->closed)
		let_go(session);
	else
		session->job.jobs = NULL;
}

int session_open(struct jobs *jobs, const struct brm_instance *instance, const char *name, int rows, int cols,
		 bool steal, struct session **out)
{
	struct session *session = calloc(1, sizeof *session);
	int error;

	if (!session)
		return -ENOMEM;
	session->job = (struct job){.work = session_work, .done = session_done};
	session->instance = *instance;
	snprintf(session->name, sizeof session->name, "%s", name);
	session->rows = rows;
	session->cols = cols;
	session->steal = steal;
	pthread_mutex_init(&session->lock, NULL);
	session->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = session->wake < 0 ? -errno : jobs_start(jobs, &session->job);
	if (error) {
		if (session->wake >= 0)
			close(session->wake);
		free(session);
		return error;
	}
	*out = session;
	return 0;
}

static void wake(const struct session *session)
{
	uint64_t one = 1;

	while (write(session->wake, &one, sizeof one) < 0 && errno == EINTR)
		;
}

void session_close(struct session *session)
{
	if (!session)
		return;
	if (!session->job.jobs) {
		let_go(session);
		return;
	}
	pthread_mutex_lock(&session->lock);
	session->closed = true;
	pthread_mutex_unlock(&session->lock);
	wake(session);
}

void session_send(struct session *session, const char *bytes, size_t length)
{
	pthread_mutex_lock(&session->lock);
	if (session->length + length <= KEPT) {
		memcpy(session->bytes + session->length, bytes, length);
		session->length += length;
	}
	pthread_mutex_unlock(&session->lock);
	wake(session);
}

void session_resize(struct session *session, int rows, int cols)
{
	pthread_mutex_lock(&session->lock);
	session->rows = rows;
	session->cols = cols;
	session->resized = true;
	pthread_mutex_unlock(&session->lock);
	wake(session);
}

void session_state(struct session *session, struct session_state *out)
{
	pthread_mutex_lock(&session->lock);
	*out = session->state;
	pthread_mutex_unlock(&session->lock);
}
