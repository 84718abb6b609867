/* SPDX-License-Identifier: MIT */
#include <brummer/events.h>

#include <errno.h>
#include <string.h>

#include "libshm/latch.h"
#include "libshm/reading.h"

#define READ_TRIES 16 /* copies that were overtaken as a whole */

static const char *const by_words[] = {
	[BRM_BY_NOBODY] = "nobody",   [BRM_BY_CLI] = "brummer-cli",       [BRM_BY_TUI] = "brummer-tui",
	[BRM_BY_MCP] = "brummer-mcp", [BRM_BY_OTHER] = "another program", [BRM_BY_SUPERVISOR] = "supervisor",
};

const char *brm_by_word(enum brm_by by)
{
	return (unsigned)by <= BRM_BY_SUPERVISOR ? by_words[by] : by_words[BRM_BY_OTHER];
}

/* The oldest event whose place is not being refilled while the next one is `end`. */
static uint64_t oldest(const struct map *map, uint64_t end)
{
	/* relaxed: it never changes */
	uint64_t first = atomic_load_explicit(&map_life(map)->events_first, memory_order_relaxed);
	uint64_t kept = map->events - 1;

	if (first > end)
		return end;
	return end - first > kept ? end - kept : first;
}

void brm_events_range(const struct brm_reader *reader, uint64_t *first, uint64_t *end)
{
	/* acquire: the events before it are there */
	*end = atomic_load_explicit(&map_life(&reader->map)->events_end, memory_order_acquire);
	*first = oldest(&reader->map, *end);
}

/* Copy events [from, from + count), as much of each as both sides know. */
static void copy_events(const struct map *map, uint64_t from, size_t count, struct brm_event *out)
{
	size_t stride = map->at[LAYOUT_EVENTS].stride;
	size_t words = stride < LAYOUT_EVENT_WORDS ? stride : LAYOUT_EVENT_WORDS;

	memset(out, 0, count * sizeof *out);
	for (size_t i = 0; i < count; i++) {
		latch_load(&out[i], map_record(map, LAYOUT_EVENTS, (from + i) & (map->events - 1)), words);
		out[i].seq = from + i;
	}
}

size_t brm_events_read(const struct brm_reader *reader, uint64_t *cursor, struct brm_event *out, size_t max,
		       uint64_t *missed)
{
	const struct map *map = &reader->map;

	*missed = 0;
	for (int tries = 0; tries < READ_TRIES; tries++) {
		uint64_t first, end, whole;
		size_t count;

		brm_events_range(reader, &first, &end);
		if (*cursor > first)
			first = *cursor;
		if (first >= end)
			return 0;
		count = end - first < max ? (size_t)(end - first) : max;
		copy_events(map, first, count, out);
		/* relaxed: the acquire loads of the copy come before it */
		whole = oldest(map, atomic_load_explicit(&map_life(map)->events_end, memory_order_relaxed));
		if (whole >= first + count && count > 0)
			continue;
		if (whole > first) {
			count -= (size_t)(whole - first);
			memmove(out, out + (whole - first), count * sizeof *out);
			first = whole;
		}
		*missed = *cursor == 0 ? 0 : first - *cursor;
		*cursor = first + count;
		return count;
	}
	return 0;
}

int brm_event_name(const struct brm_reader *reader, const struct brm_event *event, char out[BRM_NAME_MAX])
{
	struct brm_state state = {.identity = event->identity};

	if (event->entry == UINT32_MAX) {
		out[0] = '\0';
		return 0;
	}
	return brm_reader_name(reader, &state, out) == 0 ? 0 : -EBADMSG;
}
