/* SPDX-License-Identifier: MIT */
#include "engine/clone_into.h"

#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>

/*
 * The C library has clone() with a function for the child, but no clone3(), which alone can put a child into a control
 * group at its birth; moving it there afterwards takes a lock that costs milliseconds. Where we know no way, there is
 * none: the caller clones without.
 */

#define INTO_CGROUP UINT64_C(0x200000000) /* CLONE_INTO_CGROUP, since Linux 5.7 */

/* struct clone_args, as far as it goes. */
struct clone3_args {
	uint64_t flags;
	uint64_t pidfd;
	uint64_t child_tid;
	uint64_t parent_tid;
	uint64_t exit_signal;
	uint64_t stack;
	uint64_t stack_size;
	uint64_t tls;
	uint64_t set_tid;
	uint64_t set_tid_size;
	uint64_t cgroup;
};

#if defined(__x86_64__) && defined(__LP64__) && defined(SYS_clone3)
__attribute__((noinline)) static long clone3_raw(struct clone3_args *args, int (*run)(void *arg), void *arg)
{
	register int (*entry)(void *) __asm__("r12") = run;
	register void *given __asm__("r13") = arg;
	long result = SYS_clone3;

	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "mov %[given], %%rdi\n\t"
			 "call *%[entry]\n\t"
			 "ud2\n"
			 "1:"
			 : "+a"(result)
			 : "D"(args), "S"(sizeof *args), [entry] "r"(entry), [given] "r"(given)
			 : "rcx", "r11", "memory");
	return result;
}
#elif defined(__aarch64__) && defined(SYS_clone3)
__attribute__((noinline)) static long clone3_raw(struct clone3_args *args, int (*run)(void *arg), void *arg)
{
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = (long)sizeof *args;
	register long number __asm__("x8") = SYS_clone3;
	register int (*entry)(void *) __asm__("x20") = run;
	register void *given __asm__("x21") = arg;

	__asm__ volatile("svc #0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, #0\n\t"
			 "mov x0, %[given]\n\t"
			 "blr %[entry]\n\t"
			 "brk #1\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x1), "r"(number), [entry] "r"(entry), [given] "r"(given)
			 : "memory");
	return x0;
}
#else
static long clone3_raw(struct clone3_args *args, int (*run)(void *arg), void *arg)
{
	(void)args, (void)run, (void)arg;
	return -ENOSYS;
}
#endif

pid_t clone_into(int cgroup, int (*run)(void *arg), void *arg, char *stack, size_t size, int flags, int *pidfd)
{
	struct clone3_args args = {
		.flags = (uint64_t)(unsigned)(flags & ~0xff) | INTO_CGROUP,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = flags & CLONE_PARENT ? 0 : (uint64_t)(flags & 0xff), /* a sibling has ours */
		.stack = (uint64_t)(uintptr_t)stack,
		.stack_size = size,
		.cgroup = (uint64_t)cgroup,
	};

	return (pid_t)clone3_raw(&args, run, arg);
}
