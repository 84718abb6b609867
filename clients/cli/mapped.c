/* SPDX-License-Identifier: MIT */
#include "clients/cli/mapped.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static struct mapped *watched; /* the piece that the handler looks after */

/*
 * The signal is synchronous: it interrupts an instruction that reads the piece, so no lock of the C library is held,
 * and mmap(2) can be called. The instruction is done again, and reads zeros. What is not ours ends the program, as it
 * would without a handler.
 */
static void put_zeros(int number, siginfo_t *info, void *context)
{
	const char *at = info->si_addr;
	int saved = errno;

	(void)context;
	if (watched && at >= watched->base && at < watched->base + watched->size &&
	    mmap(watched->base, watched->size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		watched->lost = true;
	else
		signal(number, SIG_DFL);
	errno = saved;
}

static bool watch(struct mapped *mapped)
{
	struct sigaction action = {.sa_sigaction = put_zeros, .sa_flags = SA_SIGINFO};

	if (!watched && sigaction(SIGBUS, &action, NULL) != 0)
		return false;
	watched = mapped;
	return true;
}

void mapped_release(struct mapped *mapped)
{
	if (mapped->base)
		munmap(mapped->base, mapped->size);
	*mapped = (struct mapped){.base = NULL};
}

const char *mapped_take(struct mapped *mapped, int fd, uint64_t offset, size_t length)
{
	size_t before = (size_t)(offset % (uint64_t)sysconf(_SC_PAGESIZE));
	void *base;

	mapped_release(mapped);
	base = mmap(NULL, before + length, PROT_READ, MAP_SHARED, fd, (off_t)(offset - before));
	if (base == MAP_FAILED)
		return NULL;
	*mapped = (struct mapped){.base = base, .size = before + length};
	if (watch(mapped))
		return mapped->base + before;
	mapped_release(mapped);
	return NULL;
}

bool mapped_is_lost(const struct mapped *mapped)
{
	atomic_signal_fence(memory_order_seq_cst); /* all that was read before is read by now */
	return mapped->lost;
}
