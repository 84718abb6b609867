/* SPDX-License-Identifier: MIT */
#include "engine/keeperlink.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/proc.h"
#include "engine/tag.h"
#include "keeper/wire.h"

_Static_assert(KEEPER_ID_MAX == BRM_ID_MAX, "ids travel whole");

#define REAPED_MS 50  /* for whoever has a dead process now, to reap it */
#define OWED_MAX  32u /* answers that nobody waits for: so many fit into the socket, whatever is in it beside them */

struct keeperlink {
	pthread_mutex_t lock; /* one request is on the wire */
	int socket;           /* -1: there is no keeper; under the lock */
	unsigned owed;        /* answers that will come and that nobody waits for; under the lock */
	int pidfd;            /* of the keeper, -1: none */
	pid_t keeper;
};

int keeperlink_open(int fd, struct keeperlink **out)
{
	struct keeperlink *link = calloc(1, sizeof *link);
	struct ucred peer = {.pid = 0};
	socklen_t length = sizeof peer;

	if (!link)
		return -ENOMEM;
	link->socket = fd;
	link->pidfd = -1;
	pthread_mutex_init(&link->lock, NULL);
	if (fd >= 0) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.pid > 0)
			link->pidfd = (int)syscall(SYS_pidfd_open, peer.pid, 0);
		link->keeper = peer.pid;
	}
	*out = link;
	return 0;
}

void keeperlink_close(struct keeperlink *link)
{
	if (!link)
		return;
	if (link->socket >= 0)
		close(link->socket);
	if (link->pidfd >= 0)
		close(link->pidfd);
	pthread_mutex_destroy(&link->lock);
	free(link);
}

int keeperlink_fd(const struct keeperlink *link)
{
	return link->pidfd;
}

pid_t keeperlink_keeper(struct keeperlink *link)
{
	struct pollfd gone = {.fd = link->pidfd, .events = POLLIN};

	return link->pidfd >= 0 && poll(&gone, 1, 0) == 0 ? link->keeper : 0;
}

static void lose_keeper(struct keeperlink *link)
{
	close(link->socket);
	link->socket = -1;
	link->owed = 0;
}

/* Under the lock. What was told and not waited for is answered first. */
static void receive_owed(struct keeperlink *link)
{
	struct keeper_message answer;
	int got[KEEPER_FDS];

	while (link->owed > 0) {
		link->owed--;
		if (wire_receive(link->socket, &answer, got, 0) == -EPIPE)
			lose_keeper(link);
		wire_close(got);
	}
}

/* Under the lock. Turns *message into the answer; its descriptors into *got. */
static int receive(struct keeperlink *link, struct keeper_message *message, int *got)
{
	uint16_t op = message->op;
	int error = wire_receive(link->socket, message, got, 0);

	if (error == 0 && message->op != op) {
		wire_close(got);
		error = -EPROTO;
	}
	if (error == -EPIPE || error == -EPROTO)
		lose_keeper(link);
	return error == -EPROTO ? -EPIPE : error;
}

static int submit(struct keeperlink *link, struct keeper_message *message, const int *fds)
{
	int error = link->socket < 0 ? -EPIPE : wire_send(link->socket, message, fds, 0);

	if (error == -EPIPE && link->socket >= 0)
		lose_keeper(link);
	return error;
}

static int request(struct keeperlink *link, struct keeper_message *message, const int *fds)
{
	int got[KEEPER_FDS];
	int error;

	pthread_mutex_lock(&link->lock);
	error = submit(link, message, fds);
	if (!error)
		receive_owed(link);
	if (!error)
		error = link->socket < 0 ? -EPIPE : receive(link, message, got);
	pthread_mutex_unlock(&link->lock);
	if (error)
		return error;
	wire_close(got);
	return message->code < 0 ? message->code : 0;
}

/* As request(), for an answer that nobody waits for. */
static int tell(struct keeperlink *link, struct keeper_message *message)
{
	int error;

	pthread_mutex_lock(&link->lock);
	if (link->owed == OWED_MAX)
		receive_owed(link);
	error = submit(link, message, NULL);
	link->owed += error == 0;
	pthread_mutex_unlock(&link->lock);
	return error;
}

