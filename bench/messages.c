/* SPDX-License-Identifier: MIT */
#include "bench/messages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <brummer/state.h>

struct messages {
	int ask[2];    /* to write to, of the client; to read from, of the server */
	int answer[2]; /* to read from, of the client; to write to, of the server */
	bool same_processor;
	int pid;
};

static bool move_all(int fd, char *bytes, size_t size, bool reading)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = reading ? read(fd, bytes + done, size - done) : write(fd, bytes + done, size - done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static void serve(void *arg)
{
	struct messages *messages = arg;
	struct brm_state state = {.head = brm_head_make(1, 0, BRM_RUNNING)};
	char byte;

	bench_pin(messages->same_processor ? 1 : 0);
	close(messages->ask[0]);
	close(messages->answer[0]);
	while (move_all(messages->ask[1], &byte, 1, true))
		if (!move_all(messages->answer[1], (char *)&state, sizeof state, false))
			return;
}

static struct messages *start(struct messages made)
{
	struct messages *messages = malloc(sizeof *messages);

	if (!messages)
		bench_fail("allocate", ENOMEM);
	*messages = made;
	messages->pid = bench_fork(serve, messages);
	close(messages->ask[1]);
	if (messages->answer[1] != messages->ask[1])
		close(messages->answer[1]);
	return messages;
}

struct messages *messages_pipe(bool same_processor)
{
	int ask[2], answer[2];

	if (pipe2(ask, O_CLOEXEC) != 0 || pipe2(answer, O_CLOEXEC) != 0)
		bench_fail("make a pipe", errno);
	return start((struct messages){
		.ask = {ask[1], ask[0]}, .answer = {answer[0], answer[1]}, .same_processor = same_processor});
}

struct messages *messages_socket(bool same_processor)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		bench_fail("make a socket", errno);
	return start((struct messages){
		.ask = {pair[0], pair[1]}, .answer = {pair[0], pair[1]}, .same_processor = same_processor});
}

void messages_stop(struct messages *messages)
{
	close(messages->ask[0]);
	if (messages->answer[0] != messages->ask[0])
		close(messages->answer[0]);
	bench_join(messages->pid);
	free(messages);
}

uint64_t messages_ask(void *arg, uint64_t times)
{
	const struct messages *messages = arg;
	struct brm_state state;
	uint64_t sum = 0;
	char byte = 's';

	while (times-- > 0) {
		if (!move_all(messages->ask[0], &byte, 1, false) ||
		    !move_all(messages->answer[0], (char *)&state, sizeof state, true))
			bench_fail("ask", errno);
		sum += state.head;
	}
	return sum;
}
