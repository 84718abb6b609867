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
#include <sys/stat.h>
#include <unistd.h>

#define SOCKETS_MAX 65536u /* of one run */
#define LISTENING   0x0a   /* TCP_LISTEN, in the kernel's tables */

/* The inodes of the sockets that are held. */
struct sockets {
	uint64_t *inodes;
	size_t count;
	size_t room;
};

struct listener {
	uint64_t inode; /* of its socket */
	uint16_t port;
};

struct port_table {
	struct port_table *next;
	dev_t device; /* of the namespace's file, with its inode */
	ino_t inode;
	struct listener *listeners;
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

/* What a line of /proc/net/tcp says of a socket that listens. */
static bool parse_line(const char *line, struct listener *out)
{
	unsigned port, state;

	if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%x %*s %x %*s %*s %*s %*u %*d %" SCNu64, &port, &state, &out->inode) != 3)
		return false;
	out->port = (uint16_t)port;
	return state == LISTENING && port > 0 && port <= UINT16_MAX;
}

static int add_listener(struct port_table *table, const struct listener *listener)
{
	if (table->count == table->room) {
		size_t room = table->room ? 2 * table->room : 64;
		struct listener *more = realloc(table->listeners, room * sizeof *more);

		if (!more)
			return -ENOMEM;
		table->listeners = more;
		table->room = room;
	}
	table->listeners[table->count++] = *listener;
	return 0;
}

static int read_table(struct port_table *table, pid_t pid, const char *name)
{
	char path[64], line[512];
	struct listener listener;
	FILE *file;
	int rc = 0;

	snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (rc == 0 && fgets(line, sizeof line, file))
		if (parse_line(line, &listener))
			rc = add_listener(table, &listener);
	fclose(file);
	return rc;
}

/* Those who listen in the network namespace of a process: read once a round. NULL: it is gone, or no memory. */
static const struct port_table *table_of(struct port_round *round, pid_t pid)
{
	struct port_table *table;
	struct stat st;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
	if (stat(path, &st) != 0)
		return NULL;
	for (table = round->tables; table; table = table->next)
		if (table->device == st.st_dev && table->inode == st.st_ino)
			return table;
	table = calloc(1, sizeof *table);
	if (!table)
		return NULL;
	table->device = st.st_dev;
	table->inode = st.st_ino;
	if (read_table(table, pid, "tcp") != 0 || read_table(table, pid, "tcp6") != 0) {
		free(table->listeners);
		free(table);
		return NULL;
	}
	table->next = round->tables;
	round->tables = table;
	return table;
}

void ports_end(struct port_round *round)
{
	while (round->tables) {
		struct port_table *table = round->tables;

		round->tables = table->next;
		free(table->listeners);
		free(table);
	}
}

static bool has_port(const uint16_t *ports, size_t count, uint16_t port)
{
	for (size_t i = 0; i < count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static size_t match(const struct port_table *table, const struct sockets *sockets, uint16_t *ports, size_t max)
{
	size_t found = 0;

	for (size_t i = 0; i < table->count && found < max; i++) {
		const struct listener *listener = &table->listeners[i];

		if (bsearch(&listener->inode, sockets->inodes, sockets->count, sizeof *sockets->inodes, by_inode) &&
		    !has_port(ports, found, listener->port))
			ports[found++] = listener->port;
	}
	qsort(ports, found, sizeof *ports, by_port);
	return found;
}

int ports_of(struct port_round *round, const pid_t *pids, size_t count, uint16_t *ports, size_t max)
{
	const struct port_table *table = NULL;
	struct sockets sockets = {0};
	size_t found = 0;
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = add_process(&sockets, pids[i]);
	if (rc == 0 && sockets.count > 0) {
		table = table_of(round, pids[0]);
		rc = table ? 0 : -ENOENT;
	}
	if (table) {
		qsort(sockets.inodes, sockets.count, sizeof *sockets.inodes, by_inode);
		found = match(table, &sockets, ports, max);
	}
	free(sockets.inodes);
	return rc != 0 ? rc : (int)found;
}
