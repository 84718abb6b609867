/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/close_range.h>

#include "keeper/inner.h"

#define BACKOFF_FIRST_NS UINT64_C(100000000)
#define BACKOFF_LAST_NS  UINT64_C(5000000000)
#define EARLY_NS         UINT64_C(1000000000) /* leaving by itself sooner than this counts as a crash */
#define GIVE_UP_AFTER    5                    /* crashes in a row, when no engine ever came up */

/* In the child: the descriptors to their fixed numbers, whatever numbers they have now, and nothing else above 2. */
static int place_descriptors(int socket, int lock)
{
	int high_socket = fcntl(socket, F_DUPFD, KEEPER_LOCK_FD + 1);
	int high_lock = lock < 0 ? -1 : fcntl(lock, F_DUPFD, KEEPER_LOCK_FD + 1);

	if (high_socket < 0 || (lock >= 0 && high_lock < 0) || dup2(high_socket, KEEPER_FD) < 0)
		return -1;
	if (lock < 0)
		close(KEEPER_LOCK_FD);
	else if (dup2(high_lock, KEEPER_LOCK_FD) < 0)
		return -1;
	syscall(SYS_close_range, KEEPER_LOCK_FD + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	return 0;
}

/* In the child: an engine of the program that is being tried, else of the keeper's own. A script has to have a path. */
static void exec_engine(const struct keeper *keeper, int program)
{
	const struct keeper_options *options = keeper->options;

	if (keeper->handover.program >= 0)
		setenv(HANDOVER_VARIABLE, HANDOVER_TAKEN, 1);
	else if (keeper->handover.again)
		setenv(HANDOVER_VARIABLE, HANDOVER_GIVEN_UP, 1);
	if (program >= 0)
		syscall(SYS_execveat, program, "", options->engine_argv, environ, AT_EMPTY_PATH);
	if (program < 0 || keeper->handover.program >= 0)
		execv(options->engine_argv[0], (char *const *)options->engine_argv);
}

/* In the child. The engine leads a process group, so that a terminal's signals reach it through the keeper alone. */
static _Noreturn void become_engine(const struct keeper *keeper, int socket)
{
	const struct keeper_options *options = keeper->options;
	int program = keeper->handover.program >= 0 ? keeper->handover.program : options->program_fd;
	sigset_t none;

	if (program >= 0) /* out of the way of the fixed numbers */
		program = fcntl(program, F_DUPFD_CLOEXEC, KEEPER_LOCK_FD + 1);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	unsetenv("NOTIFY_SOCKET");
	setrlimit(RLIMIT_NOFILE, &keeper->nofile);
	if (place_descriptors(socket, options->lock_fd) == 0)
		exec_engine(keeper, program);
	dprintf(STDERR_FILENO, "brummerd: cannot run the engine %s: %s\n", options->engine_argv[0], strerror(errno));
	_exit(127);
}

static uint64_t backoff_ns(int crashes)
{
	uint64_t wait_ns = BACKOFF_FIRST_NS;

	for (int i = 1; i < crashes && wait_ns < BACKOFF_LAST_NS; i++)
		wait_ns *= 2;
	return wait_ns < BACKOFF_LAST_NS ? wait_ns : BACKOFF_LAST_NS;
}

static void count_crash(struct keeper *keeper)
{
	keeper->crashes++;
	if (keeper->crashes >= GIVE_UP_AFTER && !keeper->ever_up) {
		keeper->over = true;
		return;
	}
	keeper->start_ns = keeper_now_ns() + backoff_ns(keeper->crashes);
}

void keeper_launch(struct keeper *keeper)
{
	struct engine *engine = &keeper->engine;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		count_crash(keeper);
		return;
	}
	pid = fork();
	if (pid == 0)
		become_engine(keeper, pair[1]);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		count_crash(keeper);
		return;
	}
	*engine = (struct engine){.pid = pid, .socket = pair[0], .started_ns = keeper_now_ns()};
	engine->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Its own fault, unlike a kill from outside. */
static bool is_crash(int code, int status, uint64_t lived_ns)
{
	if (code == CLD_EXITED)
		return lived_ns < EARLY_NS;
	return status == SIGSEGV || status == SIGBUS || status == SIGABRT || status == SIGILL || status == SIGFPE;
}

void keeper_engine_ended(struct keeper *keeper, int code, int status)
{
	uint64_t now_ns = keeper_now_ns();
	uint64_t lived_ns = now_ns - keeper->engine.started_ns;

	keeper->status = code == CLD_EXITED ? status : 128 + status;
	keeper->start_ns = now_ns;
	if (keeper->ending) {
		keeper->status = 0;
		keeper->over = true;
		return;
	}
	if (handover_goes_on(keeper, is_crash(code, status, lived_ns)))
		return;
	if (!is_crash(code, status, lived_ns)) {
		keeper->crashes = 0;
		return;
	}
	if (keeper->engine.up && lived_ns > 2 * BACKOFF_LAST_NS)
		keeper->crashes = 0;
	count_crash(keeper);
}
