/* SPDX-License-Identifier: MIT */
#include "clients/cli/sieve.h"

#include <stdlib.h>

#include "clients/cli/cli.h"

#define TEXT_BYTES (2u << 20) /* of text that are searched at once; more than a line has */

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
