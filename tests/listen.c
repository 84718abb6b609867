/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * listen MIB: a server of no use, for tests: listens on some port of the loopback in a process of its own, says its URL
 * twice, in colours, and has MIB mebibytes of memory in use.
 */
int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	size_t bytes = (size_t)(argc > 1 ? atoi(argv[1]) : 0) << 20;
	volatile char *memory = malloc(bytes + 1);
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (!memory || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		return 1;
	for (size_t i = 0; i < bytes; i += 512)
		memory[i] = 1;
	if (fork() == 0) {
		pause();
		_exit(0);
	}
	close(fd);
	for (int i = 0; i < 2; i++)
		printf("ready: \033[36mhttp://0.0.0.0:\033[1m%d\033[22m/\033[39m.\n", ntohs(address.sin_port));
	fflush(stdout);
	pause();
	return 0;
}
