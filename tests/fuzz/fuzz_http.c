/* SPDX-License-Identifier: MIT */
/*
 * fuzz_http.c - brummer-mcp's transport over HTTP against hostile clients
 *
 * The input is what a client sends over one connection: requests, one after another. Nothing may crash, hang or leak,
 * and each answer is one of HTTP.
 */
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/mcp/http.h"
#include "tests/fuzz/mcp_instance.h"

#define TURNS 64 /* of the loop, at most */

static struct server *server;
static struct sockaddr_in address;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct http *http;

	(void)argc, (void)argv;
	signal(SIGPIPE, SIG_IGN);
	server = mcp_instance_open();
	must(http_open(server, &(struct http_options){.place = "0"}, &http) == 0, "http");
	address = (struct sockaddr_in){.sin_family = AF_INET,
				       .sin_port = htons((uint16_t)atoi(strrchr(http_url(http), ':') + 1)),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return 0;
}

/* What has come by now. False: the server ended the connection. */
static bool hear(int fd, bool *first)
{
	char bytes[65536];
	ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);

	if (n > 0 && *first) {
		if (n < 9 || memcmp(bytes, "HTTP/", 5) != 0)
			abort();
		*first = false;
	}
	return n != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct linger at_once = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool first = true;

	must(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "connect");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	if (send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 && size % 2 == 0)
		shutdown(fd, SHUT_WR);
	for (int i = 0; i < TURNS; i++) {
		event_base_loop(server->options.base, EVLOOP_NONBLOCK);
		if (!hear(fd, &first))
			break;
	}
	close(fd);
	event_base_loop(server->options.base, EVLOOP_NONBLOCK);
	return 0;
}
