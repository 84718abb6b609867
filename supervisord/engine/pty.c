/* SPDX-License-Identifier: MIT */
#include "engine/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

int pty_open(int *master, int *slave)
{
	const struct winsize size = {.ws_row = 24, .ws_col = 80};
	int ours = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int theirs = -1;
	int error = 0;

	if (ours < 0)
		return -errno;
	if (unlockpt(ours) == 0 && ioctl(ours, TIOCSWINSZ, &size) == 0 &&
	    fcntl(ours, F_SETFL, O_RDWR | O_NONBLOCK) == 0)
		theirs = ioctl(ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (theirs < 0) {
		error = -errno;
		close(ours);
		return error;
	}
	*master = ours;
	*slave = theirs;
	return 0;
}

int pty_relay(int *relay)
{
	char path[64];
	int ends[2];
	int both;
	int error;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
	both = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	error = both < 0 ? -errno : 0;
	close(ends[0]);
	close(ends[1]);
	if (!error)
		*relay = both;
	return error;
}
