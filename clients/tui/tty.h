/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_TTY_H
#define CLIENTS_TUI_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "clients/tui/input.h"

/*
 * tui/tty.h - the terminal: opened, changed, and always put back
 *
 * The descriptor is an own opening of the terminal, non-blocking without changing that for the shell. What was changed
 * is put back on every way out: tty_leave(), suspension, and crashes, where a handler does it with nothing but
 * async-signal-safe calls.
 *
 * Errors   Functions return 0 or a negated errno value.
 * Threads  One terminal a process.
 * Signals  tty_open() installs handlers for SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT and SIGQUIT.
 */

struct tty {
	int fd;
	struct termios saved;
	bool entered;
	bool mouse;
	bool sync; /* frames go between begin and end of a synchronized update */
	bool asks; /* it may be asked questions */
	char name[64];
	char cursor_off[32];
	char cursor_on[32];
	char screen_on[64];
	char screen_off[64];
	char plain[64];    /* attributes off */
	void *description; /* terminfo's; the strings point into it */
	struct input_string strings[32];
	char *out; /* bytes on their way */
	size_t out_length;
	size_t out_size;
	size_t out_sent;
};

/*
 * Look whether a screen is possible here: 0 and the terminal described, or the reason in *why, which is static or in
 * the environment.
 *
 *  -ENOTTY   input or output is no terminal
 *  -ENOTSUP  the terminal cannot do it
 *  -ENOENT   it is not known here
 */
int tty_open(struct tty *tty, const char **why);
void tty_close(struct tty *tty);

/* Begin and end with the screen: modes, alternate screen, cursor. tty_leave() waits a moment for what is unsent. */
int tty_enter(struct tty *tty);
void tty_leave(struct tty *tty);

/* Stop this process group as Ctrl-Z does, with the terminal as it was; returns when it is continued. */
void tty_suspend(struct tty *tty);

void tty_mouse(struct tty *tty, bool on);
int tty_size(const struct tty *tty, int *rows, int *cols);

/* Ask for the background's colour, for synchronized updates, and how wide an ambiguous character is. */
void tty_ask(struct tty *tty, bool utf8);

/* Add bytes to what is to be sent; send what can be sent now. False from flush: the terminal is gone. */
void tty_put(struct tty *tty, const char *bytes, size_t length);
void tty_print(struct tty *tty, const char *text);
bool tty_flush(struct tty *tty);
bool tty_pending(const struct tty *tty);

#endif
