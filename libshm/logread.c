/* SPDX-License-Identifier: MIT */
#include <brummer/logs.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "libshm/logreading.h"

#define READ_RECORDS 512u     /* of the index, at once */
#define TRIES        8        /* to look at the files while they are rotated away */
#define TICK_NS      50000000 /* a directory's time may stand still for so long while it changes */

int brm_logread_use_file(struct brm_log *log, enum brm_logkind kind, uint64_t number)
{
	struct file *file = &log->files[kind];
	int64_t at = brm_loglist_find(&log->lists[kind], number);
	uint64_t first;
	int fd;

	if (at < 0)
		return -ERANGE;
	first = log->lists[kind].first[at];
	if (file->fd >= 0 && file->first == first)
		return 0;
	fd = brm_logfile_open(log->dir, kind, first, O_RDONLY);
	if (fd < 0)
		return fd == -ENOENT ? -ERANGE : fd;
	if (file->fd >= 0)
		close(file->fd);
	*file = (struct file){.fd = fd, .first = first};
	return 0;
}

int brm_logread_newest_size(struct brm_log *log, enum brm_logkind kind, uint64_t *first, uint64_t *size)
{
	const struct brm_loglist *list = &log->lists[kind];
	struct stat st;
	int rc;

	*first = *size = 0;
	if (list->count == 0)
		return 0;
	*first = list->first[list->count - 1];
	rc = brm_logread_use_file(log, kind, *first);
	if (rc == 0 && fstat(log->files[kind].fd, &st) != 0)
		rc = -errno;
	if (rc == 0)
		*size = (uint64_t)st.st_size;
	return rc;
}

/* Records from seq on that are in its index file. Returns their number. */
static ssize_t read_records(struct brm_log *log, uint64_t seq, struct brm_logrecord *out, size_t max)
{
	int rc = brm_logread_use_file(log, BRM_LOGKIND_INDEX, seq);
	uint64_t first = log->files[BRM_LOGKIND_INDEX].first;
	int64_t at = brm_loglist_find(&log->lists[BRM_LOGKIND_INDEX], seq);
	ssize_t n;

	if (rc != 0)
		return rc;
	if (at + 1 < log->lists[BRM_LOGKIND_INDEX].count) {
		uint64_t left = log->lists[BRM_LOGKIND_INDEX].first[at + 1] - seq;

		max = left < max ? (size_t)left : max;
	}
	n = brm_logfile_read(log->files[BRM_LOGKIND_INDEX].fd, out, max * sizeof *out, (seq - first) * sizeof *out);
	return n < 0 ? n : n / (ssize_t)sizeof *out;
}

static uint64_t text_first(const struct brm_log *log, unsigned stream)
{
	const struct brm_loglist *segments = &log->lists[stream];

	return segments->count ? segments->first[0] : log->text_end[stream];
}

/*
 * The lines before the first that has text are gone, though an index file may still name them; so are those of an index
 * file that went since the look at the directory.
 */
static int find_first(struct brm_log *log)
{
	const struct brm_loglist *index = &log->lists[BRM_LOGKIND_INDEX];
	const uint64_t first[2] = {text_first(log, BRM_OUT), text_first(log, BRM_ERR)};
	uint64_t seq = index->count ? index->first[0] : 0;
	struct brm_logrecord records[READ_RECORDS];
	ssize_t n;

	while (index->count > 0 && (n = read_records(log, seq, records, READ_RECORDS)) != 0) {
		int64_t next = brm_loglist_find(index, seq) + 1;

		if (n == -ERANGE && next < index->count) {
			seq = index->first[next];
			continue;
		}
		if (n < 0)
			return (int)n;
		for (ssize_t i = 0; i < n; i++, seq++) {
			struct brm_log_line line = brm_logrecord_unpack(&records[i], seq);

			if (line.offset < first[line.stream])
				continue;
			log->first = seq;
			return 0;
		}
	}
	log->first = seq;
	return 0;
}

static bool is_settled(const struct timespec *changed)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (now.tv_sec - changed->tv_sec) * INT64_C(1000000000) + now.tv_nsec - changed->tv_nsec > TICK_NS;
}

