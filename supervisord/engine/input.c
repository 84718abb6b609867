/* SPDX-License-Identifier: MIT */
#include "engine/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <event2/buffer.h>

struct input {
	struct engine *engine;
	struct event *writable;
	struct evbuffer *waiting;
	int fd;
	bool broken;
};

/* Write what can be written; the rest when it can be. */
static void push(struct input *input)
{
	while (!input->broken && evbuffer_get_length(input->waiting) > 0) {
		if (evbuffer_write(input->waiting, input->fd) >= 0)
			continue;
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN) {
			event_add(input->writable, NULL);
			return;
		}
		input->broken = true;
		evbuffer_drain(input->waiting, evbuffer_get_length(input->waiting));
	}
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct input *input = arg;

	(void)fd, (void)what;
	engine_enter(input->engine);
	push(input);
}

struct input *input_open(struct engine *engine, int fd)
{
	struct input *input = calloc(1, sizeof *input);

	if (!input) {
		close(fd);
		return NULL;
	}
	input->engine = engine;
	input->fd = fd;
	input->waiting = evbuffer_new();
	input->writable = event_new(engine->base, fd, EV_WRITE, on_writable, input);
	if (input->waiting && input->writable && fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0)
		return input;
	input_close(input);
	return NULL;
}

void input_close(struct input *input)
{
	if (!input)
		return;
	if (input->writable)
		event_free(input->writable);
	if (input->waiting)
		evbuffer_free(input->waiting);
	close(input->fd);
	free(input);
}

int input_write(struct input *input, const void *bytes, size_t length)
{
	if (input->broken)
		return -EPIPE;
	if (evbuffer_get_length(input->waiting) + length > INPUT_MAX)
		return -ENOBUFS;
	if (evbuffer_add(input->waiting, bytes, length) != 0)
		return -ENOMEM;
	push(input);
	return input->broken ? -EPIPE : 0;
}

int input_resize(struct input *input, uint16_t rows, uint16_t columns)
{
	struct winsize size = {.ws_row = rows, .ws_col = columns};

	return ioctl(input->fd, TIOCSWINSZ, &size) == 0 ? 0 : -errno;
}
