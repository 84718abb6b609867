/* SPDX-License-Identifier: MIT */
#include "engine/ends.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "engine/pty.h"

/*
 * Asked for, for standard output; less is well. An ordinary user has 64 MiB of pipes in all, and when they are used up
 * every new pipe in the whole session is one of 8 KiB: so not much of it is taken.
 */
#define PIPE_BYTES_ROOT (1 << 20)
#define PIPE_BYTES_USER (256 << 10)

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void run_fds_close(struct run_fds *fds)
{
	close_fd(&fds->out);
	close_fd(&fds->err);
	close_fd(&fds->in);
	close_fd(&fds->say);
}

void ends_close_childs(struct ends *ends)
{
	for (int i = 0; i < 3 && ends->tty < 0; i++)
		if (ends->child[i] != ends->null_fd)
			close_fd(&ends->child[i]);
	close_fd(&ends->tty);
	close_fd(&ends->notify[1]);
}

void ends_close_ours(struct ends *ends)
{
	run_fds_close(&ends->ours);
	close_fd(&ends->notify[0]);
}

/* O_NONBLOCK for our end alone: set by pipe2 it would reach the child. */
static int make_pipe(int *ours, int *childs, bool child_writes)
{
	int pipe_ends[2];

	if (pipe2(pipe_ends, O_CLOEXEC) != 0)
		return -errno;
	*ours = pipe_ends[child_writes ? 0 : 1];
	*childs = pipe_ends[child_writes ? 1 : 0];
	fcntl(*ours, F_SETFL, O_NONBLOCK);
	return 0;
}

static int make_plain(struct ends *ends, bool stdin_pipe)
{
	int error = make_pipe(&ends->ours.out, &ends->child[1], true);

	if (!error)
		error = make_pipe(&ends->ours.err, &ends->child[2], true);
	if (!error && stdin_pipe)
		error = make_pipe(&ends->ours.in, &ends->child[0], false);
	if (error)
		return error;
	fcntl(ends->ours.out, F_SETPIPE_SZ, geteuid() == 0 ? PIPE_BYTES_ROOT : PIPE_BYTES_USER);
	if (!stdin_pipe)
		ends->child[0] = ends->null_fd;
	return 0;
}

static int make_tty(struct ends *ends)
{
	int error = pty_open(&ends->ours.out, &ends->tty);

	if (!error)
		error = pty_relay(&ends->ours.err);
	if (error)
		return error;
	ends->ours.in = fcntl(ends->ours.out, F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < 3; i++)
		ends->child[i] = ends->tty;
	return ends->ours.in < 0 ? -errno : 0;
}

/*
 * A child that says that it is ready must not die of it when an engine has died meanwhile: so its end of the pipe is
 * open for reading as well, and what it wrote stays in the pipe until somebody reads it.
 */
static int make_notify(struct ends *ends)
{
	char path[32];
	int fd, error = make_pipe(&ends->notify[0], &ends->notify[1], true);

	if (error)
		return error;
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends->notify[1]);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(ends->notify[1]);
	ends->notify[1] = fd;
	return 0;
}

static int make_silent(struct ends *ends)
{
	for (int i = 0; i < 3; i++)
		ends->child[i] = ends->null_fd;
	return 0;
}

int ends_make(struct ends *ends, const struct spawn_request *request, int null_fd)
{
	int error;

	*ends = (struct ends){
		.ours = {-1, -1, -1, -1}, .child = {-1, -1, -1}, .tty = -1, .notify = {-1, -1}, .null_fd = null_fd};
	error = request->silent ? make_silent(ends)
		: request->tty  ? make_tty(ends)
				: make_plain(ends, request->stdin_pipe);
	if (!error && request->notify)
		error = make_notify(ends);
	if (error) {
		ends_close_ours(ends);
		ends_close_childs(ends);
	}
	return error;
}

int seats_open(struct seats *seats, int null_fd)
{
	seats->null_fd = null_fd;
	seats->below = 0;
	for (int i = 0; i < SEATS; i++) {
		seats->numbers[i] = fcntl(null_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		if (seats->numbers[i] < 0)
			return -errno;
		if (seats->below <= seats->numbers[i])
			seats->below = seats->numbers[i] + 1;
	}
	return 0;
}

void seats_close(struct seats *seats)
{
	for (int i = 0; i < SEATS; i++)
		close_fd(&seats->numbers[i]);
}

/* A seat is taken as long as we live: dup3() onto it cannot fail for want of room. */
void seats_take(const struct seats *seats, const struct ends *ends, int dir_fd)
{
	for (int i = 0; i < 3; i++)
		dup3(ends->child[i], seats->numbers[i], O_CLOEXEC);
	dup3(dir_fd, seats->numbers[SEAT_DIR], O_CLOEXEC);
	if (ends->notify[1] >= 0)
		dup3(ends->notify[1], seats->numbers[SEAT_NOTIFY], O_CLOEXEC);
}

void seats_leave(const struct seats *seats)
{
	for (int i = 0; i < SEATS; i++)
		dup3(seats->null_fd, seats->numbers[i], O_CLOEXEC);
}
