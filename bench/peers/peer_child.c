/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * peer_child DIR idle            says that it runs, by a file DIR/PID, and sleeps
 * peer_child DIR block MEBIBYTES writes so much in lines of 100 bytes, 64 KiB a write, then says that it is done
 * peer_child DIR line MEBIBYTES  the same, a line a write
 *
 * What every supervisor of `make peers` runs: so small that what is measured is the supervisor.
 */

#define LINE  100u
#define BLOCK (64u * 1024)

static int say(const char *dir)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/%d", dir, (int)getpid());
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return 1;
	close(fd);
	return 0;
}

static int write_all(const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t n = write(STDOUT_FILENO, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 1;
		bytes += n;
		length -= (size_t)n;
	}
	return 0;
}

static int flood(size_t bytes, size_t a_write)
{
	static char block[BLOCK];

	for (size_t i = 0; i < sizeof block; i++)
		block[i] = i % LINE == LINE - 1 ? '\n' : (char)('a' + i % 26);
	for (size_t done = 0; done < bytes; done += a_write)
		if (write_all(block, a_write) != 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[2], "idle") == 0) {
		if (say(argv[1]) != 0)
			return 1;
		for (;;)
			pause();
	}
	if (argc == 4) {
		size_t a_write = strcmp(argv[2], "line") == 0 ? LINE : BLOCK / LINE * LINE;

		if (flood(strtoul(argv[3], NULL, 10) << 20, a_write) != 0)
			return 1;
		return say(argv[1]);
	}
	fprintf(stderr, "usage: peer_child DIR idle | block MEBIBYTES | line MEBIBYTES\n");
	return 2;
}
