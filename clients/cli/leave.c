/* SPDX-License-Identifier: MIT */
#include "clients/cli/leave.h"

#include <errno.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define END_NS 10000000000ll /* for ending at once, and from the answer to the end of those who gave it */

struct shutdown {
	int64_t timeout_ns;
};

static void put_shutdown(struct client *client, void *arg)
{
	const struct shutdown *shutdown = arg;

	if (shutdown->timeout_ns >= 0)
		client_put_int(client, "timeout_ms", shutdown->timeout_ns / 1000000);
}

/* A descriptor of a process of the supervisor's; -1: there is none, or it is not of our world. */
static int watch(int32_t pid)
{
	return pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
}

/* Keeper and engine, while the region still names them. */
static void watch_both(const struct brm_instance *instance, int fds[2])
{
	struct brm_reader *reader;
	enum brm_liveness liveness;

	fds[0] = fds[1] = -1;
	if (brm_reader_open(instance->region, &reader) != 0)
		return;
	liveness = brm_reader_liveness(reader);
	if (liveness == BRM_LIVE || liveness == BRM_UNRESPONSIVE) {
		fds[0] = watch(brm_reader_info(reader)->engine_pid);
		fds[1] = watch(brm_reader_info(reader)->keeper_pid);
	}
	brm_reader_close(reader);
}

/* Until a process has ended; its descriptor is closed. */
static bool wait_gone(int fd)
{
	struct pollfd end = {.fd = fd, .events = POLLIN};
	int rc;

	if (fd < 0)
		return true;
	do
		rc = poll(&end, 1, END_NS / 1000000);
	while (rc < 0 && errno == EINTR);
	close(fd);
	return rc > 0;
}

int leave(struct control *control, int64_t timeout_ns)
{
	struct shutdown shutdown = {.timeout_ns = timeout_ns};
	struct reply reply;
	int fds[2];
	int status;
	bool gone;

	watch_both(&control->instance, fds);
	status = control_ask(control, put_shutdown, &shutdown, BRM_SHUTDOWN, timeout_ns < 0 ? -1 : timeout_ns + END_NS,
			     &reply);
	if (status == EXIT_DONE)
		reply_finish(&reply);
	control_finish(control);
	if (status != EXIT_DONE) {
		for (int i = 0; i < 2; i++)
			if (fds[i] >= 0)
				close(fds[i]);
		return status;
	}
	gone = wait_gone(fds[0]);
	gone = wait_gone(fds[1]) && gone;
	return gone ? EXIT_DONE : fail(EXIT_FAILED, "cannot %s: the supervisor does not end", control->doing);
}
