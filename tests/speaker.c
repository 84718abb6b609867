/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/*
 * speaker - says of itself what readiness and liveness checks want to hear
 *
 *  speaker http PORT FILE   answers 200 as long as FILE exists, 503 without it
 *  speaker tell TEXT        sends a datagram to NOTIFY_SOCKET, as sd_notify(3) does, and ends
 *  speaker insist TEXT      the same, and stays
 */

static int listen_on(const char *port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 16) != 0)
		exit(1);
	return fd;
}

static int serve(const char *port, const char *file)
{
	int listener = listen_on(port);
	char request[4096];

	for (;;) {
		int fd = accept(listener, NULL, NULL);
		const char *answer = access(file, F_OK) == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
							     : "HTTP/1.1 503 Not yet\r\nContent-Length: 0\r\n\r\n";

		if (read(fd, request, sizeof request) > 0 && write(fd, answer, strlen(answer)) < 0)
			return 1;
		close(fd);
	}
}

static int tell(const char *text)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	size_t length = name ? strlen(name) : 0;

	if (length == 0 || length >= sizeof address.sun_path)
		return 2;
	memcpy(address.sun_path, name, length);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	return sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address,
		      (socklen_t)(sizeof address.sun_family + length)) < 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "http") == 0)
		return serve(argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "tell") == 0)
		return tell(argv[2]);
	if (argc == 3 && strcmp(argv[1], "insist") == 0 && tell(argv[2]) == 0)
		pause();
	return 2;
}
