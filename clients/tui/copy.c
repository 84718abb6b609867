/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/tui/tui.h"

/*
 * Copying: through tmux where it is, which works with its default settings; else by the terminal (OSC 52), which gives
 * no answer; what is too long for that, by the desktop's own program.
 */

#define OSC52_MAX 74994 /* bytes before encoding: what common terminals take */

struct copy_job {
	struct job job;
	const char *const *argv;
	char *text;
	size_t length;
	char what[BRM_NAME_MAX];
	bool failed;
};

static const char *const by_tmux[] = {"tmux", "load-buffer", "-w", "-", NULL};
static const char *const by_wayland[] = {"wl-copy", NULL};
static const char *const by_x11[] = {"xclip", "-selection", "clipboard", NULL};

static _Noreturn void become(const char *const *argv, int in)
{
	int null = open("/dev/null", O_WRONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(in, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static bool feed_program(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

static void copy_work(struct job *base)
{
	struct copy_job *job = (struct copy_job *)base;
	int ends[2], status = 0;
	pid_t pid;

	job->failed = true;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	pid = fork();
	if (pid == 0)
		become(job->argv, ends[0]);
	close(ends[0]);
	if (pid > 0)
		job->failed = !feed_program(ends[1], job->text, job->length);
	close(ends[1]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	job->failed = job->failed || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void copy_done(struct job *base, void *arg)
{
	struct copy_job *job = (struct copy_job *)base;
	struct tui *tui = arg;

	if (job->failed)
		tui_say(tui, TONE_FAILED, "cannot copy %s: %s did not take it", job->what, job->argv[0]);
	else
		tui_say(tui, TONE_DONE, "copied %s", job->what);
	free(job->text);
	free(job);
}

static void copy_by_program(struct tui *tui, const char *const *argv, const char *text, size_t length, const char *what)
{
	struct copy_job *job = calloc(1, sizeof *job);

	if (job) {
		job->job = (struct job){.work = copy_work, .done = copy_done};
		job->argv = argv;
		job->text = strndup(text, length);
		job->length = length;
		snprintf(job->what, sizeof job->what, "%s", what);
	}
	if (job && job->text && jobs_start(tui->jobs, &job->job) == 0)
		return;
	tui_say(tui, TONE_FAILED, "cannot copy %s: out of memory", what);
	if (job)
		free(job->text);
	free(job);
}

static void put_base64(struct tty *tty, const char *text, size_t length)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *at = (const unsigned char *)text;

	for (size_t i = 0; i < length; i += 3) {
		uint32_t value = (uint32_t)at[i] << 16;
		char out[4];

		value |= i + 1 < length ? (uint32_t)at[i + 1] << 8 : 0;
		value |= i + 2 < length ? at[i + 2] : 0;
		for (unsigned n = 0; n < 4; n++)
			out[n] = n <= length - i ? digits[value >> (18 - 6 * n) & 63] : '=';
		tty_put(tty, out, sizeof out);
	}
}

void copy_text(struct tui *tui, const char *text, size_t length, const char *what)
{
	if (getenv("TMUX")) {
		copy_by_program(tui, by_tmux, text, length, what);
	} else if (length <= OSC52_MAX && tui->tty.asks) {
		tty_print(&tui->tty, "\033]52;c;");
		put_base64(&tui->tty, text, length);
		tty_print(&tui->tty, "\033\\");
		tui_say(tui, TONE_DONE, "sent %s to the terminal's clipboard", what);
	} else if (getenv("WAYLAND_DISPLAY")) {
		copy_by_program(tui, by_wayland, text, length, what);
	} else if (getenv("DISPLAY")) {
		copy_by_program(tui, by_x11, text, length, what);
	} else {
		tui_say(tui, TONE_FAILED, "cannot copy %s: there is no way to a clipboard here", what);
	}
}
