/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

static int file = -1;
static bool quiet;

int say_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -errno;
	file = fd;
	return 0;
}

void say_quiet(void)
{
	quiet = true;
	if (file >= 0)
		dup2(file, STDERR_FILENO);
}

static void write_line(int fd, const char *line, size_t length)
{
	ssize_t ignored = write(fd, line, length);

	(void)ignored; /* there is nobody else to tell */
}

static size_t put_time(char *out, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	return strftime(out, size, "%Y-%m-%dT%H:%M:%S%z ", localtime_r(&now, &tm));
}

void say(const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	size_t stamp = put_time(line, sizeof line), length = stamp;
	va_list args;
	int more;

	length += (size_t)snprintf(line + length, sizeof line - length, "brummerd: ");
	va_start(args, format);
	more = vsnprintf(line + length, sizeof line - length - 1, format, args);
	va_end(args);
	if (more > 0)
		length = length + (size_t)more < sizeof line - 2 ? length + (size_t)more : sizeof line - 2;
	line[length++] = '\n';
	if (!quiet)
		write_line(STDERR_FILENO, line + stamp, length - stamp);
	if (file >= 0)
		write_line(file, line, length);
}
