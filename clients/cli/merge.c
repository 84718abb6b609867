/* SPDX-License-Identifier: MIT */
#include "clients/cli/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/cli.h"

#define DENSE 3 /* one line in so many is wanted: then the index is looked at */

void merge_init(struct merge *merge, const struct filter *filter, const char *state_dir)
{
	*merge = (struct merge){.filter = *filter};
	merge->state_dir = must(strdup(state_dir));
	merge->text = must(malloc(BRM_LOG_LINE_MAX));
	sieve_init(&merge->sieve, &merge->filter);
}

void merge_finish(struct merge *merge)
{
	for (size_t i = 0; i < merge->count; i++) {
		brm_log_close(merge->tracks[i]->log);
		free(merge->tracks[i]->name);
		free(merge->tracks[i]);
	}
	free(merge->tracks);
	free(merge->heap);
	free(merge->text);
	sieve_finish(&merge->sieve);
	free(merge->state_dir);
}

struct track *merge_track(struct merge *merge, const char *name)
{
	struct track *track;

	for (size_t i = 0; i < merge->count; i++)
		if (strcmp(merge->tracks[i]->name, name) == 0)
			return merge->tracks[i];
	track = must(calloc(1, sizeof *track));
	track->name = must(strdup(name));
	track->number = merge->count;
	merge->tracks = must(realloc(merge->tracks, (merge->count + 1) * sizeof *merge->tracks));
	merge->heap = must(realloc(merge->heap, (merge->count + 1) * sizeof *merge->heap));
	merge->tracks[merge->count++] = track;
	return track;
}

/* The seq from which on so many wanted lines are left, found backwards from the end. */
static uint64_t count_back(struct merge *merge, struct track *track, uint64_t first)
{
	int64_t left = merge->filter.last;
	uint64_t seq = track->end;
	size_t stride = TRACK_RECORDS;

	while (left > 0 && seq > first) {
		uint64_t from = seq - first > stride ? seq - stride : first;
		ssize_t count = sieve_look(&merge->sieve, track->log, from, (size_t)(seq - from));

		if (count < (ssize_t)(seq - from))
			return seq;
		for (; seq > from && left > 0; seq--)
			left -= merge->sieve.hits[seq - 1 - from];
		stride = stride < SIEVE_LINES ? 2 * stride : SIEVE_LINES;
	}
	return seq;
}

/* Where the first look at a store begins. */
static int position(struct merge *merge, struct track *track)
{
	uint64_t first, seq;
	int rc = 0;

	brm_log_range(track->log, &first, &track->end);
	seq = first;
	if (merge->filter.since_us > 0)
		rc = brm_log_seek_time(track->log, merge->filter.since_us, &seq);
	if (rc == 0 && merge->filter.last >= 0)
		seq = count_back(merge, track, seq);
	track->scan = seq;
	track->next = seq - first < merge->filter.before ? first : seq - merge->filter.before;
	track->positioned = rc == 0;
	return rc;
}

static bool is_earlier(const struct track *a, const struct track *b)
{
	uint64_t x = a->records[a->at].time_us, y = b->records[b->at].time_us;

	return x != y ? x < y : a->number < b->number;
}

/* Let the track at `i` of the heap sink to its place. */
static void sink(struct merge *merge, size_t i)
{
	struct track **heap = merge->heap;

	for (;;) {
		size_t least = i;

		for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < merge->heap_count; child++)
			if (is_earlier(heap[child], heap[least]))
				least = child;
		if (least == i)
			return;
		struct track *moved = heap[i];

		heap[i] = heap[least];
		heap[least] = moved;
		i = least;
	}
}

static void push(struct merge *merge, struct track *track)
{
	size_t i = merge->heap_count++;

	for (; i > 0 && is_earlier(track, merge->heap[(i - 1) / 2]); i = (i - 1) / 2)
		merge->heap[i] = merge->heap[(i - 1) / 2];
	merge->heap[i] = track;
}

/* Does one of the lines that follow the i-th within reach want it? */
static bool is_wanted_before(const struct merge *merge, size_t i, size_t count)
{
	for (size_t k = i + 1; k < count && k - i <= merge->filter.before; k++)
		if (merge->sieve.hits[k])
			return true;
	return false;
}

/*
 * Take the wanted lines of those that were looked at, as many as there is room for. Returns how far that went: all
 * lines before it are done with.
 */
static uint64_t take_lines(struct merge *merge, struct track *track, uint64_t from, size_t count)
{
	const struct filter *filter = &merge->filter;

	for (size_t i = 0; i < count; i++) {
		const struct brm_log_line *line = &merge->sieve.lines[i];
		bool around = filter->stream < 0 || line->stream == filter->stream;

		if (merge->sieve.hits[i])
			track->after = line->seq + 1 + filter->after;
		else if (!around || !(line->seq < track->after || is_wanted_before(merge, i, count)))
			continue;
		track->records[track->count++] = *line;
		track->next = line->seq + 1;
		if (track->count == TRACK_RECORDS)
			return track->next;
	}
	return from + count;
}

/* What was rotated away before it was read is lost. False: it is not known what is left. */
static bool skip_lost(struct merge *merge, struct track *track)
{
	uint64_t first;

	brm_log_range(track->log, &first, &track->end);
	if (first <= track->scan && first <= track->next)
		return false;
	merge->lost += first > track->scan ? first - track->scan : 0;
	track->next = first > track->next ? first : track->next;
	track->scan = first > track->scan ? first : track->scan;
	return true;
}

