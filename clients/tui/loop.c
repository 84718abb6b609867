/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clients/tui/tui.h"

/*
 * The loop: one poll on the terminal, signals, the doorbell and the jobs, with a time limit only when something visible
 * changes at that time.
 */

#define FRAME_NS   UINT64_C(16700000) /* between frames */
#define ESCAPE_NS  UINT64_C(25000000) /* a lone ESC is the key after this */
#define ESCAPE_SSH UINT64_C(50000000)
#define ERRORS_NS  UINT64_C(1000000000)  /* between looks for errors in logs that have grown */
#define AT_REST_NS UINT64_C(10000000000) /* a look at the supervisor's health */

enum { ON_TERMINAL, ON_SIGNAL, ON_BELL, ON_JOBS, ON_COUNT };

struct loop {
	struct tui *tui;
	int signals;
	struct pollfd fds[ON_COUNT];
	uint64_t frame_boot_ns;  /* of the last frame */
	uint64_t escape_boot_ns; /* when what has begun as an escape sequence is what it is; 0: nothing has */
	uint64_t marks_serial;
	bool gone; /* the terminal */
};

static int open_signals(void)
{
	static const int signals[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -errno;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void take_size(struct tui *tui)
{
	int rows, cols;

	if (tty_size(&tui->tty, &rows, &cols) != 0 || (rows == tui->cells.rows && cols == tui->cells.cols))
		return;
	if (cells_resize(&tui->cells, rows, cols) != 0)
		return;
	screen_resize(tui->screen, rows, cols);
	tui->dirty = true;
}

static void on_signal(struct loop *loop, unsigned number)
{
	struct tui *tui = loop->tui;

	switch (number) {
	case SIGTSTP:
		tty_suspend(&tui->tty);
		screen_redraw(tui->screen);
		break;
	case SIGCONT:
		if (tui->tty.entered) { /* it was stopped without our help */
			tui->tty.entered = false;
			tty_enter(&tui->tty);
			screen_redraw(tui->screen);
		}
		break;
	case SIGTERM:
	case SIGHUP:
	case SIGINT:
		tui->leaving = tui->silent = true;
		break;
	default:
		break;
	}
	tui->dirty = true;
}

static void read_signals(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof info) == (ssize_t)sizeof info)
		on_signal(loop, info.ssi_signo);
}

static uint64_t escape_time(void)
{
	return getenv("SSH_CONNECTION") ? ESCAPE_SSH : ESCAPE_NS;
}

static void drain_input(struct loop *loop, bool expired)
{
	struct event event;

	while (input_next(&loop->tui->input, expired, &event) && !loop->tui->leaving) {
		tui_event(loop->tui, &event);
		/* What follows means what this one brought about, though there was no time to show it. */
		if (loop->tui->input.length > 0 && (event.kind == EVENT_KEY || event.kind == EVENT_MOUSE))
			tui_compose(loop->tui);
	}
	loop->escape_boot_ns = input_waits(&loop->tui->input) ? now_read().boot_ns + escape_time() : 0;
}

static void read_terminal(struct loop *loop)
{
	char bytes[INPUT_MAX];
	ssize_t n = read(loop->tui->tty.fd, bytes, sizeof bytes);
	size_t fed = 0;

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		loop->gone = true;
		return;
	}
	while (n > 0 && fed < (size_t)n) {
		fed += input_feed(&loop->tui->input, bytes + fed, (size_t)n - fed);
		drain_input(loop, false);
	}
}

/* The sum of the log marks of what is on the screen: another one means there are new lines. */
static bool have_logs_changed(struct loop *loop)
{
	struct tui *tui = loop->tui;
	struct logset *set = tui->view == &view_logs ? &tui->logs.set : &tui->side.set;
	struct brm_reader *reader = feed_reader(&tui->feed);
	uint64_t serial = 0;

	for (int i = 0; reader && i < set->count; i++) {
		struct brm_handle handle = {set->sources[i].entry, set->sources[i].tenant};
		struct brm_log_mark mark;

		if (brm_reader_log_mark(reader, handle, &mark) == 0)
			serial += mark.lines;
	}
	if (serial == loop->marks_serial)
		return false;
	loop->marks_serial = serial;
	tui->logs.counting = tui->logs.match.text[0] != '\0';
	return true;
}

static void on_bell(struct loop *loop)
{
	struct tui *tui = loop->tui;

	if (feed_look(&tui->feed, tui->jobs))
		tui_snapshot(tui);
	tui->errors.due = true;
	tui->dirty = tui->dirty || tui->overlay == &overlay_terminal;
	if (have_logs_changed(loop))
		tui->dirty = true;
}

static void draw_frame(struct loop *loop)
{
	struct tui *tui = loop->tui;

	tui->dirty = false;
	take_size(tui);
	tui_compose(tui);
	screen_draw(tui->screen, &tui->cells, tui->cursor_row, tui->cursor_col,
		    tui->cursor_visible || tui->options.cursor_visible);
	loop->frame_boot_ns = tui->ticker.now.boot_ns;
	if (!tty_flush(&tui->tty))
		loop->gone = true;
	if (tui->side.unfinished || tui->logs.unfinished || tui->redraw_soon)
		tui->dirty = true;
	tui->redraw_soon = false;
}

/* A slice of a search that is under way. */
static void step_jump(struct tui *tui)
{
	struct logpane *pane = &tui->logs;
	const char *what = pane->jump == JUMP_ERROR ? "error" : "match";
	int arrived = logpane_step(pane);

	if (arrived == -ENOENT)
		tui_say(tui, TONE_NEWS, "there is no %s %s this", what, pane->jump_back ? "before" : "after");
	tui->dirty = tui->dirty || arrived != 0;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return b == 0 || (a != 0 && a < b) ? a : b;
}

