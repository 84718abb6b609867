/* SPDX-License-Identifier: MIT */
#include <brummer/logstore.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/logwriting.h"

#define SEGMENT_BYTES (UINT64_C(16) << 20)
#define KEEP          4u
#define INDEX_FILES   8u /* a full index has about so many a segment: the grain of its retention */
#define INDEX_LEAST   4096u
#define ERROR_BYTES   4096u /* of a line that are read for brm_logstore_last_error() */

void brm_logstore_rest(struct brm_logstore *store)
{
	for (int s = 0; s < 2; s++) {
		if (store->text[s].fd >= 0)
			close(store->text[s].fd);
		store->text[s].fd = -1;
	}
	brm_logindex_rest(&store->index);
	brm_logerrors_rest(&store->errors);
	if (store->dir >= 0)
		close(store->dir);
	store->dir = -1;
}

static void close_store(struct brm_logstore *store)
{
	brm_logstore_rest(store);
	for (int s = 0; s < 2; s++)
		brm_loglist_finish(&store->text[s].segments);
	brm_logindex_finish(&store->index);
	brm_logerrors_finish(&store->errors);
	free(store);
}

static int new_identity(struct brm_logstore *store)
{
	if (getrandom(&store->meta.id, sizeof store->meta.id, 0) != sizeof store->meta.id)
		return -EIO;
	return brm_logmeta_create(store->dir, &store->meta);
}

/* Open the newest segment of a stream, if there is one. */
static int open_text(struct brm_logstore *store, uint8_t stream)
{
	struct text *text = &store->text[stream];

	if (text->segments.count > 0)
		text->fd = brm_logfile_open(store->dir, (enum brm_logkind)stream, newest_start(text), O_RDWR);
	return text->fd < 0 && text->segments.count > 0 ? text->fd : 0;
}

/* Where a stream's text ends. Returns its last change, microseconds since 1970, or a negated errno value. */
static int64_t find_end(struct text *text)
{
	struct stat st;

	if (text->fd < 0)
		return 0;
	if (fstat(text->fd, &st) != 0)
		return -errno;
	text->end = newest_start(text) + (uint64_t)st.st_size;
	return st.st_mtim.tv_sec * INT64_C(1000000) + st.st_mtim.tv_nsec / 1000;
}

/* Where a stream's index ends, by its newest line or by what was noted of older ones. */
static void place_text(struct text *text, bool found, const struct brm_log_line *last, uint64_t noted)
{
	text->indexed = found ? brm_logline_end(last) : noted;
	if (text->segments.count == 0)
		text->end = text->indexed;
	if (text->indexed < oldest_start(text))
		text->indexed = oldest_start(text);
	if (text->indexed > text->end)
		text->indexed = text->end;
	text->continues = found && last->flags & BRM_LINE_CONTINUES && text->indexed == brm_logline_end(last);
	text->level = found ? last->level : BRM_LEVEL_NONE;
	forget_pending(text);
}

static int recover_index(struct brm_logstore *store)
{
	uint64_t text_end[2];
	struct brm_logtail tail;
	int rc;

	for (int s = 0; s < 2; s++)
		text_end[s] = store->text[s].segments.count ? store->text[s].end : UINT64_MAX;
	rc = brm_logindex_recover(&store->index, text_end, &tail);
	if (rc < 0)
		return rc;
	for (int s = 0; s < 2; s++)
		place_text(&store->text[s], tail.found[s], &tail.last[s], store->meta.indexed[s]);
	store->time_us = tail.time_us > store->meta.time_us ? tail.time_us : store->meta.time_us;
	if (store->time_us == 0)
		store->time_us = 1; /* 0 is not the time of a line: a record that a crash left zeroed */
	return rc;
}

/* Numbers of lines begin again in an index that was lost, and its errors with them. `cut`: lines had to go. */
static int recover_errors(struct brm_logstore *store, struct brm_loglist *files, bool cut, bool fresh)
{
	int rc = brm_logerrors_open(&store->errors, store->dir, files, store->index.next);

	if (rc == 0 && fresh) {
		store->meta.watched = 0;
		rc = brm_logerrors_clear(&store->errors);
	}
	if (rc == 0 && (cut || fresh))
		rc = new_identity(store);
	if (rc == 0)
		brm_logwatch_replay(store);
	return rc;
}

