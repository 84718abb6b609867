/* SPDX-License-Identifier: MIT */
#include "bench/rawclient.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"

#define ANSWER_MAX (4u << 20)

static void make_room(struct rawclient *client)
{
	client->size = ANSWER_MAX;
	client->bytes = malloc(client->size);
	if (!client->bytes)
		bench_fail("keep an answer", ENOMEM);
}

/* Pipes of a server: theirs are its ends, the client has the others. */
static void open_pipes(struct rawclient *client, int theirs[2])
{
	int to[2], from[2];

	if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
		bench_fail("make a pipe", errno);
	theirs[0] = to[0];
	theirs[1] = from[1];
	client->to = to[1];
	client->from = from[0];
	make_room(client);
}

void rawclient_start(struct rawclient *client, const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int theirs[2], error;

	open_pipes(client, theirs);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, theirs[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, theirs[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&client->pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	if (error)
		bench_fail("start an MCP server", error);
	posix_spawn_file_actions_destroy(&actions);
	close(theirs[0]);
	close(theirs[1]);
}

void rawclient_fork_at(struct rawclient *client, rawclient_serve *serve, size_t bytes, int in, int out)
{
	client->pid = fork();
	if (client->pid < 0)
		bench_fail("fork", errno);
	if (client->pid > 0)
		return;
	/* What the client has of the pipes: the end of it is the end of input. */
	if (client->bytes) {
		close(client->to);
		close(client->from);
	}
	serve(in, out, bytes);
	_exit(0);
}

void rawclient_fork(struct rawclient *client, rawclient_serve *serve, size_t bytes)
{
	int theirs[2];

	open_pipes(client, theirs);
	rawclient_fork_at(client, serve, bytes, theirs[0], theirs[1]);
	close(theirs[0]);
	close(theirs[1]);
}

void rawclient_connect(struct rawclient *client, unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int tries = 0, error;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	do {
		client->to = client->from = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		error = connect(client->to, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
		if (error) {
			close(client->to);
			nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
		}
	} while (error == ECONNREFUSED && ++tries < 300);
	if (error)
		bench_fail("connect to an MCP server", error);
	make_room(client);
}

void rawclient_stop(struct rawclient *client)
{
	if (client->bytes)
		close(client->to);
	if (client->bytes && client->from != client->to)
		close(client->from);
	if (client->pid > 0) {
		kill(client->pid, SIGTERM);
		waitpid(client->pid, NULL, 0);
	}
	free(client->bytes);
}

/* Is that all of an HTTP response? */
static int is_whole(const char *bytes, size_t length)
{
	const char *end = memmem(bytes, length, "\r\n\r\n", 4);
	const char *header = end ? memmem(bytes, (size_t)(end - bytes), "Content-Length: ", 16) : NULL;

	if (!header) /* in chunks */
		return end && length > 7 && memcmp(bytes + length - 7, "\r\n0\r\n\r\n", 7) == 0;
	return length >= (size_t)(end + 4 - bytes) + strtoul(header + 16, NULL, 10);
}

size_t rawclient_ask(struct rawclient *client, const char *text, size_t length)
{
	size_t got = 0;
	int whole;

	if (write(client->to, text, length) != (ssize_t)length)
		bench_fail("ask an MCP server", errno);
	do {
		ssize_t n = read(client->from, client->bytes + got, client->size - 1 - got);

		if (n <= 0)
			bench_fail("hear from an MCP server", n < 0 ? errno : EPIPE);
		got += (size_t)n;
		client->bytes[got] = '\0';
		whole = client->from == client->to ? is_whole(client->bytes, got) : client->bytes[got - 1] == '\n';
	} while (!whole);
	return got;
}

void rawclient_measure(struct rawclient *client, const char *text, size_t length, long pause_ns, double *times,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t before = bench_now_ns();

		rawclient_ask(client, text, length);
		times[i] = (double)(bench_now_ns() - before) / 1e3;
		if (pause_ns)
			nanosleep(&(struct timespec){.tv_nsec = pause_ns}, NULL);
	}
	bench_sort(times, count);
}