static bool is_counting(const struct tui *tui)
{
	return tui->logs.counting && tui->view == &view_logs;
}

/* When to wake without being rung, CLOCK_BOOTTIME. */
static uint64_t next_wake(const struct loop *loop, uint64_t now)
{
	const struct tui *tui = loop->tui;
	uint64_t at = now + AT_REST_NS;

	if (tui->logs.jump != JUMP_NONE || is_counting(tui))
		return now;
	if (tui->dirty && !tty_pending(&tui->tty))
		at = earlier(loop->frame_boot_ns + FRAME_NS, at);
	at = earlier(tui->ticker.next_boot_ns, at);
	at = earlier(loop->escape_boot_ns, at);
	if (tui->errors.due && feed_snapshot(&tui->feed))
		at = earlier(tui->errors.all.looked_boot_ns + ERRORS_NS, at);
	return earlier(tui->feed.retry_boot_ns, at);
}

static void wait_for_something(struct loop *loop)
{
	struct tui *tui = loop->tui;
	uint64_t now = now_read().boot_ns, at = next_wake(loop, now);
	uint64_t wait = at > now ? at - now : 0;
	struct timespec limit = {.tv_sec = (time_t)(wait / 1000000000), .tv_nsec = (long)(wait % 1000000000)};

	loop->fds[ON_TERMINAL] = (struct pollfd){.fd = tui->tty.fd, .events = POLLIN};
	if (tty_pending(&tui->tty))
		loop->fds[ON_TERMINAL].events |= POLLOUT;
	loop->fds[ON_SIGNAL] = (struct pollfd){.fd = loop->signals, .events = POLLIN};
	loop->fds[ON_BELL] = (struct pollfd){.fd = feed_fd(&tui->feed), .events = POLLIN};
	loop->fds[ON_JOBS] = (struct pollfd){.fd = jobs_fd(tui->jobs), .events = POLLIN};
	if (ppoll(loop->fds, ON_COUNT, &limit, NULL) < 0)
		for (int i = 0; i < ON_COUNT; i++)
			loop->fds[i].revents = 0;
}

static void take_ready(struct loop *loop)
{
	struct tui *tui = loop->tui;
	uint64_t serial = tui->feed.serial;

	if (loop->fds[ON_SIGNAL].revents)
		read_signals(loop);
	if (loop->fds[ON_TERMINAL].revents & POLLOUT && !tty_flush(&tui->tty))
		loop->gone = true;
	if (loop->fds[ON_TERMINAL].revents & POLLIN)
		read_terminal(loop);
	else if (loop->fds[ON_TERMINAL].revents & (POLLERR | POLLHUP | POLLNVAL))
		loop->gone = true;
	if (loop->fds[ON_JOBS].revents) {
		jobs_reap(tui->jobs, tui);
		tui->dirty = true;
	}
	if (loop->fds[ON_BELL].revents)
		on_bell(loop);
	else if (tui->feed.serial != serial)
		tui_snapshot(tui);
}

/* What time alone has brought. */
static void take_time(struct loop *loop)
{
	struct tui *tui = loop->tui;
	uint64_t now = now_read().boot_ns;

	if (loop->escape_boot_ns && now >= loop->escape_boot_ns)
		drain_input(loop, true);
	if (tui->ticker.next_boot_ns && now >= tui->ticker.next_boot_ns)
		tui->dirty = true;
	if (tui->feed.retry_boot_ns && now >= tui->feed.retry_boot_ns && feed_look(&tui->feed, tui->jobs))
		tui_snapshot(tui), tui->dirty = true;
	if (feed_check(&tui->feed, now))
		tui->dirty = true;
	if (tui->errors.due && now - tui->errors.all.looked_boot_ns >= ERRORS_NS)
		errors_refresh(tui);
	if (tui->logs.jump != JUMP_NONE)
		step_jump(tui);
	if (is_counting(tui)) {
		logpane_count(&tui->logs);
		tui->dirty = true;
	}
	if (tui->dirty && !tty_pending(&tui->tty) && now - loop->frame_boot_ns >= FRAME_NS)
		draw_frame(loop);
}

static int begin(struct loop *loop)
{
	struct tui *tui = loop->tui;
	int error;

	loop->signals = open_signals();
	if (loop->signals < 0)
		return loop->signals;
	error = screen_open(&tui->tty, &tui->screen);
	if (error)
		return error;
	screen_theme(tui->screen, tui->theme);
	tui->tty.sync = tui->tty.sync && !tui->options.no_sync;
	tui->errors.due = true;
	tui->tty.mouse = !tui->options.no_mouse && tui->tty.asks;
	error = tty_enter(&tui->tty);
	if (error)
		return error;
	tty_ask(&tui->tty, !tui->cells.ascii);
	tui->width_asked = tui->tty.asks && !tui->cells.ascii;
	tui_snapshot(tui);
	take_size(tui);
	return 0;
}

int tui_run(struct tui *tui)
{
	struct loop loop = {.tui = tui, .signals = -1};
	int error = begin(&loop);

	if (error == 0)
		draw_frame(&loop);
	while (error == 0 && !tui->leaving && !loop.gone) {
		wait_for_something(&loop);
		take_ready(&loop);
		if (!tui->leaving && !loop.gone)
			take_time(&loop);
	}
	if (loop.gone)
		tui->silent = true;
	tty_leave(&tui->tty);
	screen_close(tui->screen);
	if (loop.signals >= 0)
		close(loop.signals);
	return error;
}
