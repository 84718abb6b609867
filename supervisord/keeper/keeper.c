/* SPDX-License-Identifier: MIT */
#include "keeper/keeper.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/tag.h"
#include "keeper/inner.h"

uint64_t keeper_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void keeper_say_ready(struct keeper *keeper, const char *line)
{
	if (keeper->ready_fd < 0)
		return;
	(void)!write(keeper->ready_fd, line, strlen(line)); /* who waited may be gone */
	close(keeper->ready_fd);
	keeper->ready_fd = -1;
}

/*
 * Is this dead child a run? One whose birth was told is known by its pid. If the engine died before it could tell, the
 * run is still held without a pid, and all that carries its tag is kept until the next engine has found out which of
 * them it is. Where the kernel refuses tags, anything untagged is kept meanwhile.
 */
static bool is_run(struct keeper *keeper, pid_t pid)
{
	struct store *store = &keeper->store;
	const struct held *held;
	uint64_t tag;

	if (store_by_pid(store, pid))
		return true;
	if (store->unborn == 0)
		return false;
	tag = tag_of(pid);
	if (tag == 0)
		return true;
	held = store_by_serial(store, (uint32_t)tag);
	return held && held->pid == 0 && held->instance == (uint32_t)(tag >> 32);
}

/*
 * The kernel names dead children in the order they came, and a run that waits for its reap hides those behind it: they
 * are reaped with the next one that goes. Each look passes all children, so one serves all that a turn has reaped.
 */
static void reap_orphans(struct keeper *keeper)
{
	keeper->reaped = false;
	for (;;) {
		siginfo_t info = {.si_pid = 0};

		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
			return;
		if (info.si_pid == keeper->engine.pid || is_run(keeper, info.si_pid))
			return;
		waitid(P_PID, (id_t)info.si_pid, &info, WEXITED | WNOHANG);
	}
}

void keeper_pass_signal(struct keeper *keeper, int signal)
{
	if (signal != SIGHUP)
		notify("STOPPING=1");
	if (signal != SIGHUP && !keeper->ever_up) { /* there is nothing to stop yet but the start */
		keeper->ending = true;
		keeper->over = keeper->engine.pid == 0;
	}
	if (keeper->engine.pid && (keeper->engine.up || keeper->ending))
		syscall(SYS_pidfd_send_signal, keeper->engine.pidfd, signal, NULL, 0);
	else if (signal != SIGHUP || keeper->pending_signal == 0) /* an end is not forgotten for a reload */
		keeper->pending_signal = signal;
}

static void take_signals(struct keeper *keeper)
{
	struct signalfd_siginfo info;

	while (read(keeper->signals, &info, sizeof info) == sizeof info)
		if (info.ssi_signo != SIGCHLD)
			keeper_pass_signal(keeper, (int)info.ssi_signo);
}

/* All it has said is heard before its end is. */
static void bury_engine(struct keeper *keeper)
{
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PID, (id_t)keeper->engine.pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == 0)
		return;
	keeper->listing = false;
	keeper_answer(keeper);
	waitid(P_PID, (id_t)keeper->engine.pid, &info, WEXITED);
	if (keeper->engine.socket >= 0)
		close(keeper->engine.socket);
	close(keeper->engine.pidfd);
	keeper_engine_ended(keeper, info.si_code, info.si_status);
	keeper->listing = false;
	keeper->engine = (struct engine){.pidfd = -1, .socket = -1};
	keeper->reaped = true;
}

static int wait_ms(const struct keeper *keeper)
{
	uint64_t now_ns = keeper_now_ns();

	if (keeper->engine.pid)
		return handover_wait_ms(keeper);
	return keeper->start_ns > now_ns ? (int)((keeper->start_ns - now_ns) / 1000000u) + 1 : 0;
}

static void turn(struct keeper *keeper)
{
	struct pollfd fds[] = {
		{.fd = keeper->signals, .events = POLLIN},
		{.fd = keeper->engine.socket, .events = keeper->listing ? POLLOUT : POLLIN},
		{.fd = keeper->engine.pidfd, .events = POLLIN},
	};

	if (poll(fds, sizeof fds / sizeof *fds, wait_ms(keeper)) < 0)
		return;
	if (fds[1].revents && keeper->listing)
		keeper_list(keeper);
	else if (fds[1].revents)
		keeper_answer(keeper);
	if (fds[2].revents)
		bury_engine(keeper);
	if (fds[0].revents)
		take_signals(keeper);
	if (fds[0].revents || keeper->reaped)
		reap_orphans(keeper);
	handover_look(keeper);
	if (!keeper->engine.pid && !keeper->over && keeper_now_ns() >= keeper->start_ns)
		keeper_launch(keeper);
}

/* A terminal must not stop the keeper, and a pipe that nobody reads must not end it. */
static int take_charge(struct keeper *keeper)
{
	static const int ignored[] = {SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};
	struct sigaction children = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDSTOP};
	struct rlimit nofile;
	sigset_t heard;

	sigemptyset(&heard);
	sigaddset(&heard, SIGCHLD);
	sigaddset(&heard, SIGTERM);
	sigaddset(&heard, SIGINT);
	sigaddset(&heard, SIGHUP);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGCHLD, &children, NULL);
	if (sigprocmask(SIG_BLOCK, &heard, NULL) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		return -errno;
	if (keeper->nofile.rlim_max == 0)
		getrlimit(RLIMIT_NOFILE, &keeper->nofile);
	nofile = (struct rlimit){.rlim_cur = keeper->nofile.rlim_max, .rlim_max = keeper->nofile.rlim_max};
	setrlimit(RLIMIT_NOFILE, &nofile);
	keeper->signals = signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK);
	return keeper->signals < 0 ? -errno : 0;
}

int keeper_live(struct keeper *keeper)
{
	if (take_charge(keeper) != 0) {
		keeper_say_ready(keeper, "failed\n");
		return 1;
	}
	while (!keeper->over)
		turn(keeper);
	keeper_say_ready(keeper, "failed\n");
	close(keeper->signals);
	return keeper->status;
}

int keeper_run(const struct keeper_options *options)
{
	static struct keeper keeper; /* zeroed pages that cost nothing until they are used */

	keeper.options = options;
	keeper.ready_fd = options->ready_fd;
	keeper.status = 1;
	keeper.engine = (struct engine){.pidfd = -1, .socket = -1};
	keeper.handover.program = -1;
	return keeper_live(&keeper);
}
