/* SPDX-License-Identifier: MIT */
#include "clients/cli/sieve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/cli.h"

#define HUNT_FIRST (32u << 10)
#define HUNT_BYTES (1u << 20)
#define TEXT_BYTES (2u << 20) /* of text that are searched at once; more than a line has */
#define MAP_LEAST  (1u << 18) /* of text that are worth to be mapped */
#define MAP_BYTES  (8u << 20)
#define GUESSED    128u /* records of the index that are looked at where a line may be */

void sieve_init(struct sieve *sieve, const struct filter *filter)
{
	*sieve = (struct sieve){.filter = filter, .average = 100};
	sieve->lines = must(malloc(SIEVE_LINES * sizeof *sieve->lines));
	sieve->hits = must(malloc(SIEVE_LINES * sizeof *sieve->hits));
	if (filter->match)
		sieve->buffer = must(malloc(TEXT_BYTES));
}

void sieve_finish(struct sieve *sieve)
{
	free(sieve->lines);
	free(sieve->hits);
	free(sieve->buffer);
	mapped_release(&sieve->mapped);
}

/* What the index alone can say. */
static bool is_wanted(const struct filter *filter, const struct brm_log_line *line)
{
	return line->time_us >= filter->since_us && line->time_us < filter->until_us &&
	       (filter->stream < 0 || line->stream == filter->stream) && line->level >= filter->level;
}

/* Lines [at, end) of one stream (others lie between them), the text from the first one's beginning on. */
struct page {
	size_t at, end;
	int stream;
	uint64_t offset;
	size_t length;
};

/* The lines of the stream from `at` on whose text fits at once. False: there are none. */
static bool take_page(const struct sieve *sieve, size_t at, size_t count, int stream, struct page *page)
{
	*page = (struct page){.at = count, .stream = stream};
	for (size_t i = at; i < count; i++) {
		const struct brm_log_line *line = &sieve->lines[i];

		if (line->stream != stream || (page->length == 0 && !sieve->hits[i]))
			continue;
		if (page->length == 0) {
			page->at = i;
			page->offset = line->offset;
		}
		/* The newline too: where there is none the next line begins there. */
		if (line->offset + line->length + 1 - page->offset > TEXT_BYTES)
			break;
		page->length = (size_t)(line->offset + line->length + 1 - page->offset);
		page->end = i + 1;
	}
	return page->length > 0;
}

/* Is this byte of a stream among what was read last, or the one behind it? */
static bool is_near(const struct sieve *sieve, const struct brm_log *log, int stream, uint64_t offset)
{
	return sieve->length > 0 && sieve->store == brm_log_id(log) && sieve->stream == stream &&
	       offset >= sieve->offset && offset <= sieve->offset + sieve->length;
}

/* Have text of a stream in place. False: there is too little, or it cannot be. */
static bool map_text(struct sieve *sieve, struct brm_log *log, int stream, uint64_t offset, size_t want)
{
	uint64_t at = 0;
	int fd = -1;
	ssize_t there = sieve->copies ? 0 : brm_log_file(log, (enum brm_stream)stream, offset, &fd, &at);

	if (there < (ssize_t)want || there < (ssize_t)MAP_LEAST)
		return false;
	sieve->length = (size_t)there < MAP_BYTES ? (size_t)there : MAP_BYTES;
	sieve->text = mapped_take(&sieve->mapped, fd, at, sieve->length);
	return sieve->text != NULL;
}

/* Have text of a stream, in place or as a copy. */
static void read_text(struct sieve *sieve, struct brm_log *log, int stream, uint64_t offset, size_t want)
{
	sieve->store = brm_log_id(log);
	sieve->stream = stream;
	sieve->offset = offset;
	if (!map_text(sieve, log, stream, offset, want)) {
		ssize_t got = brm_log_bytes(log, (enum brm_stream)stream, offset, sieve->buffer, want);

		sieve->text = sieve->buffer;
		sieve->length = got > 0 ? (size_t)got : 0;
	}
}

