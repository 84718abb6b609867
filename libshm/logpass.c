/* SPDX-License-Identifier: MIT */
#include "libshm/logwriting.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "libshm/bytemask.h"

/* logpass.c - from text to index records: lines are found, levels told, long lines split */

#define BLOCK_BYTES 65536u         /* of text that are looked at together */
#define BLOCK_PAD   BYTEMASK_WIDTH /* bytes behind a block that may be read, and do not matter */
#define BATCH       1024u          /* records written at once */

/* One walk over new text: records are collected and appended in batches. */
struct pass {
	struct brm_logstore *store;
	struct text *text;
	uint8_t stream;
	uint64_t now_us;
	const char *shown; /* the beginning of the line that is being indexed */
	size_t shown_length;
	bool shown_plain; /* the sieve let it through */
	uint32_t count;
	uint64_t marks[BRM_LOG_MARKS(BLOCK_BYTES) + 1]; /* of the block, by the sieve; the last is none */
	struct brm_logrecord records[BATCH];
};

static int read_older(const struct brm_logstore *store, uint8_t stream, uint32_t segment, void *buf, size_t size,
		      uint64_t offset)
{
	const struct brm_loglist *segments = &store->text[stream].segments;
	uint64_t left = segments->first[segment + 1] - offset;
	int fd = brm_logfile_open(store->dir, (enum brm_logkind)stream, segments->first[segment], O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = brm_logfile_read(fd, buf, size < left ? size : (size_t)left, offset - segments->first[segment]);
	close(fd);
	return (int)n;
}

int brm_logpass_read(const struct brm_logstore *store, uint8_t stream, void *buf, size_t size, uint64_t offset)
{
	const struct text *text = &store->text[stream];
	int64_t segment = brm_loglist_find(&text->segments, offset);

	if (segment < 0)
		return -ERANGE;
	if ((uint32_t)segment + 1 < text->segments.count)
		return read_older(store, stream, (uint32_t)segment, buf, size, offset);
	return (int)brm_logfile_read(text->fd, buf, size, offset - newest_start(text));
}

/* The records from `done` on are not in the file: their text waits to be indexed again. */
static void take_back(struct pass *pass, uint32_t done)
{
	struct brm_log_line line = brm_logrecord_unpack(&pass->records[done], 0);
	struct text *text = pass->text;

	text->lines -= pass->count - done;
	text->indexed = line.offset;
	forget_pending(text);
	if (line.flags & BRM_LINE_NEW_RUN)
		pass->store->new_run = true;
	if (done > 0)
		line = brm_logrecord_unpack(&pass->records[done - 1], 0);
	text->continues = line.flags & BRM_LINE_CONTINUES;
	text->level = line.level;
	pass->store->pending_count = 0;
	if (pass->store->watch.line)
		pass->store->watch.forget(pass->store->watch.arg);
}

static int write_batch(struct pass *pass)
{
	uint32_t done = 0;
	int rc = 0;

	if (pass->count > 0)
		rc = brm_logindex_append(&pass->store->index, pass->records, pass->count, &done);
	if (rc != 0)
		take_back(pass, done);
	else if (pass->store->pending_count > 0)
		brm_logwatch_write(pass->store);
	pass->count = 0;
	return rc;
}

/* The watch sees a line that is about to get its record. */
static void show(const struct pass *pass, struct brm_log_line *line)
{
	struct brm_logstore *store = pass->store;
	size_t length = pass->shown_length < BRM_LOG_SHOWN_MAX ? pass->shown_length : BRM_LOG_SHOWN_MAX;

	line->seq = store->index.next + pass->count;
	store->watch.line(store->watch.arg, store, line, pass->shown, length, pass->shown_plain);
}

/* One record over the next `length` bytes of pending text. */
static int add_record(struct pass *pass, uint32_t length, uint8_t level, uint8_t flags)
{
	struct brm_logstore *store = pass->store;
	struct text *text = pass->text;
	struct brm_log_line line = {.time_us = pass->now_us > store->time_us ? pass->now_us : store->time_us,
				    .offset = text->indexed,
				    .length = length,
				    .stream = pass->stream,
				    .level = level,
				    .flags = flags};

	if (store->new_run) {
		line.flags |= BRM_LINE_NEW_RUN;
		store->new_run = false;
	}
	if (level == BRM_LEVEL_ERROR && !text->continues) {
		store->error = line;
		store->has_error = true;
	}
	if (store->watch.line && !text->continues)
		show(pass, &line);
	store->time_us = line.time_us;
	pass->records[pass->count++] = brm_logrecord_pack(&line);
	text->lines++;
	text->indexed = brm_logline_end(&line);
	text->continues = flags & BRM_LINE_CONTINUES;
	text->level = level;
	return pass->count == BATCH || store->pending_count == ERRORS_PENDING ? write_batch(pass) : 0;
}

/* Records over the pending text up to line_end, the last of them with `flags`. */
static int add_line(struct pass *pass, uint64_t line_end, uint8_t level, uint8_t flags)
{
	struct text *text = pass->text;
	int rc = 0;

	if (text->continues)
		level = text->level;
	while (rc == 0 && line_end - text->indexed > BRM_LOG_LINE_MAX)
		rc = add_record(pass, BRM_LOG_LINE_MAX, level, BRM_LINE_CONTINUES);
	return rc == 0 ? add_record(pass, (uint32_t)(line_end - text->indexed), level, flags) : rc;
}

/* Keep the beginning of the pending line: its level is told by it. */
static void add_head(struct text *text, const char *at, size_t length)
{
	size_t room = sizeof text->head - text->headed;
	size_t n = length < room ? length : room;

	if (text->continues)
		return;
	memcpy(text->head + text->headed, at, n);
	text->headed += (uint32_t)n;
}

/* The line begins with `length` bytes there: its level. */
static uint8_t see(struct pass *pass, const char *at, size_t length, bool plain)
{
	pass->shown = at;
	pass->shown_length = length;
	pass->shown_plain = plain;
	return (uint8_t)brm_log_level(at, length);
}

/* As see(), with what was kept of the pending line. */
static uint8_t see_head(struct pass *pass)
{
	uint8_t level = see(pass, pass->text->head, pass->text->headed, false);

	pass->text->headed = 0;
	return level;
}

/* Has the sieve marked nothing of what is shown of a line in the block? */
static bool is_plain(const struct pass *pass, size_t begin, size_t length)
{
	size_t first = begin / BRM_LOG_MARKED, shift = first % 64;
	size_t last = (begin + (length < BRM_LOG_SHOWN_MAX ? length : BRM_LOG_SHOWN_MAX)) / BRM_LOG_MARKED;
	uint64_t marks = pass->marks[first / 64] >> shift | pass->marks[first / 64 + 1] << 1 << (63 - shift);

	return (marks & ((UINT64_C(2) << (last - first)) - 1)) == 0;
}

/* A newline was found: block[begin] and on, `length` bytes, is what this block has of the line. */
static int end_line(struct pass *pass, const char *block, size_t begin, size_t length, uint64_t line_end)
{
	struct text *text = pass->text;

	if (text->indexed == line_end - length)
		return add_line(pass, line_end, see(pass, block + begin, length, is_plain(pass, begin, length)), 0);
	add_head(text, block + begin, length);
	return add_line(pass, line_end, see_head(pass), 0);
}

/* What is left of a block has no newline. */
static int hold_back(struct pass *pass, const char *at, size_t length, uint64_t end)
{
	struct text *text = pass->text;
	int rc = 0;

	add_head(text, at, length);
	while (rc == 0 && end - text->indexed > BRM_LOG_LINE_MAX) {
		uint8_t level = text->continues ? text->level : see_head(pass);

		text->headed = 0;
		rc = add_record(pass, BRM_LOG_LINE_MAX, level, BRM_LINE_CONTINUES);
	}
	return rc;
}

/* The block can be read up to BLOCK_PAD bytes behind its size. */
static int index_block(struct pass *pass, char *block, size_t size)
{
	const struct brm_log_watch *watch = &pass->store->watch;
	uint64_t begin = pass->text->scanned;
	size_t line = 0;

	pass->text->scanned += size;
	memset(block + size, 0, BLOCK_PAD);
	if (watch->sieve)
		watch->sieve(watch->arg, block, size, pass->marks);
	for (size_t at = 0; at < size; at += BYTEMASK_WIDTH) {
		for (uint64_t newlines = bytemask_of(block + at, '\n'); newlines; newlines &= newlines - 1) {
			size_t end = at + (size_t)__builtin_ctzll(newlines);
			int rc = end_line(pass, block, line, end - line, begin + end);

			if (rc != 0)
				return rc;
			line = end + 1;
		}
	}
	return hold_back(pass, block + line, size - line, begin + size);
}

/* A segment is shorter than it should be (somebody cut it): go on after the hole. */
static void skip_hole(struct text *text)
{
	int64_t segment = brm_loglist_find(&text->segments, text->scanned);

	text->indexed = text->end;
	if ((uint32_t)(segment + 1) < text->segments.count)
		text->indexed = text->segments.first[segment + 1];
	text->continues = false;
	forget_pending(text);
}

static int index_text(struct pass *pass)
{
	struct text *text = pass->text;
	char block[BLOCK_BYTES + BLOCK_PAD];

	if (text->indexed < oldest_start(text)) {
		text->indexed = oldest_start(text);
		forget_pending(text);
	}
	while (text->scanned < text->end) {
		uint64_t left = text->end - text->scanned;
		size_t size = left < BLOCK_BYTES ? (size_t)left : BLOCK_BYTES;
		int n = brm_logpass_read(pass->store, pass->stream, block, size, text->scanned);
		int rc;

		if (n < 0)
			return n;
		if (n == 0)
			skip_hole(text);
		rc = index_block(pass, block, (size_t)n);
		if (rc != 0)
			return rc;
	}
	return 0;
}

int brm_logpass_run(struct brm_logstore *store, uint8_t stream, uint64_t now_us, bool flush)
{
	struct pass pass;
	struct text *text = &store->text[stream];
	int rc, written;

	pass.store = store;
	pass.text = text;
	pass.stream = stream;
	pass.now_us = now_us;
	pass.count = 0;
	memset(pass.marks, store->watch.sieve ? 0 : 0xff, sizeof pass.marks);
	rc = index_text(&pass);
	if (rc == 0 && flush && text->indexed < text->end)
		rc = add_line(&pass, text->end, see_head(&pass), BRM_LINE_NO_NEWLINE);
	if (rc == 0 && flush && store->watch.line)
		store->watch.quiet(store->watch.arg, store, (enum brm_stream)stream);
	written = write_batch(&pass);
	return rc != 0 ? rc : written;
}