/* Look what files there are, if that may have changed. Returns 1 if it looked. */
static int scan(struct brm_log *log)
{
	struct brm_logmeta meta;
	struct stat st;
	bool settled;
	int rc;

	if (fstat(log->dir, &st) != 0)
		return -errno;
	if (st.st_nlink == 0)
		return -ESTALE;
	if (log->settled && st.st_mtim.tv_sec == log->changed.tv_sec && st.st_mtim.tv_nsec == log->changed.tv_nsec)
		return 0;
	settled = is_settled(&st.st_mtim);
	rc = brm_logmeta_read(log->dir, &meta);
	if (rc != 0 || meta.id != log->id)
		return -ESTALE;
	rc = brm_logdir_scan(log->dir, log->lists);
	if (rc != 0)
		return rc;
	log->changed = st.st_mtim;
	log->settled = settled;
	return 1;
}

/* Look again what files there are: some went under us. They may go once more before they are read. */
static int look_again(struct brm_log *log)
{
	int rc = -ERANGE;

	for (int tries = 0; tries < TRIES && rc == -ERANGE; tries++) {
		log->settled = false;
		rc = scan(log);
		if (rc == 1)
			rc = find_first(log);
	}
	return rc;
}

/* A file has gone under us: let brm_log_range() say what is left, which begins at `least` or later. */
static ssize_t rotated(struct brm_log *log, uint64_t least)
{
	look_again(log);
	if (log->first < least)
		log->first = least;
	if (log->end < log->first)
		log->end = log->first;
	return -ERANGE;
}

/* Without a mark: no line at the end whose text a power failure took. Its writer will mend what it left behind. */
static int trim_end(struct brm_log *log, uint64_t *end)
{
	struct brm_logrecord record;

	while (*end > log->first) {
		ssize_t n = read_records(log, *end - 1, &record, 1);
		struct brm_log_line line = brm_logrecord_unpack(&record, *end - 1);

		if (n < 0)
			return (int)n;
		if (n == 1 && brm_logline_end(&line) <= log->text_end[line.stream])
			break;
		(*end)--;
	}
	return 0;
}

/*
 * How far the text reaches. Looks at the directory again, because a line that is in the index by now may have its text
 * in a segment that was opened after the first look.
 */
static int find_text_ends(struct brm_log *log)
{
	int rc = scan(log);

	if (rc == 1)
		rc = find_first(log);
	for (int s = 0; s < 2 && rc == 0; s++) {
		uint64_t first, size;

		rc = brm_logread_newest_size(log, (enum brm_logkind)s, &first, &size);
		if (rc == 0)
			log->text_end[s] = first + size;
	}
	return rc;
}

static int find_end(struct brm_log *log, const struct brm_log_mark *mark)
{
	uint64_t first, size, end;
	int rc = brm_logread_newest_size(log, BRM_LOGKIND_INDEX, &first, &size);

	if (rc != 0)
		return rc;
	end = first + size / BRM_LOGRECORD_BYTES;
	if (mark) {
		memcpy(log->text_end, mark->bytes, sizeof log->text_end);
		end = mark->lines < end ? mark->lines : end;
	} else {
		rc = find_text_ends(log);
		if (rc == 0)
			rc = trim_end(log, &end);
	}
	log->end = end > log->first ? end : log->first;
	return rc == 0 ? brm_logread_find_errors(log) : rc;
}

int brm_log_refresh(struct brm_log *log, const struct brm_log_mark *mark)
{
	int rc = -ERANGE;

	/* Files may go between the look at the directory and the look at them: then look again. */
	for (int tries = 0; tries < TRIES && rc == -ERANGE; tries++) {
		rc = scan(log);
		if (rc == 1)
			rc = find_first(log);
		if (rc == 0)
			rc = find_end(log, mark);
		if (rc == -ERANGE)
			log->settled = false;
	}
	return rc;
}

