/* SPDX-License-Identifier: MIT */
#include "clients/cli/sieve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/cli.h"

#define WINDOW     32u /* records of the index that are looked at where a line may be */
#define HUNT_FIRST (32u << 10)
#define HUNT_BYTES (256u << 10) /* stay in the processor's cache */
#define TEXT_BYTES (2u << 20)   /* of text that are searched at once; more than a line has */

void sieve_init(struct sieve *sieve, const struct filter *filter)
{
	*sieve = (struct sieve){.filter = filter};
	sieve->lines = must(malloc(SIEVE_LINES * sizeof *sieve->lines));
	sieve->hits = must(malloc(SIEVE_LINES * sizeof *sieve->hits));
	if (filter->match)
		sieve->text = must(malloc(TEXT_BYTES));
}

void sieve_finish(struct sieve *sieve)
{
	free(sieve->lines);
	free(sieve->hits);
	free(sieve->text);
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

/* The text that is there of a page. */
static size_t read_page(struct sieve *sieve, struct brm_log *log, const struct page *page)
{
	ssize_t got = brm_log_bytes(log, (enum brm_stream)page->stream, page->offset, sieve->text, page->length);

	return got > 0 ? (size_t)got : 0;
}

static bool test_line(const struct sieve *sieve, const struct page *page, const struct brm_log_line *line,
		      size_t length)
{
	size_t at = (size_t)(line->offset - page->offset);

	return at + line->length <= length && match_test(sieve->filter->match, sieve->text + at, line->length);
}

/* Of the wanted lines of a page, those that match. */
static void search_page(struct sieve *sieve, const struct page *page, size_t length)
{
	const char *end = sieve->text + length, *from = sieve->text;
	const char *found = length > 0 ? match_find(sieve->filter->match, from, length) : NULL;

	for (size_t i = page->at; i < page->end; i++) {
		const struct brm_log_line *line = &sieve->lines[i];

		if (line->stream != page->stream)
			continue;
		from = sieve->text + (line->offset - page->offset);
		if (found && found < from && from < end)
			found = match_find(sieve->filter->match, from, (size_t)(end - from));
		if (sieve->hits[i])
			sieve->hits[i] = found && found <= from + line->length && test_line(sieve, page, line, length);
	}
}

ssize_t sieve_look(struct sieve *sieve, struct brm_log *log, uint64_t seq, size_t max)
{
	ssize_t count = brm_log_lines(log, seq, sieve->lines, max < SIEVE_LINES ? max : SIEVE_LINES);
	struct page page;

	for (ssize_t i = 0; i < count; i++)
		sieve->hits[i] = is_wanted(sieve->filter, &sieve->lines[i]);
	for (int stream = BRM_OUT; count > 0 && sieve->filter->match && stream <= BRM_ERR; stream++)
		for (size_t at = 0; take_page(sieve, at, (size_t)count, stream, &page); at = page.end)
			search_page(sieve, &page, read_page(sieve, log, &page));
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
	seq = seq > WINDOW / 2 ? seq - WINDOW / 2 : 0;
	return seq < low ? low : seq >= high ? high - 1 : seq;
}

/* The line that an offset of the only stream lies in. False: none that is whole does. */
static bool line_at(struct brm_log *log, uint64_t offset, struct place *place, uint64_t end, struct brm_log_line *out)
{
	uint64_t low = place->seq, high = end, at = low;
	struct brm_log_line lines[WINDOW];
	ssize_t count;

	if (low < high)
		at = guess(place, place->seq, place->offset, offset, low, high);
	for (unsigned tries = 0; low < high; tries++) {
		count = brm_log_lines(log, at, lines, high - at < WINDOW ? (size_t)(high - at) : WINDOW);
		if (count < 1)
			return false;
		const struct brm_log_line *last = &lines[count - 1];

		if (lines[0].offset > offset) {
			high = at;
			at = guess(place, at, lines[0].offset, offset, low, high > low ? high : low + 1);
		} else if (last->offset + last->length < offset) {
			low = last->seq + 1;
			at = guess(place, low, last->offset, offset, low, high > low ? high : low + 1);
		} else {
			const struct brm_log_line *line = lines;

			while (line->offset + line->length < offset)
				line++;
			*out = *line;
			if (line->seq > place->seq)
				place->average = (line->offset - place->offset) / (line->seq - place->seq) + 1;
			return true;
		}
		if (tries > 3) /* they differ much in length */
			at = low + (high - low) / 2;
	}
	return false;
}

/* Of the bytes that were read those up to the last newline: a line is searched whole. 0: there is none. */
static size_t whole_lines(const char *text, size_t length)
{
	const char *newline = length > 0 ? memrchr(text, '\n', length) : NULL;

	return newline ? (size_t)(newline + 1 - text) : 0;
}

/* The wanted lines of a page of whole lines; the place is then behind them. */
static size_t hunt_page(struct sieve *sieve, struct brm_log *log, const struct page *page, struct place *place,
			uint64_t end, struct brm_log_line *out, size_t max)
{
	const char *from = sieve->text, *stop = sieve->text + page->length;
	size_t count = 0;

	while (count < max && from < stop) {
		const char *found = match_find(sieve->filter->match, from, (size_t)(stop - from));
		struct brm_log_line *line = &out[count];

		if (!found || !line_at(log, page->offset + (size_t)(found - sieve->text), place, end, line))
			break;
		place->seq = line->seq + 1;
		place->offset = line->offset + line->length + 1;
		from = sieve->text + (place->offset - page->offset);
		count += is_wanted(sieve->filter, line) && test_line(sieve, page, line, page->length);
	}
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
	struct place place = {.seq = *seq, .offset = line.offset, .average = 100};
	for (size_t bytes = HUNT_FIRST; count < max;
	     bytes = page.length == 0 || bytes < HUNT_BYTES ? 2 * bytes : bytes) {
		ssize_t got = brm_log_bytes(log, (enum brm_stream)page.stream, page.offset, sieve->text, bytes);

		page.length = whole_lines(sieve->text, got > 0 ? (size_t)got : 0);
		if (page.length == 0 && got == (ssize_t)bytes && bytes < TEXT_BYTES)
			continue; /* one line that is longer than all this */
		if (page.length == 0) {
			place.seq = end;
			break;
		}
		count += hunt_page(sieve, log, &page, &place, end, out + count, max - count);
		page.offset += page.length;
	}
	*seq = place.seq;
	return (ssize_t)count;
}
