/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/common/fields.h"

/* Not every C library has sigabbrev_np(). */
static const char *const names[] = {
	[SIGHUP] = "HUP",       [SIGINT] = "INT",   [SIGQUIT] = "QUIT",   [SIGILL] = "ILL",   [SIGTRAP] = "TRAP",
	[SIGABRT] = "ABRT",     [SIGBUS] = "BUS",   [SIGFPE] = "FPE",     [SIGKILL] = "KILL", [SIGUSR1] = "USR1",
	[SIGSEGV] = "SEGV",     [SIGUSR2] = "USR2", [SIGPIPE] = "PIPE",   [SIGALRM] = "ALRM", [SIGTERM] = "TERM",
	[SIGSTKFLT] = "STKFLT", [SIGCHLD] = "CHLD", [SIGCONT] = "CONT",   [SIGSTOP] = "STOP", [SIGTSTP] = "TSTP",
	[SIGTTIN] = "TTIN",     [SIGTTOU] = "TTOU", [SIGURG] = "URG",     [SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ",
	[SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH", [SIGPOLL] = "POLL", [SIGPWR] = "PWR",
	[SIGSYS] = "SYS",
};

const char *signal_word(int signal)
{
	static _Thread_local char word[24];
	const char *name = signal > 0 && (size_t)signal < sizeof names / sizeof *names ? names[signal] : NULL;

	if (name)
		snprintf(word, sizeof word, "SIG%s", name);
	else if (signal >= SIGRTMIN && signal <= SIGRTMAX)
		snprintf(word, sizeof word, signal == SIGRTMIN ? "SIGRTMIN" : "SIGRTMIN+%d", signal - SIGRTMIN);
	else
		snprintf(word, sizeof word, "signal %d", signal);
	return word;
}

int signal_parse(const char *word, int *signal)
{
	char *end;
	long number = strtol(word, &end, 10);

	if (end != word) {
		if (*end || number < 1 || number > SIGRTMAX)
			return -EINVAL;
		*signal = (int)number;
		return 0;
	}
	if (strncasecmp(word, "SIG", 3) == 0)
		word += 3;
	for (int i = 1; i <= SIGRTMAX; i++) {
		const char *name = signal_word(i);

		if (strncmp(name, "SIG", 3) == 0 && strcasecmp(name + 3, word) == 0) {
			*signal = i;
			return 0;
		}
	}
	return -EINVAL;
}
