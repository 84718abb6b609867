/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/inner.h"

#define RESERVED_FDS 16u

/* Numbers are given out from below: a high one means that the rest must be left for starting engines. */
static bool is_scarce(const struct keeper *keeper, const int *fds)
{
	for (int i = 0; i < KEEPER_FDS; i++)
		if (fds[i] >= 0 && (rlim_t)fds[i] + RESERVED_FDS >= keeper->nofile.rlim_max)
			return true;
	return false;
}

static int hold(struct keeper *keeper, struct keeper_message *message, const int *fds)
{
	int error = is_scarce(keeper, fds) ? -EMFILE : store_hold(&keeper->store, message, fds);

	if (error)
		wire_close(fds);
	return error;
}

static int drop(struct keeper *keeper, struct keeper_message *message)
{
	return store_drop(&keeper->store, message->serial);
}

static int status(struct keeper *keeper, struct keeper_message *message)
{
	siginfo_t info = {.si_pid = 0};

	(void)keeper;
	if (message->pid <= 0 || waitid(P_PID, (id_t)message->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		return -ECHILD;
	if (info.si_pid == 0)
		return 0;
	message->status = info.si_status;
	return info.si_code;
}

static int reap(struct keeper *keeper, struct keeper_message *message)
{
	siginfo_t info = {.si_pid = 0};

	if (message->pid <= 0 || message->pid == keeper->engine.pid)
		return -ECHILD;
	if (waitid(P_PID, (id_t)message->pid, &info, WEXITED | WNOHANG) != 0)
		return -ECHILD;
	if (info.si_pid == 0)
		return -EAGAIN;
	store_reaped(&keeper->store, message->pid);
	keeper->reaped = true;
	return 0;
}

static int up(struct keeper *keeper, struct keeper_message *message)
{
	int pending = keeper->pending_signal;

	(void)message;
	keeper->pending_signal = 0;
	keeper->engine.up = true;
	if (!keeper->ever_up)
		notify("READY=1");
	keeper->ever_up = true;
	keeper_say_ready(keeper, "ready\n");
	handover_is_up(keeper);
	if (pending)
		keeper_pass_signal(keeper, pending);
	return 0;
}

static int end(struct keeper *keeper, struct keeper_message *message)
{
	(void)message;
	notify("STOPPING=1");
	keeper->ending = true;
	return 0;
}

static int baton(struct keeper *keeper, struct keeper_message *message)
{
	(void)message;
	return handover_begin(keeper);
}

/* The place of a name that engines crashed on; of the least guilty, if it is not among them. */
static struct suspect *find_suspect(struct keeper *keeper, const char *id)
{
	struct suspect *least = &keeper->suspects[0];

	for (struct suspect *at = keeper->suspects; at < keeper->suspects + SUSPECTS; at++) {
		if (at->crashes > 0 && strcmp(at->id, id) == 0)
			return at;
		if (at->crashes < least->crashes)
			least = at;
	}
	return least;
}

static void note_crash(struct keeper *keeper, const char *id)
{
	struct suspect *suspect = find_suspect(keeper, id);

	if (strcmp(suspect->id, id) != 0)
		*suspect = (struct suspect){.crashes = 0};
	memcpy(suspect->id, id, strnlen(id, sizeof suspect->id - 1));
	suspect->crashes++;
}

static int suspect(struct keeper *keeper, struct keeper_message *message)
{
	const struct suspect *at = &keeper->suspects[message->serial % SUSPECTS];

	if (message->serial >= SUSPECTS)
		return -ENOENT;
	memcpy(message->id, at->id, sizeof message->id);
	return at->crashes;
}

/* Each returns the answer's code. HOLD and LOCK take descriptors, BORN and INVENTORY are not answered like the others.
 */
static int (*const requests[])(struct keeper *keeper, struct keeper_message *message) = {
	[KEEPER_DROP] = drop, [KEEPER_STATUS] = status, [KEEPER_REAP] = reap,       [KEEPER_UP] = up,
	[KEEPER_END] = end,   [KEEPER_BATON] = baton,   [KEEPER_SUSPECT] = suspect,
};

/* Somebody removed the lock file, and the engine has made and locked another one. */
static int take_lock(const struct keeper *keeper, const int *fds)
{
	int rc = keeper->options->lock_fd < 0 || fds[0] < 0 ? -EINVAL : 0;

	if (rc == 0 && dup3(fds[0], keeper->options->lock_fd, O_CLOEXEC) < 0)
		rc = -errno;
	wire_close(fds);
	return rc;
}

static int perform(struct keeper *keeper, struct keeper_message *message, const int *fds)
{
	if (message->op == KEEPER_HOLD)
		return hold(keeper, message, fds);
	if (message->op == KEEPER_LOCK)
		return take_lock(keeper, fds);
	wire_close(fds);
	if (message->op >= sizeof requests / sizeof *requests || !requests[message->op])
		return -ENOSYS;
	return requests[message->op](keeper, message);
}

static void hang_up(struct keeper *keeper)
{
	close(keeper->engine.socket);
	keeper->engine.socket = -1;
	keeper->listing = false;
}

/* Send without waiting: an engine awaits each answer, so there is room, but for an inventory. */
static int send_to_engine(struct keeper *keeper, struct keeper_message *message, const int *fds)
{
	int error = wire_send(keeper->engine.socket, message, fds, MSG_DONTWAIT);

	if (error == -EPIPE)
		hang_up(keeper);
	return error;
}

static void serve(struct keeper *keeper, struct keeper_message *message, int *fds, int received)
{
	if (received == 0 && message->version != KEEPER_VERSION)
		received = -EPROTONOSUPPORT;
	if (received == 0 && message->op == KEEPER_BORN) {
		wire_close(fds);
		store_born(&keeper->store, message->serial, message->pid);
		return;
	}
	if (received == 0 && message->op == KEEPER_CRASHED) {
		wire_close(fds);
		note_crash(keeper, message->id);
		return;
	}
	if (received == 0 && message->op == KEEPER_INVENTORY) {
		wire_close(fds);
		keeper->listing = true;
		keeper->listed = 0;
		keeper_list(keeper);
		return;
	}
	if (received == 0)
		received = perform(keeper, message, fds);
	else
		wire_close(fds);
	message->code = received;
	send_to_engine(keeper, message, NULL);
}

void keeper_answer(struct keeper *keeper)
{
	struct keeper_message message;
	int fds[KEEPER_FDS];

	while (keeper->engine.socket >= 0 && !keeper->listing) {
		int error = wire_receive(keeper->engine.socket, &message, fds, MSG_DONTWAIT);

		if (error == -EAGAIN)
			return;
		if (error == -EPIPE || error == -EBADF || error == -ENOTSOCK) { /* or it was never a link */
			hang_up(keeper);
			return;
		}
		serve(keeper, &message, fds, error);
	}
}

static void describe(const struct held *held, struct keeper_message *message)
{
	*message = (struct keeper_message){.op = KEEPER_INVENTORY};
	if (!held)
		return;
	message->serial = held->serial;
	message->instance = held->instance;
	message->pid = held->pid;
	memcpy(message->id, held->id, sizeof message->id);
}

void keeper_list(struct keeper *keeper)
{
	struct keeper_message message;

	while (keeper->listing && keeper->engine.socket >= 0) {
		uint32_t place = keeper->listed;
		const struct held *held = store_next(&keeper->store, &place);
		int error;

		describe(held, &message);
		error = send_to_engine(keeper, &message, held ? held->fds : NULL);
		if (error == -EAGAIN || error == -EPIPE)
			return;
		if (error) { /* its descriptors cannot travel: the run is named all the same */
			message.code = error;
			error = send_to_engine(keeper, &message, NULL);
		}
		if (error)
			return;
		keeper->listed = place;
		keeper->listing = held != NULL;
	}
}
