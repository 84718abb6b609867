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
 * What other programs do for us.
 *
 * Copying: through tmux where it is, which works with its default settings; else by the terminal (OSC 52), which gives
 * no answer; what is too long for that, by the desktop's own program. Opening: $BROWSER or xdg-open, never by a shell.
 */

#define OSC52_MAX 74994 /* bytes before encoding: what common terminals take */

/* A program to be run, and what it reads. */
struct errand {
	struct job job;
	const char *argv[6];
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
	setsid();
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

static void errand_work(struct job *base)
{
	struct errand *job = (struct errand *)base;
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
	struct errand *job = (struct errand *)base;
	struct tui *tui = arg;

	if (job->failed)
		tui_say(tui, TONE_FAILED, "cannot copy %s: %s did not take it", job->what, job->argv[0]);
	else
		tui_say(tui, TONE_DONE, "copied %s", job->what);
	free(job->text);
	free(job);
}

/* Begin an errand; argv holds at most five words. False: it could not be. */
static bool send_errand(struct tui *tui, const char *const *argv, const char *text, size_t length, const char *what,
			void (*done)(struct job *job, void *arg))
{
	struct errand *job = calloc(1, sizeof *job);

	if (job) {
		job->job = (struct job){.work = errand_work, .done = done};
		for (size_t i = 0; i < 5 && argv[i]; i++)
			job->argv[i] = argv[i];
		job->text = malloc(length + 1);
		job->length = length;
		snprintf(job->what, sizeof job->what, "%s", what);
	}
	if (job && job->text) {
		memcpy(job->text, text, length);
		if (jobs_start(tui->jobs, &job->job) == 0)
			return true;
	}
	if (job)
		free(job->text);
	free(job);
	return false;
}

static void copy_by_program(struct tui *tui, const char *const *argv, const char *text, size_t length, const char *what)
{
	if (!send_errand(tui, argv, text, length, what, copy_done))
		tui_say(tui, TONE_FAILED, "cannot copy %s: out of memory", what);
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

int run_program(struct tui *tui, const char *const *argv)
{
	int status = 0;
	sigset_t none;
	pid_t pid;

	tty_leave(&tui->tty);
	pid = fork();
	if (pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	tty_enter(&tui->tty);
	screen_redraw(tui->screen);
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) != 127)
		return WEXITSTATUS(status);
	tui_say(tui, TONE_FAILED, "cannot run %s", argv[0]);
	return -1;
}

bool run_quietly(const char *const *argv, int out)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		dup2(out, STDOUT_FILENO);
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void copy_text(struct tui *tui, const char *text, size_t length, const char *what)
{
	if (getenv("TMUX")) {
		copy_by_program(tui, by_tmux, text, length, what);
	} else if (length <= OSC52_MAX && tui->tty.asks && !tui->options.copy_by_program) {
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

static void open_done(struct job *base, void *arg)
{
	struct errand *job = (struct errand *)base;
	struct tui *tui = arg;

	if (job->failed)
		tui_say(tui, TONE_FAILED, "cannot open %s: %s did not do it", job->what, job->argv[0]);
	free(job->text);
	free(job);
}

void open_url(struct tui *tui, const char *url)
{
	static char kept[1024]; /* outlives the errand */
	const char *browser = getenv("BROWSER");
	const char *argv[] = {browser && *browser ? browser : "xdg-open", kept, NULL};

	if (!(browser && *browser) && getenv("SSH_CONNECTION")) {
		copy_text(tui, url, strlen(url), "the URL, as this is a remote session,");
		return;
	}
	snprintf(kept, sizeof kept, "%s", url);
	if (send_errand(tui, argv, "", 0, kept, open_done))
		tui_say(tui, TONE_NEWS, "opening %s", kept);
	else
		tui_say(tui, TONE_FAILED, "cannot open %s: out of memory", kept);
}