/* Was the text cut while it was searched in place? Then it is to be searched again, and is a copy. */
static bool is_lost(struct sieve *sieve)
{
	if (sieve->text == sieve->buffer || !mapped_is_lost(&sieve->mapped))
		return false;
	mapped_release(&sieve->mapped);
	sieve->copies = true;
	sieve->length = 0;
	return true;
}

/* Have a page's text, from what was read last if that holds it. Leaves in page->length what there is of it. */
static const char *take_text(struct sieve *sieve, struct brm_log *log, struct page *page)
{
	bool goes_on = is_near(sieve, log, page->stream, page->offset);
	uint64_t end = sieve->offset + sieve->length;
	size_t want = goes_on && page->length < HUNT_BYTES ? HUNT_BYTES : page->length;

	if (!goes_on || page->offset + page->length > end) {
		read_text(sieve, log, page->stream, page->offset, want);
		end = sieve->offset + sieve->length;
	}
	if (page->length > end - page->offset)
		page->length = (size_t)(end - page->offset);
	return sieve->text + (page->offset - sieve->offset);
}

const char *sieve_text(const struct sieve *sieve, const struct brm_log *log, const struct brm_log_line *line,
		       char *room)
{
	const char *text = sieve->text + (line->offset - sieve->offset);

	if (!is_near(sieve, log, line->stream, line->offset) ||
	    line->offset + line->length > sieve->offset + sieve->length)
		return NULL;
	text = sieve->text + (line->offset - sieve->offset);
	if (sieve->text == sieve->buffer)
		return text;
	memcpy(room, text, line->length);
	return mapped_is_lost(&sieve->mapped) ? NULL : room;
}

/* Does a line of a page match, where the search said that it may, or that a line from newline to newline does? */
static bool test_line(const struct sieve *sieve, const struct page *page, const char *text,
		      const struct brm_log_line *line, bool sure)
{
	size_t at = (size_t)(line->offset - page->offset), end = at + line->length;

	if (sure && at > 0 && end < page->length && text[at - 1] == '\n' && text[end] == '\n')
		return true;
	return end <= page->length && match_test(sieve->filter->match, text + at, line->length);
}

/* Of the wanted lines of a page, those that match. */
static void search_page(struct sieve *sieve, const struct page *page, const char *text)
{
	const char *end = text + page->length, *from = text;
	bool sure = false;
	const char *found = page->length > 0 ? match_find(sieve->filter->match, from, page->length, &sure) : NULL;

	for (size_t i = page->at; i < page->end; i++) {
		const struct brm_log_line *line = &sieve->lines[i];

		if (line->stream != page->stream)
			continue;
		from = text + (line->offset - page->offset);
		if (found && found < from && from < end)
			found = match_find(sieve->filter->match, from, (size_t)(end - from), &sure);
		if (sieve->hits[i])
			sieve->hits[i] =
				found && found <= from + line->length && test_line(sieve, page, text, line, sure);
	}
}

/* Which of the lines that were looked at are wanted? False: text was lost meanwhile; ask again. */
static bool sift(struct sieve *sieve, struct brm_log *log, size_t count)
{
	struct page page;

	for (size_t i = 0; i < count; i++)
		sieve->hits[i] = is_wanted(sieve->filter, &sieve->lines[i]);
	for (int stream = BRM_OUT; sieve->filter->match && stream <= BRM_ERR; stream++) {
		for (size_t at = 0; take_page(sieve, at, count, stream, &page); at = page.end) {
			search_page(sieve, &page, take_text(sieve, log, &page));
			if (is_lost(sieve))
				return false;
		}
	}
	return true;
}

ssize_t sieve_look(struct sieve *sieve, struct brm_log *log, uint64_t seq, size_t max)
{
	ssize_t count = brm_log_lines(log, seq, sieve->lines, max < SIEVE_LINES ? max : SIEVE_LINES);

	while (count > 0 && !sift(sieve, log, (size_t)count))
		;
	return count;
}

