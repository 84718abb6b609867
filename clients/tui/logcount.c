/* SPDX-License-Identifier: MIT */
#include "clients/tui/logcount.h"

#include <stdlib.h>
#include <string.h>

#include "clients/common/when.h"

#define BETWEEN_LOOKS 32u /* lines until the clock is looked at again */

void logcount_finish(struct logcount *count)
{
	for (int i = 0; i < LOGSET_MAX; i++)
		free(count->of[i].seqs);
	memset(count, 0, sizeof *count);
}

static bool keep(struct logcount *count, int source, uint64_t seq)
{
	size_t room = count->of[source].room;

	if (count->found >= LOGCOUNT_MOST) {
		count->over = true;
		return false;
	}
	if (count->of[source].count == room) {
		uint64_t *seqs = realloc(count->of[source].seqs, (room ? room * 2 : 64) * sizeof *seqs);

		if (!seqs)
			return false;
		count->of[source].seqs = seqs;
		count->of[source].room = room ? room * 2 : 64;
	}
	count->of[source].seqs[count->of[source].count++] = seq;
	count->found++;
	return true;
}

/* A block of one source. False: there is nothing left in it, or no time. */
static bool step_source(struct logcount *count, struct logset *set, int i, logcount_test *test, void *arg,
			uint64_t end_ns)
{
	struct logsource *source = &set->sources[i];
	ssize_t n;

	if (count->of[i].next < source->first)
		count->of[i].next = source->first;
	if (!source->log || count->of[i].next >= source->end)
		return false;
	n = brm_log_lines(source->log, count->of[i].next, count->block, LOGSET_BLOCK);
	for (ssize_t k = 0; k < n; k++) {
		if (test(arg, (struct logplace){i, count->block[k].seq}, &count->block[k]) &&
		    !keep(count, i, count->block[k].seq))
			return false;
		count->of[i].next = count->block[k].seq + 1;
		if (k % BETWEEN_LOOKS == 0 && now_read().boot_ns >= end_ns)
			return true;
	}
	return n > 0;
}

bool logcount_step(struct logcount *count, struct logset *set, logcount_test *test, void *arg, uint64_t limit_ns)
{
	uint64_t end_ns = now_read().boot_ns + limit_ns;

	for (int i = 0; i < set->count && !count->over; i++)
		while (step_source(count, set, i, test, arg, end_ns))
			if (now_read().boot_ns >= end_ns)
				return true;
	return false;
}

/* Of a source's matches, those before a line. */
static size_t below(const struct logcount *count, int source, uint64_t seq)
{
	size_t low = 0, high = count->of[source].count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (count->of[source].seqs[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t logcount_before(const struct logcount *count, struct logset *set, struct logplace place)
{
	struct brm_log_line line;
	uint64_t sum = 0, seq;

	if (logset_line(set, place, &line) != 0)
		return 0;
	for (int i = 0; i < set->count; i++) {
		if (i == place.source)
			seq = place.seq + 1;
		else if (!set->sources[i].log ||
			 brm_log_seek_time(set->sources[i].log, line.time_us + (i < place.source), &seq) != 0)
			continue;
		sum += below(count, i, seq);
	}
	return sum;
}

unsigned logcount_percent(const struct logcount *count, const struct logset *set)
{
	uint64_t done = 0, all = 0;

	for (int i = 0; i < set->count; i++) {
		const struct logsource *source = &set->sources[i];

		all += source->end - source->first;
		if (count->of[i].next > source->first)
			done += (count->of[i].next < source->end ? count->of[i].next : source->end) - source->first;
	}
	return all > 0 ? (unsigned)(done * 100 / all) : 100;
}
