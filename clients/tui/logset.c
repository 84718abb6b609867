/* SPDX-License-Identifier: MIT */
#include "clients/tui/logset.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void close_source(struct logsource *source)
{
	brm_log_close(source->log);
	free(source->block);
	free(source->events);
	*source = (struct logsource){0};
}

void logset_finish(struct logset *set)
{
	for (int i = 0; i <= set->count; i++)
		close_source(&set->sources[i]);
	set->count = set->walked = 0;
}

int logset_find(const struct logset *set, uint32_t entry, uint32_t tenant)
{
	for (int i = 0; i < set->count; i++)
		if (set->sources[i].entry == entry && set->sources[i].tenant == tenant)
			return i;
	return -1;
}

static bool is_of(const struct logsource *source, const struct process *process)
{
	return source->entry == process->entry && source->tenant == brm_head_tenant(process->state.head);
}

bool logset_choose(struct logset *set, const struct process *const *processes, int count)
{
	struct logsource old[LOGSET_MAX];
	int old_count = set->count;
	bool same;

	if (count > LOGSET_MAX)
		count = LOGSET_MAX;
	same = count == set->count;
	for (int i = 0; same && i < count; i++)
		same = is_of(&set->sources[i], processes[i]);
	if (same)
		return false;
	close_source(&set->sources[old_count]);
	set->event_cursor = 0;
	memcpy(old, set->sources, sizeof old);
	set->count = set->walked = count;
	set->sources[count] = (struct logsource){0};
	for (int i = 0; i < count; i++) {
		struct logsource *source = &set->sources[i];

		*source = (struct logsource){.entry = processes[i]->entry,
					     .tenant = brm_head_tenant(processes[i]->state.head)};
		snprintf(source->name, sizeof source->name, "%s", processes[i]->identity.name);
		for (int j = 0; j < old_count; j++)
			if (is_of(&old[j], processes[i])) {
				*source = old[j];
				old[j] = (struct logsource){.tenant = UINT32_MAX};
			}
	}
	for (int j = 0; j < old_count; j++)
		close_source(&old[j]);
	return true;
}

static const struct process *process_of(const struct snapshot *snapshot, const struct logsource *source)
{
	for (uint32_t i = 0; i < snapshot->count; i++)
		if (is_of(source, &snapshot->processes[i]))
			return &snapshot->processes[i];
	return NULL;
}

/* The newest mark: from the region, else as the snapshot has it. */
static bool newest_mark(const struct process *process, struct brm_reader *reader, struct brm_log_mark *mark)
{
	struct brm_handle handle = {process->entry, brm_head_tenant(process->state.head)};

	*mark = process->log;
	return reader ? brm_reader_log_mark(reader, handle, mark) == 0 : process->has_log;
}

static bool refresh_source(struct logsource *source, const char *state_dir, const struct brm_log_mark *mark)
{
	uint64_t first = source->first, end = source->end;

	if (mark && source->log && mark->lines == end)
		return false;
	if (!source->log && brm_log_open(state_dir, source->name, &source->log) != 0)
		return false;
	if (brm_log_refresh(source->log, mark) != 0)
		return false;
	brm_log_range(source->log, &source->first, &source->end);
	if (source->block_count < LOGSET_BLOCK)
		source->block_count = 0; /* it ended with the store then; there may be more now */
	return source->end != end || source->first != first;
}

bool logset_refresh(struct logset *set, const struct snapshot *snapshot, struct brm_reader *reader)
{
	bool gone = snapshot->liveness == BRM_DEAD || snapshot->liveness == BRM_CLOSED;
	bool more = false;

	for (int i = 0; i < set->count; i++) {
		const struct process *process = process_of(snapshot, &set->sources[i]);
		struct brm_log_mark mark;

		if (!process)
			continue;
		set->sources[i].start_ns = process->state.start_ns;
		if (newest_mark(process, reader, &mark))
			more |= refresh_source(&set->sources[i], snapshot->info.state_dir, gone ? NULL : &mark);
	}
	return more;
}

static const struct brm_log_line *record(struct logsource *source, uint64_t seq)
{
	ssize_t n;

	if (source->events)
		return seq >= source->first && seq < source->end ? &source->block[seq - source->first] : NULL;
	if (seq >= source->block_first && seq - source->block_first < source->block_count)
		return &source->block[seq - source->block_first];
	if (seq < source->first || seq >= source->end)
		return NULL;
	if (!source->block)
		source->block = calloc(LOGSET_BLOCK, sizeof *source->block);
	source->block_count = 0;
	source->block_first = seq - seq % LOGSET_BLOCK;
	if (source->block_first < source->first)
		source->block_first = source->first;
	if (!source->block)
		return NULL;
	n = brm_log_lines(source->log, source->block_first, source->block, LOGSET_BLOCK);
	if (n > 0)
		source->block_count = (size_t)n;
	return n > 0 && seq - source->block_first < (uint64_t)n ? &source->block[seq - source->block_first] : NULL;
}