int brm_log_open(const char *state_dir, const char *name, struct brm_log **out)
{
	int dir = brm_logdir_open(state_dir, name, false);
	struct brm_logmeta meta;
	struct brm_log *log;
	int rc;

	if (dir < 0)
		return dir;
	rc = brm_logmeta_read(dir, &meta);
	log = rc == 0 ? malloc(sizeof *log) : NULL;
	if (!log) {
		close(dir);
		return rc ? rc : -ENOMEM;
	}
	memset(log, 0, offsetof(struct brm_log, cache));
	log->cache[BRM_OUT].length = log->cache[BRM_ERR].length = 0;
	log->dir = dir;
	log->id = meta.id;
	for (int kind = 0; kind < BRM_LOGKIND_COUNT; kind++)
		log->files[kind].fd = -1;
	rc = brm_log_refresh(log, NULL);
	if (rc != 0)
		brm_log_close(log);
	else
		*out = log;
	return rc;
}

void brm_log_close(struct brm_log *log)
{
	if (!log)
		return;
	for (int kind = 0; kind < BRM_LOGKIND_COUNT; kind++) {
		if (log->files[kind].fd >= 0)
			close(log->files[kind].fd);
		brm_loglist_finish(&log->lists[kind]);
	}
	close(log->dir);
	free(log);
}

uint64_t brm_log_id(const struct brm_log *log)
{
	return log->id;
}

void brm_log_range(const struct brm_log *log, uint64_t *first, uint64_t *end)
{
	*first = log->first;
	*end = log->end;
}

ssize_t brm_log_lines(struct brm_log *log, uint64_t seq, struct brm_log_line *out, size_t max)
{
	struct brm_logrecord records[READ_RECORDS];
	size_t done = 0;

	if (seq < log->first)
		return -ERANGE;
	while (done < max && seq < log->end) {
		uint64_t left = log->end - seq < max - done ? log->end - seq : max - done;
		ssize_t n = read_records(log, seq, records, left < READ_RECORDS ? (size_t)left : READ_RECORDS);

		if (n <= 0 && done > 0)
			break;
		if (n <= 0)
			return n == 0 ? -EIO : n == -ERANGE ? rotated(log, seq + 1) : n;
		for (ssize_t i = 0; i < n; i++)
			out[done++] = brm_logrecord_unpack(&records[i], seq++);
	}
	return (ssize_t)done;
}

/* Bytes of a stream, over the ends of segments. Returns those there are. */
static ssize_t read_stream(struct brm_log *log, unsigned stream, uint64_t offset, char *buf, size_t size)
{
	const struct brm_loglist *segments = &log->lists[stream];
	size_t done = 0;

	while (done < size) {
		int64_t at = brm_loglist_find(segments, offset + done);
		int rc = brm_logread_use_file(log, (enum brm_logkind)stream, offset + done);
		size_t want = size - done;
		ssize_t n;

		if (rc != 0)
			return rc == -ERANGE ? rotated(log, 0) : rc;
		if (at + 1 < segments->count && segments->first[at + 1] - offset - done < want)
			want = (size_t)(segments->first[at + 1] - offset - done);
		n = brm_logfile_read(log->files[stream].fd, buf + done, want, offset + done - segments->first[at]);
		if (n < 0)
			return n;
		done += (size_t)n;
		if ((size_t)n < want)
			break;
	}
	return (ssize_t)done;
}

static bool is_cached(const struct cache *cache, uint64_t offset, size_t length)
{
	return offset >= cache->offset && offset + length <= cache->offset + cache->length;
}

/*
 * Fill the cache around a line: what follows it, or, when lines are read backwards, what lies before it; little of that
 * when the line is far from the last one.
 */
static ssize_t fill_cache(struct brm_log *log, unsigned stream, uint64_t offset, size_t length)
{
	struct cache *cache = &log->cache[stream];
	uint64_t begin = offset, first = text_first(log, stream), end = cache->offset + cache->length;
	bool before = offset < cache->offset && offset + CACHE_BYTES > cache->offset;
	bool far = !before && (offset < cache->offset || offset > end + ALONE_BYTES);
	bool alone = far && length <= ALONE_BYTES;
	uint64_t left, size = alone ? ALONE_BYTES : CACHE_BYTES;
	ssize_t n;

	if (before)
		begin = offset + length - first > CACHE_BYTES ? offset + length - CACHE_BYTES : first;
	left = log->text_end[stream] > begin ? log->text_end[stream] - begin : 0;
	n = read_stream(log, stream, begin, cache->bytes, (size_t)(left < size ? left : size));
	cache->offset = begin;
	cache->length = n > 0 ? (size_t)n : 0;
	return n;
}

