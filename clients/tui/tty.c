/* SPDX-License-Identifier: MIT */
#include "clients/tui/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#define MODES_ON   "\033[?2004h\033[?1004h"
#define MOUSE_ON   "\033[?1002h\033[?1006h"
#define MOUSE_OFF  "\033[?1006l\033[?1002l"
#define MODES_OFF  "\033[?2026l" MOUSE_OFF "\033[?1004l\033[?2004l"
#define SYNC_BEGIN "\033[?2026h"
#define SYNC_END   "\033[?2026l"

/* What a crash handler needs, ready made. */
static struct {
	volatile sig_atomic_t armed;
	int fd;
	struct termios saved;
	char leave[512];
	size_t length;
} crash;

/* ---- crashes ---- */

static void write_all(int fd, const char *bytes, size_t length)
{
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	while (length > 0) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EAGAIN && poll(&ready, 1, 200) > 0)
			continue;
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		length -= (size_t)n;
	}
}

static void restore(void)
{
	write_all(crash.fd, crash.leave, crash.length);
	tcsetattr(crash.fd, TCSANOW, &crash.saved);
}

static void on_crash(int signal)
{
	static const char truncated[] = "brummer-tui: cannot read the region: its file was truncated\n";

	if (crash.armed) {
		crash.armed = 0;
		restore();
		if (signal == SIGBUS)
			write_all(STDERR_FILENO, truncated, sizeof truncated - 1);
	}
	raise(signal); /* SA_RESETHAND: now the default action */
}

static void install_handlers(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGQUIT};
	static char stack[16384];
	struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK | SA_NODEFER)};
	stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};

	sigaltstack(&own, NULL);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &action, NULL);
}

/* ---- opening ---- */

/* A capability without parameters, its padding left out; "" when the terminal has none. */
static void capability(const char *name, char *out, size_t size)
{
	const char *text = tigetstr((char *)name);
	size_t length = 0;

	if (text && text != (char *)-1)
		while (*text && length + 1 < size) {
			const char *end = strncmp(text, "$<", 2) == 0 ? strchr(text, '>') : NULL;

			if (end)
				text = end + 1;
			else
				out[length++] = *text++;
		}
	out[length] = '\0';
}

static const struct {
	const char *name;
	uint32_t key;
} described[] = {{"kcuu1", K_UP},   {"kcud1", K_DOWN},  {"kcub1", K_LEFT},    {"kcuf1", K_RIGHT},  {"khome", K_HOME},
		 {"kend", K_END},   {"kpp", K_PAGE_UP}, {"knp", K_PAGE_DOWN}, {"kich1", K_INSERT}, {"kdch1", K_DELETE},
		 {"kf1", K_F1},     {"kf2", K_F1 + 1},  {"kf3", K_F1 + 2},    {"kf4", K_F1 + 3},   {"kf5", K_F1 + 4},
		 {"kf6", K_F1 + 5}, {"kf7", K_F1 + 6},  {"kf8", K_F1 + 7},    {"kf9", K_F1 + 8},   {"kf10", K_F1 + 9}};

/* Only sequences that begin with ESC are of use: others would take a character away. */
static void describe_keys(struct tty *tty)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof described / sizeof *described; i++) {
		const char *bytes = tigetstr((char *)described[i].name);

		if (bytes && bytes != (char *)-1 && bytes[0] == 0x1b && bytes[1])
			tty->strings[count++] = (struct input_string){bytes, described[i].key};
	}
	tty->strings[count] = (struct input_string){0};
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static int describe(struct tty *tty, const char **why)
{
	const char *name = getenv("TERM");
	char cup[64];
	int known;

	if (!name || !*name) {
		*why = "TERM is not set: without it";
		return -ENOTSUP;
	}
	snprintf(tty->name, sizeof tty->name, "%s", name);
	*why = tty->name;
	if (setupterm(tty->name, tty->fd, &known) != OK)
		return -ENOENT;
	tty->description = cur_term;
	capability("cup", cup, sizeof cup);
	if (!cup[0])
		return -ENOTSUP;
	capability("civis", tty->cursor_off, sizeof tty->cursor_off);
	capability("cnorm", tty->cursor_on, sizeof tty->cursor_on);
	capability("smcup", tty->screen_on, sizeof tty->screen_on);
	capability("rmcup", tty->screen_off, sizeof tty->screen_off);
	if (!tty->screen_off[0]) /* without another screen to go back to, this one is left empty */
		capability("clear", tty->screen_off, sizeof tty->screen_off);
	capability("sgr0", tty->plain, sizeof tty->plain);
	describe_keys(tty);
	tty->asks = !starts(tty->name, "linux") && !starts(tty->name, "vt");
	tty->sync = tty->asks && !starts(tty->name, "screen");
	return 0;
}