static int recover(struct brm_logstore *store)
{
	struct brm_loglist lists[BRM_LOGKIND_COUNT] = {0};
	int rc = brm_logdir_scan(store->dir, lists);
	bool fresh =
		lists[BRM_LOGKIND_INDEX].count == 0 && lists[BRM_LOGKIND_OUT].count + lists[BRM_LOGKIND_ERR].count > 0;
	int64_t changed[2] = {0, 0};

	store->text[BRM_OUT].segments = lists[BRM_LOGKIND_OUT];
	store->text[BRM_ERR].segments = lists[BRM_LOGKIND_ERR];
	if (rc == 0)
		rc = brm_logindex_open(&store->index, store->dir, &lists[BRM_LOGKIND_INDEX]);
	for (uint8_t s = 0; s < 2 && rc == 0; s++) {
		rc = open_text(store, s);
		changed[s] = rc == 0 ? find_end(&store->text[s]) : 0;
		rc = changed[s] < 0 ? (int)changed[s] : rc;
	}
	brm_loglist_finish(&lists[BRM_LOGKIND_INDEX]);
	if (rc == 0 && brm_logmeta_read(store->dir, &store->meta) != 0)
		fresh = true;
	if (rc == 0)
		rc = recover_index(store);
	if (rc >= 0)
		rc = recover_errors(store, &lists[BRM_LOGKIND_ERRORS], rc, fresh);
	brm_loglist_finish(&lists[BRM_LOGKIND_ERRORS]);
	/* A tail that cannot be indexed now (disk full) is indexed with the next output. */
	for (uint8_t s = 0; s < 2 && rc == 0; s++)
		brm_logpass_run(store, s, (uint64_t)changed[s], false);
	return rc;
}

static uint64_t index_file_bytes(uint64_t segment_bytes)
{
	uint64_t bytes = segment_bytes / INDEX_FILES / INDEX_LEAST * INDEX_LEAST;

	return bytes ? bytes : INDEX_LEAST;
}

/* As much as the text of a stream may take, and a file more, since whole files are dropped. */
static uint64_t index_budget_bytes(const struct brm_logstore *store)
{
	uint64_t bytes;

	if (__builtin_mul_overflow(store->segment_bytes, (uint64_t)store->keep + 1, &bytes))
		return UINT64_MAX;
	return bytes + store->index.file_bytes > bytes ? bytes + store->index.file_bytes : UINT64_MAX;
}

void brm_logstore_resize(struct brm_logstore *store, uint64_t segment_bytes, uint32_t keep)
{
	store->segment_bytes = segment_bytes ? segment_bytes : SEGMENT_BYTES;
	store->keep = keep ? keep : KEEP;
	store->index.file_bytes = index_file_bytes(store->segment_bytes);
	store->index.budget_bytes = index_budget_bytes(store);
}

int brm_logstore_open(const char *state_dir, const char *name, const struct brm_logstore_options *options,
		      struct brm_logstore **out)
{
	const size_t length = strlen(state_dir) + 1;
	struct brm_logstore *store = calloc(1, sizeof *store + length + strlen(name) + 1);
	int rc;

	if (!store)
		return -ENOMEM;
	memcpy(store->state_dir, state_dir, length);
	store->name = strcpy(store->state_dir + length, name);
	store->watch = options ? options->watch : (struct brm_log_watch){0};
	store->text[BRM_OUT].fd = store->text[BRM_ERR].fd = store->index.fd = store->errors.fd = -1;
	store->dir = brm_logdir_open(state_dir, name, true);
	if (store->dir < 0) {
		rc = store->dir;
		free(store);
		return rc;
	}
	brm_logstore_resize(store, options ? options->segment_bytes : 0, options ? options->keep : 0);
	rc = recover(store);
	if (rc != 0)
		close_store(store);
	else
		*out = store;
	return rc;
}

int brm_logstore_wake(struct brm_logstore *store)
{
	int rc = 0;

	if (store->dir >= 0)
		return 0;
	store->dir = brm_logdir_open(store->state_dir, store->name, false);
	if (store->dir < 0)
		return store->dir;
	for (uint8_t s = 0; s < 2 && rc == 0; s++)
		rc = open_text(store, s);
	if (rc == 0)
		rc = brm_logindex_wake(&store->index, store->dir);
	if (rc == 0)
		rc = brm_logerrors_wake(&store->errors, store->dir);
	if (rc != 0)
		brm_logstore_rest(store);
	return rc;
}

