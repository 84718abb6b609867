/* SPDX-License-Identifier: MIT */
#include "engine/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <brummer/writer.h>

#include "control/server.h"
#include "engine/process.h"
#include "keeper/keeper.h"
#include "say.h"

#define ANSWER_MS 5000 /* for a new program to say that it can take over */

struct upgrade {
	struct engine *engine;
	struct event *event;
	pthread_t thread;
	int fd;
	int rc; /* of the thread, until its result is taken; -ENOEXEC: the program cannot take over */
	bool asking;
	bool near;
	char program[PATH_MAX];
};

/* The file that this program came from, also when another one has its name by now. */
static int find_program(char out[PATH_MAX])
{
	static const char deleted[] = " (deleted)";
	ssize_t length = readlink("/proc/self/exe", out, PATH_MAX - 1);
	size_t end = sizeof deleted - 1;

	if (length < 0)
		return -errno;
	out[length] = '\0';
	if ((size_t)length > end && strcmp(out + length - end, deleted) == 0)
		out[(size_t)length - end] = '\0';
	return 0;
}

/* Without a word, and without our mask of signals. */
static int start_program(const char *program, pid_t *pid)
{
	static char name[] = "brummerd", option[] = "--takes-over", word[] = KEEPER_HANDOVER;
	char *const argv[] = {name, option, word, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int rc;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_init(&actions);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
	rc = posix_spawn(pid, program, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -rc;
}

/* Can it take over? 0; -ENOEXEC: no; -ETIMEDOUT; what keeps it from being run */
static int ask_program(const char *program)
{
	struct pollfd end = {.events = POLLIN};
	siginfo_t info = {.si_pid = 0};
	pid_t pid;
	int rc = start_program(program, &pid);

	if (rc != 0)
		return rc;
	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (end.fd >= 0 && poll(&end, 1, ANSWER_MS) == 0) {
		kill(pid, SIGKILL);
		rc = -ETIMEDOUT;
	}
	if (end.fd >= 0)
		close(end.fd);
	while (waitid(P_PID, (id_t)pid, &info, WEXITED) != 0 && errno == EINTR)
		continue;
	return rc == 0 && (info.si_code != CLD_EXITED || info.si_status != 0) ? -ENOEXEC : rc;
}

static void *ask(void *arg)
{
	struct upgrade *upgrade = arg;
	uint64_t one = 1;

	upgrade->rc = ask_program(upgrade->program);
	(void)!write(upgrade->fd, &one, sizeof one); /* an eventfd takes it */
	return NULL;
}

static void refuse(struct upgrade *upgrade, int rc)
{
	char why[PATH_MAX + 128];

	snprintf(why, sizeof why, "%s %s%s", upgrade->program,
		 rc == -ENOEXEC ? "is no brummerd that can take over" : "cannot be run: ",
		 rc == -ENOEXEC ? "" : strerror(-rc));
	say("cannot hand over: %s", why);
	upgrade->near = false;
	server_handed_over(upgrade->engine->server, why);
}

static void on_answer(evutil_socket_t fd, short what, void *arg)
{
	struct upgrade *upgrade = arg;
	uint64_t count;

	(void)what;
	engine_enter(upgrade->engine);
	if (read(fd, &count, sizeof count) != sizeof count)
		return;
	pthread_join(upgrade->thread, NULL);
	upgrade->asking = false;
	if (upgrade->rc != 0)
		refuse(upgrade, upgrade->rc);
	else
		upgrade->near = true;
}

static struct upgrade *upgrade_new(struct engine *engine)
{
	struct upgrade *upgrade = calloc(1, sizeof *upgrade);

	if (!upgrade)
		return NULL;
	upgrade->engine = engine;
	upgrade->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (upgrade->fd >= 0)
		upgrade->event = event_new(engine->base, upgrade->fd, EV_READ | EV_PERSIST, on_answer, upgrade);
	if (upgrade->event && event_add(upgrade->event, NULL) == 0)
		return upgrade;
	upgrade_free(upgrade);
	return NULL;
}

int upgrade_begin(struct engine *engine)
{
	struct upgrade *upgrade;
	sigset_t all, before;
	int rc;

	if (!keeperlink_keeper(engine->keeper))
		return -EPIPE;
	if (!engine->upgrade)
		engine->upgrade = upgrade_new(engine);
	upgrade = engine->upgrade;
	if (!upgrade)
		return -ENOMEM;
	if (upgrade->asking || upgrade->near)
		return 0;
	rc = find_program(upgrade->program);
	if (rc != 0)
		return rc;
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&upgrade->thread, NULL, ask, upgrade);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	upgrade->asking = rc == 0;
	return -rc;
}

bool upgrade_is_near(const struct engine *engine)
{
	return engine->upgrade && engine->upgrade->near;
}

/* Is a clone in flight? Its result is ours to publish. */
static bool is_cloning(struct engine *engine)
{
	struct process *process;

	for (process = NULL; (process = table_next(&engine->table, process));)
		if (process->phase == PHASE_SPAWNING || process->phase == PHASE_CANCELLED)
			return true;
	return false;
}

void upgrade_settle(struct engine *engine)
{
	if (!upgrade_is_near(engine))
		return;
	if (engine->shutdown)
		refuse(engine->upgrade, -ECANCELED);
	else if (!is_cloning(engine))
		engine->done = true;
}

void upgrade_leave(struct engine *engine)
{
	int rc;

	if (!upgrade_is_near(engine) || engine->shutdown)
		return;
	rc = keeperlink_baton(engine->keeper);
	if (rc != 0) {
		refuse(engine->upgrade, rc);
		engine->done = false;
		return;
	}
	brm_writer_commit(engine->writer);
	server_handed_over(engine->server, NULL);
	_exit(0);
}

void upgrade_free(struct upgrade *upgrade)
{
	if (!upgrade)
		return;
	if (upgrade->asking)
		pthread_join(upgrade->thread, NULL);
	if (upgrade->event)
		event_free(upgrade->event);
	if (upgrade->fd >= 0)
		close(upgrade->fd);
	free(upgrade);
}

enum brm_reason upgrade_reason(void)
{
	const char *handover = getenv(HANDOVER_VARIABLE);
	enum brm_reason reason = BRM_REASON_RECOVERED;

	if (handover && strcmp(handover, HANDOVER_TAKEN) == 0)
		reason = BRM_REASON_UPGRADED;
	else if (handover && strcmp(handover, HANDOVER_GIVEN_UP) == 0)
		reason = BRM_REASON_NOT_UPGRADED;
	unsetenv(HANDOVER_VARIABLE);
	return reason;
}
