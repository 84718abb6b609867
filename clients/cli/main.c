/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/cli/cli.h"

static bool silent;
static char output[1 << 14];

__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args)
{
	if (silent)
		return;
	fflush(stdout);
	fputs("brummer-cli: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int fail(int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return status;
}

void warn(const struct cli *cli, const char *format, ...)
{
	va_list args;

	if (cli->quiet)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

void *must(void *memory)
{
	if (!memory)
		exit(fail(EXIT_FAILED, "cannot go on: no memory"));
	return memory;
}

/*
 * A descriptor 0, 1 or 2 that is closed would be taken by the next file that is opened, and be written to. What stands
 * in for it cannot be written, so that a closed standard output is noticed.
 */
static void fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDONLY) < 0)
			_exit(EXIT_FAILED);
}

/* What could not be written is known at the end at the latest. */
static int finish_output(int status)
{
	bool failed = ferror(stdout) != 0;
	int error = errno;

	if (fflush(stdout) != 0) {
		failed = true;
		error = errno;
	}
	if (!failed)
		return status;
	return fail(EXIT_FAILED, "cannot write to standard output: %s", strerror(error));
}

/* The small program does what it fully understands; what is wrong the whole one says. */
static int parse(struct cli *cli, int argc, char **argv)
{
	/* Parsing moves the words. */
	char **words = become_whole ? must(calloc((size_t)argc + 1, sizeof *words)) : NULL;
	int status;

	for (int i = 0; words && i < argc; i++)
		words[i] = argv[i];
	silent = become_whole != NULL;
	status = options_parse(cli, argc, argv);
	silent = false;
	if (words && (status != EXIT_DONE || cli->read_path != READ_SHM ||
		      (cli->command->is_heavy && cli->command->is_heavy(cli))))
		become_whole(words);
	free(words);
	return status;
}

int main(int argc, char **argv)
{
	struct cli cli = {.header = true};
	int status;

	fill_standard_descriptors();
	setvbuf(stdout, output, _IOFBF, sizeof output);
	status = parse(&cli, argc, argv);
	if (status == EXIT_DONE)
		status = cli.command->run(&cli);
	return finish_output(status);
}
