/* SPDX-License-Identifier: MIT */
#include <errno.h>
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
 * nothing grows without end. Each block is preceded by its size.
 */

#define PIECE ((size_t)1 << 20)
#define ALIGN 16

static char *at;
static size_t left;

static size_t rounded(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

static size_t *size_of(void *memory)
{
	return (size_t *)((char *)memory - ALIGN);
}

static void *take(size_t size)
{
	size_t need = rounded(size) + ALIGN;
	char *memory;

	if (size > PTRDIFF_MAX - PIECE) {
		errno = ENOMEM;
		return NULL;
	}
	if (need > left) {
		size_t length = need > PIECE ? need : PIECE;
		void *piece = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (piece == MAP_FAILED)
			return NULL;
		at = piece;
		left = length;
	}
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
	left += *size_of(memory) + ALIGN;
	at = (char *)memory - ALIGN;
}

void *calloc(size_t count, size_t size)
{
	void *memory;

	if (size > 0 && count > PTRDIFF_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	memory = take(count * size);
	/* What was given back is taken again, and is not empty. */
	return memory ? memset(memory, 0, count * size) : NULL;
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