/* Where wanted lines are seldom the text alone is searched for them. False: that cannot be, or not be any more. */
static bool hunt(struct merge *merge, struct track *track)
{
	bool around = merge->filter.before + merge->filter.after > 0;
	struct brm_log_line next;
	uint64_t seq = track->scan;
	ssize_t count;

	if (track->dense || track->scan < track->after)
		return false;
	count = sieve_hunt(&merge->sieve, track->log, &seq, track->end, around ? &next : track->records,
			   around ? 1 : TRACK_RECORDS);
	if (count < 0) {
		track->scan = seq; /* so far there was nothing */
		return false;
	}
	if (around && count > 0) {
		track->scan = next.seq;
		return false;
	}
	track->dense = count > 0 && seq - track->scan < (uint64_t)count * DENSE;
	track->scan = track->next = seq;
	track->count = around ? 0 : (size_t)count;
	return true;
}

/* Find more wanted lines of a track whose own are used up. False: there are none for now. */
static bool refill(struct merge *merge, struct track *track)
{
	uint64_t before = merge->filter.before;

	track->at = track->count = 0;
	while (track->log && track->count == 0 && track->scan < track->end) {
		if (hunt(merge, track))
			continue;
		uint64_t from = track->scan - track->next > before ? track->scan - before : track->next;
		size_t stride = track->stride > before ? track->stride : before + TRACK_RECORDS;
		uint64_t want = track->end - from < stride ? track->end - from : stride;
		ssize_t count = sieve_look(&merge->sieve, track->log, from, (size_t)want);

		if (count == -ERANGE && skip_lost(merge, track))
			continue;
		if (count <= 0)
			return false;
		if (merge->sieve.lines[0].time_us >= merge->filter.until_us) {
			track->scan = track->next = track->end; /* times never decrease: the rest is not wanted */
			return false;
		}
		track->scan = take_lines(merge, track, from, (size_t)count);
		track->dense = track->count * DENSE >= (size_t)count;
		track->stride = track->count == TRACK_RECORDS ? TRACK_RECORDS
				: 2 * stride < SIEVE_LINES    ? 2 * stride
							      : SIEVE_LINES;
	}
	return track->count > 0;
}

/* To the next wanted line of a track, its current one included. False: there is none for now. */
static bool settle(struct merge *merge, struct track *track)
{
	return track->at < track->count || refill(merge, track);
}

/* Close a store that was removed; one that is made anew under its name is read from its start. */
static void forget(struct track *track)
{
	brm_log_close(track->log);
	track->log = NULL;
	track->next = track->scan = track->after = track->end = 0;
	track->at = track->count = 0;
}

int merge_extend(struct merge *merge, struct track *track, const struct brm_log_mark *mark)
{
	bool waited = track->at < track->count; /* then it is in the heap */
	uint64_t first;
	int rc = 0;

	if (!track->log)
		rc = brm_log_open(merge->state_dir, track->name, &track->log);
	if (rc == 0)
		rc = brm_log_refresh(track->log, mark);
	if (rc == -ESTALE && !waited) {
		forget(track);
		rc = brm_log_open(merge->state_dir, track->name, &track->log);
		if (rc == 0)
			rc = brm_log_refresh(track->log, mark);
	}
	if (rc == 0 && !track->positioned)
		rc = position(merge, track);
	if (rc != 0)
		return rc;
	brm_log_range(track->log, &first, &track->end);
	if (!waited && settle(merge, track))
		push(merge, track);
	return 0;
}

int merge_process(struct merge *merge, const struct process *process, bool live)
{
	struct track *track = merge_track(merge, process->identity.name);

	track->run = process->state.run;
	track->run_us = process->state.start_ns / 1000;
	return merge_extend(merge, track, live && process->has_log ? &process->log : NULL);
}

/* Leave the line that was taken; its text is good no more. */
static void leave_taken(struct merge *merge)
{
	struct track *track = merge->heap[0];

	merge->taken = false;
	track->at++;
	if (!settle(merge, track))
		merge->heap[0] = merge->heap[--merge->heap_count];
	sink(merge, 0);
}

/* The text of a track's current line; NULL: it was rotated away. */
static const char *text_of(struct merge *merge, const struct track *track, const struct brm_log_line *line,
			   size_t *length)
{
	const char *text = sieve_text(&merge->sieve, track->log, line, merge->text);
	ssize_t got;

	*length = line->length;
	if (text)
		return text;
	got = brm_log_text(track->log, line, merge->text, BRM_LOG_LINE_MAX);
	*length = got > 0 ? (size_t)got : 0;
	return got >= 0 ? merge->text : NULL;
}

bool merge_next(struct merge *merge, struct merged *out)
{
	if (merge->taken)
		leave_taken(merge);
	while (merge->heap_count > 0) {
		struct track *track = merge->heap[0];

		*out = (struct merged){.track = track, .line = track->records[track->at]};
		out->text = text_of(merge, track, &out->line, &out->length);
		merge->taken = true;
		if (out->text)
			return true;
		leave_taken(merge);
		merge->lost++;
	}
	return false;
}
