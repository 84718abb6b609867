/* SPDX-License-Identifier: MIT */
#include "clients/common/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/common/find.h"

#define SAID_MAX (64l << 20)

/* In the child: nothing here allocates. */
static _Noreturn void become(const char *path, char *const *argv, int out, int err)
{
	int in = open("/dev/null", O_RDONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (in >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2)
		execv(path, argv);
	_exit(127);
}

/* A child that has ended is readable on its pidfd. 0, -ETIMEDOUT, -errno */
static int wait_end(pid_t pid, int64_t timeout_ns, int *status)
{
	struct pollfd end = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
	int rc;

	if (end.fd < 0)
		return -errno;
	do
		rc = poll(&end, 1, timeout_ns < 0 ? -1 : (int)(timeout_ns / 1000000));
	while (rc < 0 && errno == EINTR);
	rc = rc > 0 ? 0 : rc == 0 ? -ETIMEDOUT : -errno;
	if (rc != 0)
		kill(pid, SIGKILL);
	close(end.fd);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return rc;
}

/* What was written to a memory file, NUL-terminated. */
static int read_back(int fd, char **out, size_t *length)
{
	struct stat st;
	size_t used = 0;
	ssize_t got;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (st.st_size > SAID_MAX)
		return -EFBIG;
	*out = malloc((size_t)st.st_size + 1);
	if (!*out)
		return -ENOMEM;
	while (used < (size_t)st.st_size && (got = pread(fd, *out + used, (size_t)st.st_size - used, (off_t)used)) > 0)
		used += (size_t)got;
	(*out)[used] = '\0';
	*length = used;
	return 0;
}

static int run(const char *path, const char *const *argv, int64_t timeout_ns, const int files[2], struct said *said)
{
	pid_t pid = fork();
	size_t length;
	int rc;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		become(path, (char *const *)argv, files[0], files[1]);
	rc = wait_end(pid, timeout_ns, &said->status);
	if (rc == 0)
		rc = read_back(files[0], &said->out, &said->out_length);
	if (rc == 0)
		rc = read_back(files[1], &said->err, &length);
	return rc;
}

int program_run(const char *const *argv, int64_t timeout_ns, struct said *out)
{
	/* Files, not pipes: a daemon that keeps one open blocks nobody and gets no SIGPIPE. */
	int files[2] = {memfd_create("out", MFD_CLOEXEC), memfd_create("err", MFD_CLOEXEC)};
	struct said said = {0};
	char path[PATH_MAX];
	int rc = find_program(argv[0], path, sizeof path);

	if (rc == 0 && (files[0] < 0 || files[1] < 0))
		rc = -EMFILE;
	if (rc == 0)
		rc = run(path, argv, timeout_ns, files, &said);
	for (int i = 0; i < 2; i++)
		if (files[i] >= 0)
			close(files[i]);
	if (rc == 0)
		*out = said;
	else
		said_finish(&said);
	return rc;
}

void said_finish(struct said *said)
{
	free(said->out);
	free(said->err);
	*said = (struct said){0};
}

/* Lines with something in them. */
static unsigned count_lines(const char *text)
{
	unsigned count = 0;

	while (*(text += strspn(text, "\n"))) {
		text += strcspn(text, "\n");
		count++;
	}
	return count;
}

void said_why(const struct said *said, const char *program, char *out, size_t size)
{
	const char *text = said->err;
	size_t length = strlen(program);
	unsigned lines;

	if (strncmp(text, program, length) == 0 && strncmp(text + length, ": ", 2) == 0)
		text += length + 2;
	lines = count_lines(text);
	length = strcspn(text, "\n");
	if (lines > 1)
		snprintf(out, size, "%.*s (and %u more)", (int)length, text, lines - 1);
	else
		snprintf(out, size, "%.*s", (int)length, text);
	if (*out)
		return;
	if (WIFSIGNALED(said->status))
		snprintf(out, size, "%s was ended by signal %d", program, WTERMSIG(said->status));
	else
		snprintf(out, size, "%s exited with %d", program, WEXITSTATUS(said->status));
}