/* The stream that has all lines; -1: both have some. */
static int only_stream(const struct brm_log *log)
{
	uint64_t first[2], end[2];

	for (int stream = BRM_OUT; stream <= BRM_ERR; stream++)
		brm_log_stream_range(log, (enum brm_stream)stream, &first[stream], &end[stream]);
	return first[BRM_ERR] == end[BRM_ERR] ? BRM_OUT : first[BRM_OUT] == end[BRM_OUT] ? BRM_ERR : -1;
}

/* A line whose offset is known, none before which is looked for any more, and how long lines are on average. */
struct place {
	uint64_t seq, offset, average;
};

/* About where the line of an offset is, seen from another; in [low, high). */
static uint64_t guess(const struct place *place, uint64_t seq, uint64_t offset, uint64_t wanted, uint64_t low,
		      uint64_t high)
{
	uint64_t far = wanted > offset ? (wanted - offset) / place->average : (offset - wanted) / place->average;

	seq = wanted > offset ? seq + far : seq > far ? seq - far : 0;
	seq = seq > GUESSED / 8 ? seq - GUESSED / 8 : 0;
	return seq < low ? low : seq >= high ? high - 1 : seq;
}

/* The line of the window that an offset lies in; NULL: it is before them, or behind them. */
static const struct brm_log_line *in_window(struct sieve *sieve, uint64_t offset)
{
	const struct brm_log_line *lines = sieve->window;
	size_t low = 0, high = sieve->window_count;

	if (high == 0 || lines[0].offset > offset || lines[high - 1].offset + lines[high - 1].length < offset)
		return NULL;
	/* Most often it is a few lines on. */
	if (lines[sieve->window_at].offset <= offset) {
		size_t step = 1;

		for (low = sieve->window_at; low + step < high && lines[low + step].offset <= offset; step *= 2)
			low += step;
		high = low + step < high ? low + step : high;
	}
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (lines[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	sieve->window_at = low;
	return &lines[low];
}

/* Look up the lines from `at` on. False: there are none. */
static bool fill_window(struct sieve *sieve, struct brm_log *log, uint64_t at, uint64_t end, size_t most)
{
	uint64_t left = end - at;
	ssize_t count = brm_log_lines(log, at, sieve->window, left < most ? (size_t)left : most);

	sieve->window_count = count > 0 ? (size_t)count : 0;
	sieve->window_at = 0;
	sieve->window_store = brm_log_id(log);
	return count > 0;
}

/* An offset lies a little behind the window: move that on. Else it stays as it is. */
static void move_window(struct sieve *sieve, struct brm_log *log, uint64_t offset, uint64_t average, uint64_t end)
{
	const struct brm_log_line *last = &sieve->window[sieve->window_count - 1];

	if (sieve->window_count > 0 && last->offset + last->length < offset && last->seq + 1 < end &&
	    offset - last->offset < GUESSED * average)
		fill_window(sieve, log, last->seq + 1, end, SIEVE_WINDOW);
}

/* The line that an offset of the only stream lies in. NULL: none that is whole does. */
static const struct brm_log_line *line_at(struct sieve *sieve, struct brm_log *log, uint64_t offset,
					  struct place *place, uint64_t end)
{
	uint64_t low = place->seq, high = end, at = low;
	const struct brm_log_line *line = NULL;

	if (sieve->window_store == brm_log_id(log)) {
		move_window(sieve, log, offset, place->average, end);
		line = in_window(sieve, offset);
	}
	if (!line && low < high)
		at = guess(place, place->seq, place->offset, offset, low, high);
	for (unsigned tries = 0; !line && low < high; tries++) {
		const struct brm_log_line *first = sieve->window, *last;

		if (!fill_window(sieve, log, at, high, GUESSED))
			return NULL;
		last = &sieve->window[sieve->window_count - 1];
		line = in_window(sieve, offset);
		if (!line && first->offset > offset) {
			high = at;
			at = guess(place, at, first->offset, offset, low, high > low ? high : low + 1);
		} else if (!line) {
			low = last->seq + 1;
			at = guess(place, low, last->offset, offset, low, high > low ? high : low + 1);
		}
		if (tries > 3) /* they differ much in length */
			at = low + (high - low) / 2;
	}
	if (line && line->seq > place->seq)
		place->average = (line->offset - place->offset) / (line->seq - place->seq) + 1;
	return line;
}

/* Of the bytes that were read those up to the last newline: a line is searched whole. 0: there is none. */
static size_t whole_lines(const char *text, size_t length)
{
	const char *newline = length > 0 ? memrchr(text, '\n', length) : NULL;

	return newline ? (size_t)(newline + 1 - text) : 0;
}

/* The wanted lines of a page of whole lines; the place is then behind them. */
static size_t hunt_page(struct sieve *sieve, struct brm_log *log, const struct page *page, const char *text,
			struct place *place, uint64_t end, struct brm_log_line *out, size_t max)
{
	const char *from = text, *stop = text + page->length;
	size_t count = 0;

	while (count < max && from < stop) {
		bool sure;
		const char *found = match_find(sieve->filter->match, from, (size_t)(stop - from), &sure);
		const struct brm_log_line *line =
			found ? line_at(sieve, log, page->offset + (size_t)(found - text), place, end) : NULL;

		if (!line)
			break;
		place->seq = line->seq + 1;
		place->offset =
			line->offset + line->length + !(line->flags & (BRM_LINE_CONTINUES | BRM_LINE_NO_NEWLINE));
		from = text + (place->offset - page->offset);
		if (is_wanted(sieve->filter, line) && test_line(sieve, page, text, line, sure))
			out[count++] = *line;
	}
	return count;
}

/* The wanted lines of a page, of which the whole lines are left; *got is what it had before. */
static size_t hunt_text(struct sieve *sieve, struct brm_log *log, struct page *page, size_t *got, struct place *place,
			uint64_t end, struct brm_log_line *out, size_t max)
{
	const struct place begin = *place;
	const size_t bytes = page->length;
	size_t count;

	do {
		const char *text;

		*place = begin;
		page->length = bytes;
		text = take_text(sieve, log, page);
		*got = page->length;
		page->length = whole_lines(text, *got);
		count = hunt_page(sieve, log, page, text, place, end, out, max);
	} while (is_lost(sieve));
	return count;
}

ssize_t sieve_hunt(struct sieve *sieve, struct brm_log *log, uint64_t *seq, uint64_t end, struct brm_log_line *out,
		   size_t max)
{
	struct page page = {.stream = sieve->filter->match ? only_stream(log) : -1};
	struct brm_log_line line;
	size_t count = 0;

	if (page.stream < 0)
		return -ENOTSUP;
	if (brm_log_lines(log, *seq, &line, 1) != 1)
		return -ERANGE;
	page.offset = line.offset;
	struct place place = {.seq = *seq, .offset = line.offset, .average = sieve->average};
	if (sieve->vain_store == brm_log_id(log) && sieve->vain_seq == *seq && sieve->vain_offset > page.offset)
		page.offset = sieve->vain_offset;
	/* What is found lies in one page, so that its text is at hand. */
	for (size_t bytes = HUNT_FIRST; count == 0;
	     bytes = page.length == 0 || bytes < HUNT_BYTES ? 2 * bytes : bytes) {
		size_t got;

		page.length = bytes;
		count = hunt_text(sieve, log, &page, &got, &place, end, out, max);
		if (page.length == 0 && got == bytes && bytes < TEXT_BYTES)
			continue; /* one line that is longer than all this */
		if (page.length == 0) {
			/* Nothing more, or lines without a newline between them: those the index tells apart. */
			const struct brm_log_line *at = got > 0 ? line_at(sieve, log, page.offset, &place, end) : NULL;

			*seq = at ? at->seq : end;
			return at ? -ENOTSUP : 0;
		}
		page.offset += page.length;
	}
	*seq = place.seq;
	sieve->average = place.average;
	if (count < max) {
		sieve->vain_store = brm_log_id(log);
		sieve->vain_seq = place.seq;
		sieve->vain_offset = page.offset;
	}
	return (ssize_t)count;
}