static void prepare_leave(struct tty *tty)
{
	crash.fd = tty->fd;
	crash.saved = tty->saved;
	crash.length = (size_t)snprintf(crash.leave, sizeof crash.leave, "%s%s%s%s", tty->asks ? MODES_OFF : MOUSE_OFF,
					tty->plain, tty->cursor_on, tty->screen_off);
}

int tty_open(struct tty *tty, const char **why)
{
	int error;

	*tty = (struct tty){.fd = -1};
	*why = isatty(STDOUT_FILENO) ? "standard input" : "standard output";
	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return -ENOTTY;
	tty->fd = open("/proc/self/fd/1", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (tty->fd < 0)
		tty->fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (tty->fd < 0 || tcgetattr(tty->fd, &tty->saved) != 0)
		return -ENOTTY;
	error = describe(tty, why);
	if (error)
		return error;
	prepare_leave(tty);
	install_handlers();
	return 0;
}

void tty_close(struct tty *tty)
{
	tty_leave(tty);
	if (tty->fd >= 0)
		close(tty->fd);
	tty->fd = -1;
	free(tty->out);
	tty->out = NULL;
	if (tty->description)
		del_curterm(tty->description);
	tty->description = NULL;
}

/* ---- modes ---- */

/* Ctrl-S, Ctrl-Q and Ctrl-\ stay the terminal's; Ctrl-C and Ctrl-Z become keys. */
static int set_raw(const struct tty *tty)
{
	struct termios raw = tty->saved;

	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | ISTRIP | PARMRK);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VINTR] = _POSIX_VDISABLE;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	return tcsetattr(tty->fd, TCSADRAIN, &raw) == 0 ? 0 : -errno;
}

int tty_enter(struct tty *tty)
{
	int error = set_raw(tty);

	if (error)
		return error;
	crash.armed = 1;
	tty->entered = true;
	tty_print(tty, tty->screen_on);
	tty_print(tty, tty->cursor_off);
	if (tty->asks)
		tty_print(tty, MODES_ON);
	if (tty->mouse)
		tty_print(tty, MOUSE_ON);
	return 0;
}

void tty_leave(struct tty *tty)
{
	struct pollfd ready = {.fd = tty->fd, .events = POLLOUT};

	if (!tty->entered)
		return;
	while (tty_pending(tty) && poll(&ready, 1, 200) > 0 && tty_flush(tty))
		;
	crash.armed = 0;
	restore();
	tty->entered = false;
	tty->out_length = tty->out_sent = 0;
}

void tty_suspend(struct tty *tty)
{
	sigset_t set, old;
	struct sigaction action = {.sa_handler = SIG_DFL}, before;

	tty_leave(tty);
	sigaction(SIGTSTP, &action, &before);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	kill(0, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, &old); /* stops here, until SIGCONT */
	sigprocmask(SIG_SETMASK, &old, NULL);
	sigaction(SIGTSTP, &before, NULL);
	tty_enter(tty);
}

void tty_mouse(struct tty *tty, bool on)
{
	if (tty->entered && on != tty->mouse)
		tty_print(tty, on ? MOUSE_ON : MOUSE_OFF);
	tty->mouse = on;
}

int tty_size(const struct tty *tty, int *rows, int *cols)
{
	struct winsize size;

	if (ioctl(tty->fd, TIOCGWINSZ, &size) != 0)
		return -errno;
	*rows = size.ws_row > 0 ? size.ws_row : 24;
	*cols = size.ws_col > 0 ? size.ws_col : 80;
	return 0;
}

void tty_ask(struct tty *tty, bool utf8)
{
	if (!tty->asks)
		return;
	tty_print(tty, "\033]11;?\033\\\033[?2026$p");
	if (utf8)
		tty_print(tty, "\033[H●\033[6n\r \r");
}

/* ---- output ---- */

void tty_put(struct tty *tty, const char *bytes, size_t length)
{
	if (length == 0)
		return;
	if (tty->out_length + length > tty->out_size) {
		size_t size = (tty->out_length + length) * 2;
		char *out = realloc(tty->out, size);

		if (!out)
			return; /* a frame is lost; the next one is as good */
		tty->out = out;
		tty->out_size = size;
	}
	memcpy(tty->out + tty->out_length, bytes, length);
	tty->out_length += length;
}

void tty_print(struct tty *tty, const char *text)
{
	tty_put(tty, text, strlen(text));
}

bool tty_pending(const struct tty *tty)
{
	return tty->out_sent < tty->out_length;
}

bool tty_flush(struct tty *tty)
{
	while (tty_pending(tty)) {
		ssize_t n = write(tty->fd, tty->out + tty->out_sent, tty->out_length - tty->out_sent);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		tty->out_sent += (size_t)n;
	}
	tty->out_length = tty->out_sent = 0;
	return true;
}
