/* SPDX-License-Identifier: MIT */
#include "engine/proc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ssize_t proc_read(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64];
	size_t length = 0;
	ssize_t got;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	while ((got = read(fd, buf + length, size - 1 - length)) > 0)
		length += (size_t)got;
	got = got < 0 ? -errno : (ssize_t)length;
	close(fd);
	buf[length] = '\0';
	return got;
}

int proc_stat(pid_t pid, struct proc_stat *out)
{
	char buf[1024];
	ssize_t length = proc_read(pid, "stat", buf, sizeof buf);
	unsigned threads;
	char state;
	char *rest;

	if (length < 0)
		return (int)length;
	rest = strrchr(buf, ')'); /* a name may hold anything, parentheses and blanks as well */
	if (!rest ||
	    sscanf(rest + 1, " %c %d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %u %*d %" SCNu64,
		   &state, &out->ppid, &out->session, &threads, &out->start) != 5)
		return -EIO;
	/* A first thread that has ended shows as dead though others go on. */
	out->dead = (state == 'Z' || state == 'X') && threads <= 1;
	return 0;
}

char *proc_children(pid_t pid)
{
	char path[64];
	char *text = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = strdup("");
	}
	fclose(file);
	return text;
}

int proc_each(void (*each)(pid_t pid, void *arg), void *arg)
{
	const struct dirent *entry;
	DIR *proc = opendir("/proc");

	if (!proc)
		return -errno;
	while ((entry = readdir(proc))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (*end == '\0' && pid > 0)
			each((pid_t)pid, arg);
	}
	closedir(proc);
	return 0;
}
