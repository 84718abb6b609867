/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * heap.c - memory for a program that lives for a fraction of a millisecond
 *
 * In the small program this stands in for the C library's malloc(): memory is taken from large pieces, one after the
 * other, and given back only when it was the last that was taken. What would run on is left to the whole program, so
 * nothing grows without end. Each block is preceded by its size. Touching pages is most of what a long list costs:
 * where there are many to come, one huge page takes the time of some fifty small ones.
 */

#define FIRST ((size_t)512 << 10) /* enough for most lists; pages that are not touched cost nothing */
#define HUGE  ((size_t)2 << 20)
#define ALIGN 16

static char *at;
static size_t left;
static char *used; /* of this piece: what was given back lies before it, what lies behind it is empty */

static size_t rounded(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t *size_of(void *memory)
{
	return (size_t *)((char *)memory - ALIGN);
}

/* Another piece, empty, of at least `need` bytes; the first is small, others begin where a huge page can. */
static int grow(size_t need)
{
	bool first = !at && need <= FIRST;
	size_t length = first ? FIRST : (need + HUGE - 1) / HUGE * HUGE;
	size_t spare = first ? 0 : HUGE;
	char *piece = mmap(NULL, length + spare, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (piece == MAP_FAILED)
		return -1;
	if (!first) {
		piece += HUGE - 1 - ((uintptr_t)piece - 1) % HUGE;
		madvise(piece, length, MADV_HUGEPAGE);
	}
	at = used = piece;
	left = length;
	return 0;
}

static void *take(size_t size)
{
	size_t need = rounded(size) + ALIGN;
	char *memory;

	if (size > PTRDIFF_MAX - 2 * HUGE) {
		errno = ENOMEM;
		return NULL;
	}
	if (need > left && grow(need) != 0)
		return NULL;
	memory = at + ALIGN;
	at += need;
	left -= need;
	*size_of(memory) = rounded(size);
	return memory;
}

void *malloc(size_t size)
{
	return take(size);
}

static int is_last(void *memory)
{
	return (char *)memory + *size_of(memory) == at;
}

void free(void *memory)
{
	if (!memory || !is_last(memory))
		return;
	used = at > used ? at : used;
	left += *size_of(memory) + ALIGN;
	at = (char *)memory - ALIGN;
}

void *calloc(size_t count, size_t size)
{
	char *memory;

	if (size > 0 && count > PTRDIFF_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	memory = take(count * size);
	/* What was given back is not empty. Each page that is cleared for nothing takes a microsecond. */
	if (memory && memory < used)
		memset(memory, 0, (size_t)(used - memory) < count * size ? (size_t)(used - memory) : count * size);
	return memory;
}

void *realloc(void *memory, size_t size)
{
	void *fresh;

	if (memory && size <= *size_of(memory))
		return memory;
	if (memory && is_last(memory) && rounded(size) - *size_of(memory) <= left) {
		at += rounded(size) - *size_of(memory);
		left -= rounded(size) - *size_of(memory);
		*size_of(memory) = rounded(size);
		return memory;
	}
	fresh = take(size);
	return fresh && memory ? memcpy(fresh, memory, *size_of(memory)) : fresh;
}

/* Whatever else takes memory of the C library's must find its own kind. */
void *aligned_alloc(size_t align, size_t size)
{
	errno = align > ALIGN ? EINVAL : 0;
	return align > ALIGN ? NULL : take(size);
}
