/* SPDX-License-Identifier: MIT */
#include "engine/crash.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STACK_BYTES (64u << 10) /* the thread's own may be what has run out */

static const int own_faults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};
#define FAULTS (sizeof own_faults / sizeof *own_faults)

static struct sigaction former[FAULTS];
static char working_on[BRM_ID_MAX];
static int link_socket = -1;

static void on_fault(int number, siginfo_t *info, void *context)
{
	(void)context;
	for (size_t i = 0; i < FAULTS; i++)
		if (own_faults[i] == number)
			sigaction(number, &former[i], NULL);
	if (working_on[0] && gettid() == getpid())
		keeperlink_tell_crash(link_socket, working_on);
	if (info->si_code <= 0) /* raised by somebody; else the fault happens again */
		raise(number);
}

void crash_watch(const struct keeperlink *link)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
	stack_t stack = {.ss_size = STACK_BYTES};

	link_socket = keeperlink_socket(link);
	stack.ss_sp = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack.ss_sp != MAP_FAILED)
		sigaltstack(&stack, NULL);
	for (size_t i = 0; i < FAULTS; i++)
		sigaction(own_faults[i], &action, &former[i]);
}

bool crash_enter(const char *name)
{
	if (working_on[0])
		return false;
	memcpy(working_on, name, strnlen(name, sizeof working_on - 1) + 1);
	working_on[sizeof working_on - 1] = '\0';
	return true;
}

void crash_leave(void)
{
	working_on[0] = '\0';
}