ssize_t brm_log_text(struct brm_log *log, const struct brm_log_line *line, char *buf, size_t size)
{
	unsigned stream = line->stream & 1;
	struct cache *cache = &log->cache[stream];
	size_t length = line->length < size ? line->length : size;
	ssize_t n;

	if (!is_cached(cache, line->offset, length)) {
		if (line->offset < text_first(log, stream))
			return -ERANGE;
		if (length > CACHE_BYTES) {
			n = read_stream(log, stream, line->offset, buf, length);
			return n < 0 || (size_t)n == length ? n : -EIO;
		}
		n = fill_cache(log, stream, line->offset, length);
		if (n < 0)
			return n;
		if (!is_cached(cache, line->offset, length))
			return -EIO;
	}
	memcpy(buf, cache->bytes + (line->offset - cache->offset), length);
	return (ssize_t)length;
}

int brm_log_seek_time(struct brm_log *log, uint64_t time_us, uint64_t *seq)
{
	uint64_t low = log->first, high = log->end;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct brm_logrecord record;
		ssize_t n = read_records(log, middle, &record, 1);

		if (n < 0 && n != -ERANGE)
			return (int)n;
		if (n == 0)
			return -EIO;
		/* What was rotated away meanwhile is older than all that is left. */
		if (n == -ERANGE || brm_logrecord_unpack(&record, middle).time_us < time_us)
			low = middle + 1;
		else
			high = middle;
	}
	*seq = low;
	return 0;
}

ssize_t brm_log_bytes(struct brm_log *log, enum brm_stream stream, uint64_t offset, void *buf, size_t size)
{
	uint64_t end = log->text_end[stream];

	if (offset < text_first(log, stream))
		return -ERANGE;
	if (offset >= end)
		return 0;
	return read_stream(log, stream, offset, buf, end - offset < size ? (size_t)(end - offset) : size);
}

ssize_t brm_log_file(struct brm_log *log, enum brm_stream stream, uint64_t offset, int *fd, uint64_t *at)
{
	const struct brm_loglist *segments = &log->lists[stream];
	uint64_t end = log->text_end[stream];
	struct stat st;
	int64_t next;
	int rc;

	if (offset < text_first(log, stream))
		return -ERANGE;
	if (offset >= end)
		return 0;
	rc = brm_logread_use_file(log, (enum brm_logkind)stream, offset);
	if (rc != 0)
		return rc == -ERANGE ? rotated(log, 0) : rc;
	if (fstat(log->files[stream].fd, &st) != 0)
		return -errno;
	next = brm_loglist_find(segments, offset) + 1;
	if (next < segments->count && segments->first[next] < end)
		end = segments->first[next];
	if (log->files[stream].first + (uint64_t)st.st_size < end)
		end = log->files[stream].first + (uint64_t)st.st_size;
	*fd = log->files[stream].fd;
	*at = offset - log->files[stream].first;
	return end > offset ? (ssize_t)(end - offset) : 0;
}

void brm_log_stream_range(const struct brm_log *log, enum brm_stream stream, uint64_t *first, uint64_t *end)
{
	*first = text_first(log, stream);
	*end = log->text_end[stream] > *first ? log->text_end[stream] : *first;
}

char *brm_log_cursor(const struct brm_log *log, uint64_t seq, char out[BRM_CURSOR_MAX])
{
	snprintf(out, BRM_CURSOR_MAX, "%016" PRIx64 ":%" PRIu64, log->id, seq);
	return out;
}

int brm_log_resume(const struct brm_log *log, const char *cursor, uint64_t *seq, uint64_t *dropped, bool *other)
{
	size_t digits = strspn(cursor, "0123456789abcdef");
	uint64_t id, at;
	char *end;

	if (digits != 16 || cursor[16] != ':' || cursor[17] < '0' || cursor[17] > '9')
		return -EINVAL;
	id = strtoull(cursor, NULL, 16);
	errno = 0;
	at = strtoull(cursor + 17, &end, 10);
	if (errno != 0 || *end != '\0')
		return -EINVAL;
	*other = id != log->id;
	*dropped = !*other && at < log->first ? log->first - at : 0;
	*seq = *other || at < log->first ? log->first : at;
	return 0;
}
