/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "keeper/inner.h"

/* A path, or an abstract name that begins with '@'. The length, 0: it cannot be an address. */
static socklen_t make_address(const char *name, struct sockaddr_un *out)
{
	size_t length = strlen(name);

	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof out->sun_path)
		return 0;
	memcpy(out->sun_path, name, length);
	if (name[0] == '@')
		out->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

void notify(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;
	socklen_t length = name ? make_address(name, &address) : 0;
	struct timespec now;
	char text[160];
	int fd, size;

	if (length == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	size = snprintf(text, sizeof text, "%s\nMAINPID=%d\nMONOTONIC_USEC=%llu\n", state, (int)getpid(),
			(unsigned long long)now.tv_sec * 1000000u + (unsigned long long)now.tv_nsec / 1000u);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, text, (size_t)size, MSG_NOSIGNAL, (const struct sockaddr *)&address, length);
	close(fd);
}