int keeperlink_hold(struct keeperlink *link, const struct held_run *run)
{
	struct keeper_message message = {.op = KEEPER_HOLD, .serial = run->serial, .instance = run->instance};
	const int fds[KEEPER_FDS] = {run->fds.out, run->fds.err, run->fds.in, run->fds.say};

	memcpy(message.id, run->id, strnlen(run->id, sizeof message.id - 1));
	return request(link, &message, fds);
}

int keeperlink_born(struct keeperlink *link, uint32_t serial, pid_t pid)
{
	struct keeper_message message = {.op = KEEPER_BORN, .serial = serial, .pid = pid};
	int error;

	pthread_mutex_lock(&link->lock);
	error = submit(link, &message, NULL);
	pthread_mutex_unlock(&link->lock);
	return error;
}

int keeperlink_drop(struct keeperlink *link, uint32_t serial)
{
	struct keeper_message message = {.op = KEEPER_DROP, .serial = serial};

	return request(link, &message, NULL);
}

void keeperlink_tell_drop(struct keeperlink *link, uint32_t serial)
{
	struct keeper_message message = {.op = KEEPER_DROP, .serial = serial};

	tell(link, &message);
}

/* Without a keeper: our own child. */
static int own_status(pid_t pid, int flags, struct ended *out)
{
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | flags) != 0)
		return -ECHILD;
	out->alive = info.si_pid == 0;
	out->code = info.si_code == CLD_EXITED ? info.si_status : 0;
	out->signal = info.si_code == CLD_EXITED ? 0 : info.si_status;
	return 0;
}

int keeperlink_status(struct keeperlink *link, pid_t pid, struct ended *out)
{
	struct keeper_message message = {.op = KEEPER_STATUS, .pid = pid};
	int error = request(link, &message, NULL);

	if (error == -EPIPE)
		return own_status(pid, WNOWAIT, out);
	if (error)
		return error;
	*out = (struct ended){.alive = message.code == 0};
	if (message.code == CLD_EXITED)
		out->code = message.status;
	else
		out->signal = message.status;
	return 0;
}

/* Of linux/pidfd.h, which is younger than the systems this is built on. */
struct pidfd_answer {
	uint64_t mask;
	uint64_t cgroup;
	uint32_t ids[11];
	int32_t exit_code; /* as of wait() */
};
#define PIDFD_ASK  _IOWR(0xFF, 11, struct pidfd_answer)
#define PIDFD_EXIT (UINT64_C(1) << 3)

int keeperlink_status_of_other(int pidfd, struct ended *out)
{
	struct pidfd_answer answer = {.mask = PIDFD_EXIT};
	struct pollfd reaped = {.fd = pidfd};

	poll(&reaped, 1, REAPED_MS);
	if (ioctl(pidfd, PIDFD_ASK, &answer) != 0 || !(answer.mask & PIDFD_EXIT))
		return -ECHILD;
	*out = (struct ended){.code = WIFEXITED(answer.exit_code) ? WEXITSTATUS(answer.exit_code) : 0,
			      .signal = WIFSIGNALED(answer.exit_code) ? WTERMSIG(answer.exit_code) : 0};
	return 0;
}

int keeperlink_reap(struct keeperlink *link, pid_t pid)
{
	struct keeper_message message = {.op = KEEPER_REAP, .pid = pid};
	int error = request(link, &message, NULL);
	struct ended ended;

	if (error != -EPIPE)
		return error;
	error = own_status(pid, 0, &ended);
	return error || !ended.alive ? error : -EAGAIN;
}

void keeperlink_tell_reap(struct keeperlink *link, pid_t pid)
{
	struct keeper_message message = {.op = KEEPER_REAP, .pid = pid};
	struct ended ended;

	if (tell(link, &message) == -EPIPE)
		own_status(pid, 0, &ended);
}

int keeperlink_up(struct keeperlink *link)
{
	struct keeper_message message = {.op = KEEPER_UP, .pid = getpid()};

	return request(link, &message, NULL);
}

int keeperlink_end(struct keeperlink *link)
{
	struct keeper_message message = {.op = KEEPER_END, .pid = getpid()};

	return request(link, &message, NULL);
}

int keeperlink_baton(struct keeperlink *link)
{
	struct keeper_message message = {.op = KEEPER_BATON, .pid = getpid()};

	return request(link, &message, NULL);
}