int logset_line(struct logset *set, struct logplace place, struct brm_log_line *out)
{
	const struct brm_log_line *line = NULL;

	if (place.source >= 0 && place.source < set->walked)
		line = record(&set->sources[place.source], place.seq);
	if (!line)
		return -ERANGE;
	*out = *line;
	return 0;
}

size_t logset_text(struct logset *set, struct logplace place, const struct brm_log_line *line, char *out, size_t size)
{
	struct brm_log *log = set->sources[place.source].log;
	ssize_t n = log ? brm_log_text(log, line, out, size) : 0;

	return n > 0 ? (size_t)n : 0;
}

/* ---- events ---- */

#define EVENTS_DROPPED (LOGSET_EVENTS / 4) /* at once, when there is no room */

static void drop_oldest(struct logsource *source)
{
	size_t left = LOGSET_EVENTS - EVENTS_DROPPED;

	memmove(source->block, source->block + EVENTS_DROPPED, left * sizeof *source->block);
	memmove(source->events, source->events + EVENTS_DROPPED, left * sizeof *source->events);
	source->first += EVENTS_DROPPED;
}

/* What a reader of the log wants to know of: beginnings, ends, readiness. */
static bool is_told(const struct logset *set, const struct brm_event *event)
{
	bool told = event->to == BRM_STARTING || event->to == BRM_BACKOFF ||
		    brm_status_is_finished((enum brm_status)event->to) || event->reason_code == BRM_REASON_READY;

	return told && event->entry < HAPPENING_MISSED && logset_find(set, event->entry, event->tenant) >= 0;
}

static void add_event(struct logset *set, const struct brm_event *event)
{
	struct logsource *source = &set->sources[set->count];
	uint64_t last_us = 0, time_us = event->time_ns / 1000;
	size_t at;

	if (!source->events) {
		source->events = calloc(LOGSET_EVENTS, sizeof *source->events);
		source->block = calloc(LOGSET_EVENTS, sizeof *source->block);
		if (!source->events || !source->block) {
			close_source(source);
			return;
		}
		set->walked = set->count + 1;
	}
	if (source->end - source->first == LOGSET_EVENTS)
		drop_oldest(source);
	at = (size_t)(source->end - source->first);
	if (at > 0)
		last_us = source->block[at - 1].time_us;
	source->events[at] = *event;
	source->block[at] =
		(struct brm_log_line){.seq = source->end++, .time_us = time_us > last_us ? time_us : last_us};
}

void logset_take_events(struct logset *set, const struct happenings *all)
{
	size_t i = all->count;

	while (i > 0 && all->list[i - 1].seq >= set->event_cursor)
		i--;
	for (; i < all->count; i++) {
		if (is_told(set, &all->list[i]))
			add_event(set, &all->list[i]);
		set->event_cursor = all->list[i].seq + 1;
	}
}

const struct brm_event *logset_event(const struct logset *set, struct logplace place)
{
	const struct logsource *source = &set->sources[set->count];

	if (place.source != set->count || !source->events || place.seq < source->first || place.seq >= source->end)
		return NULL;
	return &source->events[place.seq - source->first];
}

int logset_owner(const struct logset *set, struct logplace place)
{
	const struct brm_event *event = logset_event(set, place);

	return event ? logset_find(set, event->entry, event->tenant) : place.source < set->count ? place.source : -1;
}

/* ---- walks ---- */

static uint64_t seek_event(const struct logsource *source, uint64_t time_us)
{
	uint64_t seq = source->first;

	while (seq < source->end && source->block[seq - source->first].time_us < time_us)
		seq++;
	return seq;
}

void logset_from(struct logset *set, struct logplace place)
{
	struct brm_log_line line = {0};
	bool known = logset_line(set, place, &line) == 0;

	for (int i = 0; i < set->walked; i++) {
		struct logsource *source = &set->sources[i];

		source->at = source->first;
		if (i == place.source)
			source->at = place.seq < source->first ? source->first : place.seq;
		else if (known && source->events)
			source->at = seek_event(source, line.time_us + (i < place.source));
		else if (known && source->log) /* of equal times, lower sources come first */
			brm_log_seek_time(source->log, line.time_us + (i < place.source), &source->at);
	}
}

void logset_from_end(struct logset *set)
{
	for (int i = 0; i < set->walked; i++)
		set->sources[i].at = set->sources[i].end;
}

void logset_from_start(struct logset *set)
{
	for (int i = 0; i < set->walked; i++)
		set->sources[i].at = set->sources[i].first;
}

void logset_want(struct logset *set, const struct logwant *want)
{
	bool same = want->least == set->want.least && want->since_us == set->want.since_us &&
		    want->text == set->want.text && want->serial == set->want.serial;

	set->want = *want;
	for (int i = 0; i < set->walked && !same; i++)
		set->sources[i].gap_count = set->sources[i].wanted_from = 0;
}

#define TEXT_COST 8u /* of the budget, for a line whose text is looked at */

