/* SPDX-License-Identifier: MIT */
#include "clients/cli/terminal.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool is_raw;

bool terminal_raw(void)
{
	struct termios raw;
	static bool registered;

	if (tcgetattr(STDIN_FILENO, &before) != 0)
		return false;
	raw = before;
	cfmakeraw(&raw);
	if (!registered && atexit(terminal_restore) != 0)
		return false;
	registered = true;
	is_raw = tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
	return is_raw;
}

void terminal_restore(void)
{
	static const char sane[] = "\033[?1049l\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[?1l\033>"
				   "\033[?25h\033[0m\r\n";

	if (!is_raw)
		return;
	is_raw = false;
	/* A terminal that has gone needs nothing any more. */
	if (isatty(STDOUT_FILENO) && write(STDOUT_FILENO, sane, sizeof sane - 1) < 0)
		return;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

bool terminal_size(uint16_t *rows, uint16_t *columns)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return false;
	*rows = size.ws_row;
	*columns = size.ws_col;
	return true;
}