int keeperlink_lock(struct keeperlink *link, int fd)
{
	struct keeper_message message = {.op = KEEPER_LOCK};
	const int fds[KEEPER_FDS] = {fd, -1, -1, -1};

	return request(link, &message, fds);
}

int keeperlink_suspect(struct keeperlink *link, uint32_t at, char *id)
{
	struct keeper_message message = {.op = KEEPER_SUSPECT, .serial = at};
	int rc = request(link, &message, NULL);

	if (rc != 0)
		return rc;
	memcpy(id, message.id, sizeof message.id);
	return message.code;
}

int keeperlink_socket(const struct keeperlink *link)
{
	return link->socket;
}

void keeperlink_tell_crash(int socket, const char *name)
{
	struct keeper_message message = {.op = KEEPER_CRASHED};

	memcpy(message.id, name, strnlen(name, sizeof message.id - 1));
	wire_send(socket, &message, NULL, MSG_DONTWAIT);
}

struct inventory {
	struct held_run *runs;
	size_t count;
	size_t room;
};

static int add_run(struct inventory *inventory, const struct keeper_message *message, const int *fds)
{
	struct held_run *run;

	if (inventory->count == inventory->room) {
		size_t room = inventory->room ? 2 * inventory->room : 64;
		struct held_run *more = realloc(inventory->runs, room * sizeof *more);

		if (!more)
			return -ENOMEM;
		inventory->runs = more;
		inventory->room = room;
	}
	run = &inventory->runs[inventory->count++];
	*run = (struct held_run){.serial = message->serial,
				 .instance = message->instance,
				 .pid = message->pid,
				 .fds = {.out = fds[0], .err = fds[1], .in = fds[2], .say = fds[3]}};
	memcpy(run->id, message->id, sizeof run->id);
	return 0;
}

/* Under the lock. After -ENOMEM, or descriptors that got lost, the rest is still received: answers come in order. */
static int receive_inventory(struct keeperlink *link, struct inventory *inventory)
{
	int result = 0;

	for (;;) {
		struct keeper_message message = {.op = KEEPER_INVENTORY};
		int fds[KEEPER_FDS];
		int error = receive(link, &message, fds);

		if (error && error != -EMFILE)
			return error;
		if (message.serial == 0)
			return message.code < 0 ? message.code : result;
		error = add_run(inventory, &message, fds);
		if (error) {
			wire_close(fds);
			result = error;
		}
	}
}

/*
 * Which child is a run whose birth nobody told? All its descendants carry the same tag, and the keeper may have adopted
 * some; but each of them came to the keeper after the run, which was born there.
 */
static pid_t first_of_tag(const char *children, uint64_t tag)
{
	char *end;

	for (const char *at = children;; at = end) {
		long pid = strtol(at, &end, 10);

		if (end == at)
			return 0;
		if (tag_of((pid_t)pid) == tag)
			return (pid_t)pid;
	}
}

/* False: it was never born, and is not held any more. */
static bool resolve(struct keeperlink *link, const char *children, struct held_run *run)
{
	if (run->pid != 0 || !children)
		return true;
	run->pid = first_of_tag(children, tag_make(run->instance, run->serial));
	if (run->pid != 0) {
		keeperlink_born(link, run->serial, run->pid);
		return true;
	}
	wire_close((const int[KEEPER_FDS]){run->fds.out, run->fds.err, run->fds.in, run->fds.say});
	keeperlink_drop(link, run->serial);
	return false;
}

int keeperlink_held(struct keeperlink *link, void (*each)(const struct held_run *run, void *arg), void *arg)
{
	struct keeper_message message = {.op = KEEPER_INVENTORY};
	struct inventory inventory = {.runs = NULL};
	char *children;
	int error;

	pthread_mutex_lock(&link->lock);
	error = submit(link, &message, NULL);
	if (!error)
		receive_owed(link);
	if (!error)
		error = link->socket < 0 ? -EPIPE : receive_inventory(link, &inventory);
	pthread_mutex_unlock(&link->lock);
	children = proc_children(link->keeper);
	for (size_t i = 0; i < inventory.count; i++)
		if (resolve(link, children, &inventory.runs[i]))
			each(&inventory.runs[i], arg);
	free(children);
	free(inventory.runs);
	return error;
}