void brm_logstore_close(struct brm_logstore *store)
{
	if (!store)
		return;
	brm_logwatch_close(store);
	close_store(store);
}

static int retain_index(struct brm_logstore *store)
{
	const uint64_t text_first[2] = {oldest_start(&store->text[0]), oldest_start(&store->text[1])};

	store->meta.time_us = store->time_us;
	return brm_logindex_retain(&store->index, text_first, &store->meta);
}

static int drop_segments(struct brm_logstore *store, uint8_t stream)
{
	struct text *text = &store->text[stream];

	while (text->segments.count > store->keep) {
		int rc = brm_logfile_unlink(store->dir, (enum brm_logkind)stream, oldest_start(text));

		if (rc != 0)
			return rc;
		brm_loglist_drop_first(&text->segments);
	}
	return 0;
}

static int open_next_segment(struct brm_logstore *store, uint8_t stream)
{
	struct text *text = &store->text[stream];
	int rc = brm_loglist_reserve(&text->segments);
	int fd;

	if (rc == 0)
		rc = drop_segments(store, stream);
	if (rc != 0)
		return rc;
	fd = brm_logfile_open(store->dir, (enum brm_logkind)stream, text->end, O_RDWR | O_CREAT);
	if (fd < 0)
		return fd;
	if (text->fd >= 0)
		close(text->fd);
	text->fd = fd;
	text->lines = 0;
	brm_loglist_add(&text->segments, text->end);
	retain_index(store);
	return 0;
}

/* A segment is weighed together with the index of its lines: a flood of newlines is 16 to 1. */
static bool is_full(const struct brm_logstore *store, const struct text *text)
{
	uint64_t bytes = text->end - newest_start(text);

	return text->fd < 0 || (bytes > 0 && bytes + text->lines * BRM_LOGRECORD_BYTES >= store->segment_bytes);
}

int brm_logstore_target(struct brm_logstore *store, enum brm_stream stream, int *fd, off_t *offset)
{
	struct text *text = &store->text[stream];

	if (is_full(store, text)) {
		int rc = open_next_segment(store, (uint8_t)stream);

		if (rc != 0)
			return rc;
	}
	*fd = text->fd;
	*offset = (off_t)(text->end - newest_start(text));
	return 0;
}

uint64_t brm_logstore_room(const struct brm_logstore *store, enum brm_stream stream)
{
	const struct text *text = &store->text[stream];
	uint64_t bytes = text->end - newest_start(text);

	return store->segment_bytes > bytes ? store->segment_bytes - bytes : 1;
}

int brm_logstore_wrote(struct brm_logstore *store, enum brm_stream stream, size_t bytes, uint64_t now_us)
{
	store->text[stream].end += bytes;
	return brm_logpass_run(store, (uint8_t)stream, now_us, false);
}

int brm_logstore_flush(struct brm_logstore *store, enum brm_stream stream, uint64_t now_us)
{
	return brm_logpass_run(store, (uint8_t)stream, now_us, true);
}

bool brm_logstore_is_pending(const struct brm_logstore *store, enum brm_stream stream)
{
	return store->text[stream].indexed < store->text[stream].end;
}

void brm_logstore_new_run(struct brm_logstore *store)
{
	store->new_run = true;
}

void brm_logstore_lose(struct brm_logstore *store, uint64_t bytes)
{
	store->meta.lost_bytes += bytes;
	brm_logmeta_update(store->dir, &store->meta);
}

void brm_logstore_mark(const struct brm_logstore *store, struct brm_log_mark *out)
{
	*out = (struct brm_log_mark){.lines = store->index.next,
				     .bytes = {store->text[BRM_OUT].end, store->text[BRM_ERR].end},
				     .lost_bytes = store->meta.lost_bytes};
}

size_t brm_logstore_last_error(struct brm_logstore *store, char *out, size_t size)
{
	char text[ERROR_BYTES];
	size_t length = store->error.length < sizeof text ? store->error.length : sizeof text;
	bool rests = store->dir < 0;
	int n;

	if (!store->has_error)
		return 0;
	store->has_error = false;
	n = brm_logstore_wake(store);
	if (n == 0)
		n = brm_logpass_read(store, store->error.stream, text, length, store->error.offset);
	if (rests)
		brm_logstore_rest(store);
	return n > 0 ? brm_text_clean(text, (size_t)n, out, size) : 0;
}

int brm_logstore_remove(const char *state_dir, const char *name)
{
	return brm_logdir_remove(state_dir, name);
}
