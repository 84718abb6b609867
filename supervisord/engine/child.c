/* SPDX-License-Identifier: MIT */
#include "engine/child.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/clone_into.h"

#define SIGNALS_LAST      64
#define KERNEL_MASK_BYTES 8u
#define RANGE_UNSHARE     2u /* CLOSE_RANGE_UNSHARE, since Linux 5.9: copies only what is not in the range */
#define RANGE_CLOEXEC     4u /* CLOSE_RANGE_CLOEXEC, since Linux 5.11 */

/* A sanitizer's books are the parent's; a child that never returns must not write in them. */
#define IN_CHILD __attribute__((no_sanitize("address", "thread", "undefined")))

#ifdef __GLIBC__
/* The C library's own entry: a sanitizer's wrapper around clone() gives up on shared memory. */
extern int __clone(int (*run)(void *arg), void *stack, int flags, void *arg, ...);
#define clone_raw __clone
#else
#define clone_raw clone
#endif

IN_CHILD static int reset_signals(void)
{
	/* All zero: SIG_DFL, no flags, no restorer, an empty mask, on every architecture. */
	static const uint64_t nothing[8];

	for (int number = 1; number <= SIGNALS_LAST; number++)
		syscall(SYS_rt_sigaction, number, nothing, NULL, KERNEL_MASK_BYTES); /* KILL and STOP cannot be set */
	return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, nothing, NULL, KERNEL_MASK_BYTES);
}

IN_CHILD static int place_fds(const struct child_plan *plan)
{
	for (int i = 0; i < 3; i++)
		if (syscall(SYS_dup3, plan->fds[i], i, 0) < 0)
			return -1;
	syscall(SYS_close_range, 3, ~0U, RANGE_CLOEXEC); /* what is older has only what is CLOEXEC by itself */
	return plan->notify_fd < 0 ? 0 : (int)syscall(SYS_dup3, plan->notify_fd, plan->notify_as, 0);
}

IN_CHILD static int set_nice(const struct child_plan *plan)
{
	return plan->nice == NICE_INHERIT ? 0 : (int)syscall(SYS_setpriority, PRIO_PROCESS, 0, plan->nice);
}

IN_CHILD static int set_groups(const struct owner *owner)
{
	if (syscall(SYS_setgroups, owner->count, owner->groups) < 0)
		return -1;
	return (int)syscall(SYS_setresgid, owner->gid, owner->gid, owner->gid);
}

/* What a run is bounded by, and as whom it runs: raw calls, which change this process alone. */
IN_CHILD static int become(struct child_plan *plan)
{
	plan->stage = SPAWN_LIMITS;
	if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &plan->nofile, NULL) < 0)
		return -1;
	if (plan->umask >= 0)
		syscall(SYS_umask, plan->umask);
	plan->stage = SPAWN_NICE;
	if (set_nice(plan) < 0)
		return -1;
	if (!plan->owner || !plan->owner->changes)
		return 0;
	plan->stage = SPAWN_GROUP;
	if (set_groups(plan->owner) < 0)
		return -1;
	plan->stage = SPAWN_USER;
	return (int)syscall(SYS_setresuid, plan->owner->uid, plan->owner->uid, plan->owner->uid);
}

IN_CHILD static int take_terminal(const struct child_plan *plan)
{
	return plan->tty < 0 ? 0 : (int)syscall(SYS_ioctl, plan->tty, TIOCSCTTY, 0);
}

IN_CHILD static int get_ready(struct child_plan *plan)
{
	plan->stage = SPAWN_PIPES; /* before anything is done to a descriptor */
	if (plan->keep_below && syscall(SYS_close_range, plan->keep_below, ~0U, RANGE_UNSHARE) < 0)
		return -1;
	plan->stage = SPAWN_SESSION;
	if (syscall(SYS_setsid) < 0)
		return -1;
	plan->stage = SPAWN_TTY;
	if (take_terminal(plan) < 0)
		return -1;
	if (become(plan) < 0)
		return -1;
	plan->stage = SPAWN_DIR;
	if (syscall(SYS_fchdir, plan->dir_fd) < 0)
		return -1;
	plan->stage = SPAWN_PIPES;
	if (place_fds(plan) < 0 || reset_signals() < 0)
		return -1;
	plan->stage = SPAWN_EXEC;
	return 0;
}

IN_CHILD static int child_main(void *arg)
{
	struct child_plan *plan = arg;
	int report[2];

	if (get_ready(plan) == 0)
		syscall(SYS_execve, plan->path, plan->argv, plan->env);
	plan->error = errno;
	report[0] = plan->stage;
	report[1] = plan->error;
	if (plan->report_fd >= 0)
		syscall(SYS_write, plan->report_fd, report, sizeof report);
	return (int)syscall(SYS_exit_group, 127);
}

pid_t child_clone(struct child_plan *plan, char *stack, bool sibling, int *pidfd)
{
	int flags = CLONE_PIDFD | CLONE_VM | CLONE_VFORK | SIGCHLD | (sibling ? CLONE_PARENT : 0) |
		    (plan->keep_below ? CLONE_FILES : 0);
	int fd = -1;
	pid_t pid = -ENOSYS;

	if (plan->cgroup_fd >= 0)
		pid = clone_into(plan->cgroup_fd, child_main, plan, stack, CHILD_STACK_BYTES, flags, &fd);
	if (pid < 0) /* a group that takes nobody in is done without */
		pid = clone_raw(child_main, stack + CHILD_STACK_BYTES, flags, plan, &fd);
	if (pid < 0)
		return -errno;
	*pidfd = fd;
	return pid;
}

IN_CHILD static int touch_main(void *arg)
{
	volatile int *touched = arg;

	*touched = 1;
	return (int)syscall(SYS_exit_group, 0);
}

IN_CHILD static int unshare_main(void *arg)
{
	volatile int *unshared = arg;

	*unshared = syscall(SYS_close_range, 3, ~0U, RANGE_UNSHARE) == 0;
	return (int)syscall(SYS_exit_group, 0);
}

static bool try_child(int (*run)(void *arg), char *stack, int flags)
{
	volatile int result = 0;
	pid_t pid =
		clone_raw(run, stack + CHILD_STACK_BYTES, CLONE_VM | CLONE_VFORK | SIGCHLD | flags, (void *)&result);

	if (pid > 0)
		waitpid(pid, NULL, 0);
	return result != 0;
}

bool child_shares_memory(char *stack)
{
	return try_child(touch_main, stack, 0);
}

bool child_shares_files(char *stack)
{
	return try_child(unshare_main, stack, CLONE_FILES);
}

static size_t guard_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

char *child_stack_make(void)
{
	char *base = mmap(NULL, guard_bytes() + CHILD_STACK_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (base == MAP_FAILED)
		return NULL;
	mprotect(base, guard_bytes(), PROT_NONE);
	return base + guard_bytes();
}

void child_stack_free(char *stack)
{
	munmap(stack - guard_bytes(), guard_bytes() + CHILD_STACK_BYTES);
}
