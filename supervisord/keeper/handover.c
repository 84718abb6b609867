/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "keeper/inner.h"

#define COME_UP_NS UINT64_C(10000000000) /* for an engine of a new program, to be up */
#define PROVE_NS   UINT64_C(1000000000)  /* and then to live, before the keeper becomes that program */

int handover_begin(struct keeper *keeper)
{
	int program = open(keeper->options->engine_argv[0], O_PATH | O_CLOEXEC);

	if (program < 0)
		return -errno;
	if (keeper->handover.program >= 0)
		close(keeper->handover.program);
	keeper->handover = (struct handover){.program = program};
	notify("RELOADING=1");
	return 0;
}

static void give_up(struct keeper *keeper)
{
	close(keeper->handover.program);
	keeper->handover = (struct handover){.program = -1, .again = true};
	notify("READY=1");
}

/* An engine has ended. True: that was a part of the hand-over, and the next one is due at once. */
bool handover_goes_on(struct keeper *keeper, bool crashed)
{
	struct handover *handover = &keeper->handover;

	if (handover->program < 0) {
		handover->again = handover->again && !keeper->engine.up;
		return false;
	}
	if (handover->begun && (crashed || !keeper->engine.up))
		give_up(keeper);
	handover->begun = handover->program >= 0;
	handover->due_ns = keeper_now_ns() + COME_UP_NS;
	return true;
}

void handover_is_up(struct keeper *keeper)
{
	keeper->handover.due_ns = keeper_now_ns() + PROVE_NS;
}

int handover_wait_ms(const struct keeper *keeper)
{
	uint64_t now_ns = keeper_now_ns(), due_ns = keeper->handover.due_ns;

	if (!keeper->handover.begun)
		return -1;
	return due_ns > now_ns ? (int)((due_ns - now_ns) / 1000000u) + 1 : 0;
}

/* Become the new program. Returns if that cannot be. */
static void become(struct keeper *keeper)
{
	int image = image_write(keeper);
	char state[32];
	const char *const argv[] = {"brummerd", "--keeper", state, NULL};

	if (image >= 0) {
		snprintf(state, sizeof state, "%d:%d", image, keeper->options->program_fd);
		image_keep_open(keeper, image, true);
		syscall(SYS_execveat, keeper->handover.program, "", argv, environ, AT_EMPTY_PATH);
		image_keep_open(keeper, image, false);
		close(image);
	}
	dprintf(STDERR_FILENO, "brummerd: cannot become the new program: the keeper stays the old one\n");
}

/*
 * What is due: the end of an engine that did not come up, or the exec. Not in the middle of an inventory: its place is
 * not carried over.
 */
void handover_look(struct keeper *keeper)
{
	struct handover *handover = &keeper->handover;

	if (!handover->begun || !keeper->engine.pid || keeper_now_ns() < handover->due_ns)
		return;
	if (!keeper->engine.up) {
		syscall(SYS_pidfd_send_signal, keeper->engine.pidfd, SIGKILL, NULL, 0);
		handover->due_ns = UINT64_MAX;
	} else if (!keeper->listing) {
		become(keeper);
		close(handover->program);
		*handover = (struct handover){.program = -1};
		notify("READY=1");
	}
}

/* The image could not be read: the old program can. */
static void go_back(int image, int program)
{
	char state[32];
	const char *const argv[] = {"brummerd", "--keeper", state, NULL};

	snprintf(state, sizeof state, "%d:-1", image);
	lseek(image, 0, SEEK_SET);
	syscall(SYS_execveat, program, "", argv, environ, AT_EMPTY_PATH);
}

int keeper_resume(const char *state)
{
	static struct keeper keeper;
	int image, program, end = 0;
	int rc;

	if (sscanf(state, "%d:%d%n", &image, &program, &end) != 2 || state[end])
		return -EINVAL;
	rc = image_read(image, &keeper);
	if (rc != 0 && program >= 0)
		go_back(image, program);
	if (rc != 0)
		return 1;
	image_keep_open(&keeper, image, false);
	close(image);
	if (program >= 0)
		close(program);
	notify("READY=1");
	return keeper_live(&keeper);
}