static bool is_wanted(struct logset *set, struct logsource *source, const struct brm_log_line *line)
{
	struct logplace place = {(int)(source - set->sources), line->seq};

	if (line->level < set->want.least || line->time_us < set->want.since_us)
		return false;
	if (!set->want.text || source->wanted_from == line->seq + 1)
		return true;
	set->budget -= set->budget < TEXT_COST ? set->budget : TEXT_COST;
	if (!set->want.text(set->want.arg, place, line))
		return false;
	source->wanted_from = line->seq + 1; /* it is looked at again and again until its time comes */
	return true;
}

/* Can a walk go on in it? */
static bool is_open(const struct logset *set, const struct logsource *source)
{
	return (source->log || source->events) && set->budget > 0;
}

static const struct gap *gap_around(const struct logsource *source, uint64_t seq)
{
	for (unsigned i = 0; i < source->gap_count && i < LOGSET_GAPS; i++)
		if (seq >= source->gaps[i].from && seq < source->gaps[i].to)
			return &source->gaps[i];
	return NULL;
}

static void add_gap(struct logsource *source, uint64_t from, uint64_t to)
{
	if (to - from > LOGSET_BLOCK)
		source->gaps[source->gap_count++ % LOGSET_GAPS] = (struct gap){from, to};
}

/* The record that a step of a walk would take from a source, after passing over what is not wanted. NULL: none. */
static const struct brm_log_line *peek_next(struct logset *set, struct logsource *source)
{
	const struct brm_log_line *line = NULL;
	uint64_t from = source->at;

	while (is_open(set, source) && (line = record(source, source->at))) {
		const struct gap *gap;

		if (is_wanted(set, source, line))
			break;
		set->budget -= set->budget > 0;
		gap = gap_around(source, source->at);
		source->at = gap ? gap->to : source->at + 1;
		line = NULL;
	}
	add_gap(source, from, source->at);
	return line;
}

static const struct brm_log_line *peek_previous(struct logset *set, struct logsource *source)
{
	const struct brm_log_line *line = NULL;
	uint64_t to = source->at;

	while (is_open(set, source) && source->at > source->first && (line = record(source, source->at - 1))) {
		const struct gap *gap;

		if (is_wanted(set, source, line) || line->time_us < set->want.since_us)
			break;
		set->budget -= set->budget > 0;
		gap = gap_around(source, source->at - 1);
		source->at = gap ? gap->from : source->at - 1;
		line = NULL;
	}
	if (source->at < source->first)
		source->at = source->first;
	add_gap(source, source->at, to);
	return line && line->time_us >= set->want.since_us ? line : NULL;
}

bool logset_next(struct logset *set, struct logplace *place, struct brm_log_line *line)
{
	int best = -1;

	for (int i = 0; i < set->walked; i++) {
		const struct brm_log_line *candidate = peek_next(set, &set->sources[i]);

		if (candidate && (best < 0 || candidate->time_us < line->time_us)) {
			best = i;
			*line = *candidate;
		}
	}
	if (best < 0)
		return false;
	*place = (struct logplace){best, set->sources[best].at++};
	return true;
}

bool logset_previous(struct logset *set, struct logplace *place, struct brm_log_line *line)
{
	int best = -1;

	for (int i = 0; i < set->walked; i++) {
		const struct brm_log_line *candidate = peek_previous(set, &set->sources[i]);

		if (candidate && (best < 0 || candidate->time_us >= line->time_us)) {
			best = i;
			*line = *candidate;
		}
	}
	if (best < 0)
		return false;
	*place = (struct logplace){best, --set->sources[best].at};
	return true;
}

/* ---- errors ---- */

/* The last error that does not begin after a line, and for which lines it is that. */
static void find_error(struct logsource *source, uint64_t seq)
{
	uint64_t low, high, end;
	struct brm_log_error error;

	brm_log_errors_range(source->log, &low, &end);
	source->error = (struct brm_log_error){.lines = 0};
	source->error_from = 0;
	source->error_to = UINT64_MAX;
	for (high = end; low < high;) {
		uint64_t middle = low + (high - low) / 2;

		if (brm_log_errors(source->log, middle, &error, 1) != 1)
			return;
		if (error.seq <= seq) {
			source->error = error;
			source->error_from = error.seq;
			low = middle + 1;
		} else {
			source->error_to = error.seq;
			high = middle;
		}
	}
	if (source->error_to == UINT64_MAX)
		source->error_to = source->end;
}

uint64_t logset_head(struct logset *set, struct logplace place, const struct brm_log_line *line)
{
	struct logsource *source = &set->sources[place.source];

	if (!source->log)
		return place.seq;
	if (place.seq < source->error_from || place.seq >= source->error_to)
		find_error(source, place.seq);
	if (place.seq - source->error.seq < source->error.lines && source->error.stream == line->stream)
		return source->error.seq;
	return place.seq;
}

uint64_t logset_total(const struct logset *set)
{
	uint64_t total = 0;

	for (int i = 0; i < set->count; i++)
		total += set->sources[i].end - set->sources[i].first;
	return total;
}

uint64_t logset_behind(const struct logset *set)
{
	uint64_t behind = 0;

	for (int i = 0; i < set->count; i++)
		if (set->sources[i].end > set->sources[i].at)
			behind += set->sources[i].end - set->sources[i].at;
	return behind;
}
