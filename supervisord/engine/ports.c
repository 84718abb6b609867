/* SPDX-License-Identifier: MIT */
#include "engine/ports.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOCKETS_MAX 65536u /* of one run */
#define LISTENING   0x0a   /* TCP_LISTEN, in the kernel's tables */

/* The inodes of the sockets that are held. */
struct sockets {
	uint64_t *inodes;
	size_t count;
	size_t room;
};

static int add_socket(struct sockets *sockets, uint64_t inode)
{
	if (sockets->count == sockets->room) {
		size_t room = sockets->room ? 2 * sockets->room : 64;
		uint64_t *more = room <= SOCKETS_MAX ? realloc(sockets->inodes, room * sizeof *more) : NULL;

		if (!more)
			return -ENOMEM;
		sockets->inodes = more;
		sockets->room = room;
	}
	sockets->inodes[sockets->count++] = inode;
	return 0;
}

static int add_descriptor(struct sockets *sockets, int dir, const char *name)
{
	char target[64];
	ssize_t length = readlinkat(dir, name, target, sizeof target - 1);
	uint64_t inode;

	if (length < 0)
		return 0; /* closed meanwhile */
	target[length] = '\0';
	return sscanf(target, "socket:[%" SCNu64 "]", &inode) == 1 ? add_socket(sockets, inode) : 0;
}

static int add_process(struct sockets *sockets, pid_t pid)
{
	const struct dirent *entry;
	char path[64];
	DIR *dir;
	int rc = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return 0; /* gone, or of another user */
	while (rc == 0 && (entry = readdir(dir)))
		rc = add_descriptor(sockets, dirfd(dir), entry->d_name);
	closedir(dir);
	return rc;
}

static int by_inode(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int by_port(const void *a, const void *b)
{
	return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

/* The port of a line of /proc/net/tcp, if it listens and its socket is held; 0 if not. */
static uint16_t port_of(const char *line, const struct sockets *sockets)
{
	unsigned port, state;
	uint64_t inode;

	if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*u %*d %" SCNu64, &port, &state, &inode) != 3)
		return 0;
	if (state != LISTENING || port == 0 || port > UINT16_MAX)
		return 0;
	return bsearch(&inode, sockets->inodes, sockets->count, sizeof inode, by_inode) ? (uint16_t)port : 0;
}

static bool has_port(const uint16_t *ports, size_t count, uint16_t port)
{
	for (size_t i = 0; i < count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static size_t match_table(pid_t pid, const char *table, const struct sockets *sockets, uint16_t *ports, size_t count,
			  size_t max)
{
	char path[64], line[512];
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, table);
	file = fopen(path, "re");
	if (!file)
		return count;
	while (count < max && fgets(line, sizeof line, file)) {
		uint16_t port = port_of(line, sockets);

		if (port && !has_port(ports, count, port))
			ports[count++] = port;
	}
	fclose(file);
	return count;
}

int ports_of(const pid_t *pids, size_t count, uint16_t *ports, size_t max)
{
	struct sockets sockets = {0};
	size_t found = 0;
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = add_process(&sockets, pids[i]);
	if (rc == 0 && sockets.count > 0) {
		qsort(sockets.inodes, sockets.count, sizeof *sockets.inodes, by_inode);
		found = match_table(pids[0], "tcp", &sockets, ports, found, max);
		found = match_table(pids[0], "tcp6", &sockets, ports, found, max);
		qsort(ports, found, sizeof *ports, by_port);
	}
	free(sockets.inodes);
	return rc != 0 ? rc : (int)found;
}
