/* SPDX-License-Identifier: MIT */
#include "libshm/logwriting.h"

#include <string.h>

/* logwatch.c - the errors that a watch finds: on their way to their records, and what a crash cut short */

/*
 * An engine that is killed between writing a batch of lines and the errors in it leaves less than REPLAY_LINES -
 * REPLAY_MARGIN lines without their errors; an error that began in the margin might have begun before it.
 */
#define REPLAY_LINES  2560u
#define REPLAY_MARGIN 1024u
#define RECORDS       256u
#define CACHE_BYTES   16384u

struct cache {
	uint64_t offset;
	size_t length;
	char bytes[CACHE_BYTES];
};

/* The beginning of a line. Returns its length, or a negated errno value when its text is gone. */
static int get_text(const struct brm_logstore *store, struct cache *cache, const struct brm_log_line *line,
		    const char **text)
{
	uint32_t length = line->length < BRM_LOG_SHOWN_MAX ? line->length : BRM_LOG_SHOWN_MAX;

	if (line->offset < cache->offset || line->offset + length > cache->offset + cache->length) {
		int n = brm_logpass_read(store, line->stream, cache->bytes, sizeof cache->bytes, line->offset);

		cache->offset = line->offset;
		cache->length = n > 0 ? (size_t)n : 0;
		if (n < 0)
			return n;
	}
	*text = cache->bytes + (line->offset - cache->offset);
	return (int)(length < cache->length ? length : cache->length);
}

/* Show lines from seq on. `continues` says of each stream whether its last line went on. Returns how many. */
static int replay_some(struct brm_logstore *store, uint64_t seq, bool continues[2], struct cache caches[2])
{
	struct brm_logrecord records[RECORDS];
	int count = brm_logindex_read(&store->index, seq, records, RECORDS);

	for (int i = 0; i < count; i++) {
		struct brm_log_line line = brm_logrecord_unpack(&records[i], seq + (uint64_t)i);
		const char *text;
		int length = get_text(store, &caches[line.stream], &line, &text);

		if (length >= 0 && !continues[line.stream])
			store->watch.line(store->watch.arg, store, &line, text, (size_t)length, false);
		continues[line.stream] = line.flags & BRM_LINE_CONTINUES;
		if (store->pending_count == ERRORS_PENDING)
			brm_logwatch_write(store);
	}
	return count;
}

void brm_logwatch_replay(struct brm_logstore *store)
{
	uint64_t end = store->index.next;
	uint64_t seq = store->index.files.count ? store->index.files.first[0] : end;
	struct cache caches[2];
	bool continues[2] = {false, false};
	int count = 1;

	seq = seq < store->meta.watched ? store->meta.watched : seq;
	if (!store->watch.line || seq >= end)
		return;
	if (end - seq > REPLAY_LINES) {
		seq = end - REPLAY_LINES;
		store->unsure = seq + REPLAY_MARGIN;
	}
	store->replayed = end;
	caches[0].offset = caches[1].offset = caches[0].length = caches[1].length = 0;
	for (; seq < end && count > 0; seq += (uint64_t)count)
		count = replay_some(store, seq, continues, caches);
	brm_logwatch_write(store);
}

void brm_logwatch_write(struct brm_logstore *store)
{
	uint32_t done;

	brm_logerrors_append(&store->errors, store->pending, store->pending_count, &done);
	store->pending_count -= done;
	memmove(store->pending, store->pending + done, store->pending_count * sizeof *store->pending);
}

void brm_logstore_error(struct brm_logstore *store, const struct brm_log_error *error)
{
	if (error->seq < store->unsure)
		return;
	if (error->seq < store->replayed && brm_logerrors_has(&store->errors, error->seq))
		return;
	if (store->pending_count == ERRORS_PENDING) /* they could not be written: the oldest is lost */
		memmove(store->pending, store->pending + 1, --store->pending_count * sizeof *store->pending);
	store->pending[store->pending_count++] = brm_errorrecord_pack(error);
}

void brm_logwatch_close(struct brm_logstore *store)
{
	if (!store->watch.line)
		return;
	for (int s = BRM_OUT; s <= BRM_ERR; s++)
		store->watch.quiet(store->watch.arg, store, (enum brm_stream)s);
	if (store->pending_count == 0 && store->meta.watched == store->index.next)
		return;
	if (brm_logstore_wake(store) != 0)
		return;
	brm_logwatch_write(store);
	if (store->pending_count > 0)
		return;
	store->meta.watched = store->index.next;
	brm_logmeta_update(store->dir, &store->meta);
}
