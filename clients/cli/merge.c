/* SPDX-License-Identifier: MIT */
#include "clients/cli/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/cli.h"

void merge_init(struct merge *merge, const struct filter *filter, const char *state_dir)
{
	*merge = (struct merge){.filter = *filter};
	merge->state_dir = must(strdup(state_dir));
	merge->text = must(malloc(BRM_LOG_LINE_MAX));
	merge->probe = must(malloc(BRM_LOG_LINE_MAX));
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
	free(merge->probe);
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

/* What the index alone can say; the text is looked at last. */
static bool is_wanted_record(const struct filter *filter, const struct brm_log_line *line)
{
	return line->time_us >= filter->since_us && line->time_us < filter->until_us &&
	       (filter->stream < 0 || line->stream == filter->stream) && line->level >= filter->level;
}

static bool is_wanted(struct merge *merge, const struct track *track, const struct brm_log_line *line)
{
	ssize_t length;

	if (!is_wanted_record(&merge->filter, line))
		return false;
	if (!merge->filter.match)
		return true;
	length = brm_log_text(track->log, line, merge->probe, BRM_LOG_LINE_MAX);
	return length >= 0 && match_test(merge->filter.match, merge->probe, (size_t)length);
}

/* The seq from which on so many wanted lines are left, found backwards from the end. */
static uint64_t count_back(struct merge *merge, struct track *track, uint64_t first)
{
	struct brm_log_line lines[TRACK_RECORDS];
	int64_t left = merge->filter.last;
	uint64_t seq = track->end;

	while (left > 0 && seq > first) {
		uint64_t from = seq - first > TRACK_RECORDS ? seq - TRACK_RECORDS : first;
		ssize_t count = brm_log_lines(track->log, from, lines, (size_t)(seq - from));

		if (count < (ssize_t)(seq - from))
			return seq;
		for (ssize_t i = count; i > 0 && left > 0; i--, seq--)
			left -= is_wanted(merge, track, &lines[i - 1]);
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
	track->next = seq;
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

/* Read more records of a track whose own are used up. False: there are none for now. */
static bool refill(struct merge *merge, struct track *track)
{
	ssize_t count;

	track->at = track->count = 0;
	if (!track->log || track->next >= track->end)
		return false;
	count = brm_log_lines(track->log, track->next, track->records, TRACK_RECORDS);
	if (count == -ERANGE) {
		uint64_t first;

		brm_log_range(track->log, &first, &track->end);
		merge->lost += first > track->next ? first - track->next : 0;
		track->next = first;
		count = brm_log_lines(track->log, track->next, track->records, TRACK_RECORDS);
	}
	if (count <= 0)
		return false;
	track->next += (uint64_t)count;
	track->count = (size_t)count;
	return true;
}

/* To the next wanted line of a track, its current one included. False: there is none for now. */
static bool settle(struct merge *merge, struct track *track)
{
	do {
		for (; track->at < track->count; track->at++) {
			const struct brm_log_line *line = &track->records[track->at];

			if (line->time_us >= merge->filter.until_us)
				track->next = track->end; /* times never decrease: none of the rest is wanted */
			else if (is_wanted(merge, track, line))
				return true;
		}
	} while (refill(merge, track));
	return false;
}

/* Close a store that was removed; one that is made anew under its name is read from its start. */
static void forget(struct track *track)
{
	brm_log_close(track->log);
	track->log = NULL;
	track->next = track->end = 0;
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

bool merge_next(struct merge *merge, struct merged *out)
{
	while (merge->heap_count > 0) {
		struct track *track = merge->heap[0];
		struct brm_log_line line = track->records[track->at];
		ssize_t length = brm_log_text(track->log, &line, merge->text, BRM_LOG_LINE_MAX);

		*out = (struct merged){.track = track, .line = line, .text = merge->text, .length = (size_t)length};
		track->at++;
		if (!settle(merge, track))
			merge->heap[0] = merge->heap[--merge->heap_count];
		sink(merge, 0);
		if (length >= 0)
			return true;
		merge->lost++;
	}
	return false;
}
