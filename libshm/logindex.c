/* SPDX-License-Identifier: MIT */
#include "libshm/logindex.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCAN_RECORDS 512u

static uint64_t newest_first(const struct brm_logindex *index)
{
	return index->files.first[index->files.count - 1];
}

/* Cut the newest file to the records before index->next. */
static int cut_newest(struct brm_logindex *index)
{
	off_t size = (off_t)((index->next - newest_first(index)) * BRM_LOGRECORD_BYTES);

	return ftruncate(index->fd, size) == 0 ? 0 : -errno;
}

static int open_newest(struct brm_logindex *index)
{
	int fd = brm_logfile_open(index->dir, BRM_LOGKIND_INDEX, newest_first(index), O_RDWR);

	if (fd < 0)
		return fd;
	if (index->fd >= 0)
		close(index->fd);
	index->fd = fd;
	return 0;
}

/* Records that a file holds by its size; a negated errno value if that cannot be said. */
static int64_t count_records(const struct brm_logindex *index, uint64_t first)
{
	int fd = brm_logfile_open(index->dir, BRM_LOGKIND_INDEX, first, O_RDONLY);
	struct stat st;
	int64_t count;

	if (fd < 0)
		return fd;
	count = fstat(fd, &st) == 0 ? st.st_size / BRM_LOGRECORD_BYTES : -errno;
	close(fd);
	return count;
}

/* Sequence numbers have no holes: what lies before one is forgotten. */
static int drop_before_hole(struct brm_logindex *index)
{
	uint32_t keep = index->files.count;
	int64_t count = 0;

	while (keep > 1) {
		uint64_t first = index->files.first[keep - 2];

		count = count_records(index, first);
		if (count < 0)
			return (int)count;
		if (first + (uint64_t)count < index->files.first[keep - 1])
			break;
		keep--;
	}
	for (keep--; keep > 0; keep--) {
		int rc = brm_logfile_unlink(index->dir, BRM_LOGKIND_INDEX, index->files.first[0]);

		if (rc != 0)
			return rc;
		brm_loglist_drop_first(&index->files);
	}
	return 0;
}

int brm_logindex_open(struct brm_logindex *index, int dir, struct brm_loglist *files)
{
	struct stat st;
	int rc;

	index->dir = dir;
	index->fd = -1;
	index->files = *files;
	*files = (struct brm_loglist){0};
	if (index->files.count == 0)
		return 0;
	rc = drop_before_hole(index);
	if (rc == 0)
		rc = open_newest(index);
	if (rc != 0)
		return rc;
	if (fstat(index->fd, &st) != 0)
		return -errno;
	index->next = newest_first(index) + (uint64_t)st.st_size / BRM_LOGRECORD_BYTES;
	return st.st_size % BRM_LOGRECORD_BYTES ? cut_newest(index) : 0;
}

void brm_logindex_rest(struct brm_logindex *index)
{
	if (index->fd >= 0)
		close(index->fd);
	index->fd = -1;
}

int brm_logindex_wake(struct brm_logindex *index, int dir)
{
	index->dir = dir;
	return index->files.count > 0 ? open_newest(index) : 0;
}

void brm_logindex_finish(struct brm_logindex *index)
{
	brm_logindex_rest(index);
	brm_loglist_finish(&index->files);
}

/* Look at one line from the end; returns true while older ones matter. */
typedef bool look_fn(const struct brm_log_line *line, void *arg);

/* Look at the lines [first, end) of an open file backwards. Returns 1 when look() has seen enough, 0 at the start. */
static int look_back(int fd, uint64_t first, uint64_t end, look_fn *look, void *arg)
{
	struct brm_logrecord records[SCAN_RECORDS];

	while (end > first) {
		uint64_t count = end - first < SCAN_RECORDS ? end - first : SCAN_RECORDS;
		ssize_t size = (ssize_t)(count * sizeof *records);
		ssize_t n = brm_logfile_read(fd, records, (size_t)size, (end - count - first) * sizeof *records);

		if (n != size)
			return n < 0 ? (int)n : -EIO;
		for (; count > 0; count--) {
			struct brm_log_line line = brm_logrecord_unpack(&records[count - 1], --end);

			if (!look(&line, arg))
				return 1;
		}
	}
	return 0;
}

static int look_back_file(const struct brm_logindex *index, uint32_t file, uint64_t end, look_fn *look, void *arg)
{
	uint64_t first = index->files.first[file];
	int fd = brm_logfile_open(index->dir, BRM_LOGKIND_INDEX, first, O_RDONLY);
	int rc;

	if (fd < 0)
		return fd;
	rc = look_back(fd, first, end, look, arg);
	close(fd);
	return rc;
}

struct recovery {
	const uint64_t *text_end;
	struct brm_logtail *tail;
	uint64_t cut; /* the first line that must go */
};

static bool look_for_tail(const struct brm_log_line *line, void *arg)
{
	struct recovery *recovery = arg;
	struct brm_logtail *tail = recovery->tail;
	uint8_t s = line->stream;

	if (tail->found[s])
		return true;
	if (brm_logline_end(line) > recovery->text_end[s] || line->time_us == 0) {
		recovery->cut = line->seq;
		tail->found[0] = tail->found[1] = false;
		return true;
	}
	tail->last[s] = *line;
	tail->found[s] = true;
	return !tail->found[!s];
}

static int cut_from(struct brm_logindex *index, uint64_t seq)
{
	int rc;

	while (index->files.count > 1 && newest_first(index) >= seq) {
		rc = brm_logfile_unlink(index->dir, BRM_LOGKIND_INDEX, newest_first(index));
		if (rc != 0)
			return rc;
		index->files.count--;
	}
	rc = open_newest(index);
	if (rc != 0)
		return rc;
	index->next = seq;
	return cut_newest(index);
}

int brm_logindex_recover(struct brm_logindex *index, const uint64_t text_end[2], struct brm_logtail *tail)
{
	struct recovery recovery = {.text_end = text_end, .tail = tail, .cut = index->next};
	uint64_t end = index->next;
	int rc = 0;

	*tail = (struct brm_logtail){0};
	for (uint32_t i = index->files.count; i > 0 && rc == 0; i--) {
		rc = look_back_file(index, i - 1, end, look_for_tail, &recovery);
		end = index->files.first[i - 1];
	}
	if (rc < 0)
		return rc;
	for (int s = 0; s < 2; s++)
		if (tail->found[s] && tail->last[s].time_us > tail->time_us)
			tail->time_us = tail->last[s].time_us;
	if (recovery.cut == index->next)
		return 0;
	rc = cut_from(index, recovery.cut);
	return rc < 0 ? rc : 1;
}

static int open_next_file(struct brm_logindex *index)
{
	int rc = brm_loglist_reserve(&index->files);
	int fd;

	if (rc != 0)
		return rc;
	fd = brm_logfile_open(index->dir, BRM_LOGKIND_INDEX, index->next, O_RDWR | O_CREAT | O_TRUNC);
	if (fd < 0)
		return fd;
	if (index->fd >= 0)
		close(index->fd);
	index->fd = fd;
	brm_loglist_add(&index->files, index->next);
	return 0;
}

static int append_some(struct brm_logindex *index, const struct brm_logrecord *records, uint32_t count)
{
	uint64_t at = (index->next - newest_first(index)) * BRM_LOGRECORD_BYTES;
	ssize_t n = pwrite(index->fd, records, count * sizeof *records, (off_t)at);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	index->next += (uint64_t)n / BRM_LOGRECORD_BYTES;
	if (n % BRM_LOGRECORD_BYTES != 0)
		cut_newest(index); /* if that fails too, the next record overwrites what is torn */
	return n < (ssize_t)BRM_LOGRECORD_BYTES ? -ENOSPC : 0;
}

int brm_logindex_append(struct brm_logindex *index, const struct brm_logrecord *records, uint32_t count, uint32_t *done)
{
	uint64_t first = index->next;
	int rc = 0;

	while (index->next - first < count && rc == 0) {
		uint32_t at = (uint32_t)(index->next - first);

		if (index->fd < 0 || (index->next - newest_first(index)) * BRM_LOGRECORD_BYTES >= index->file_bytes)
			rc = open_next_file(index);
		if (rc == 0)
			rc = append_some(index, records + at, count - at);
	}
	*done = (uint32_t)(index->next - first);
	return rc;
}

int brm_logindex_read(const struct brm_logindex *index, uint64_t seq, struct brm_logrecord *out, uint32_t max)
{
	int64_t at = brm_loglist_find(&index->files, seq);
	ssize_t n;
	int fd;

	if (at < 0 || seq >= index->next)
		return 0;
	if (index->next - seq < max)
		max = (uint32_t)(index->next - seq);
	fd = brm_logfile_open(index->dir, BRM_LOGKIND_INDEX, index->files.first[at], O_RDONLY);
	if (fd < 0)
		return fd;
	n = brm_logfile_read(fd, out, max * sizeof *out, (seq - index->files.first[at]) * sizeof *out);
	close(fd);
	return n < 0 ? (int)n : (int)(n / (ssize_t)sizeof *out);
}

struct ends {
	uint64_t end[2];
	bool found[2];
};

static bool look_for_ends(const struct brm_log_line *line, void *arg)
{
	struct ends *ends = arg;

	if (!ends->found[line->stream])
		ends->end[line->stream] = brm_logline_end(line);
	ends->found[line->stream] = true;
	return !ends->found[!line->stream];
}

/* The ends of the last lines of the oldest file; 0 for a stream without lines there. */
static int learn_oldest(struct brm_logindex *index)
{
	struct ends ends = {0};
	int rc;

	if (index->oldest_known)
		return 0;
	rc = look_back_file(index, 0, index->files.first[1], look_for_ends, &ends);
	if (rc < 0)
		return rc;
	memcpy(index->oldest_ends, ends.end, sizeof ends.end);
	index->oldest_known = true;
	return 0;
}

static int drop_oldest(struct brm_logindex *index, struct brm_logmeta *meta)
{
	int rc;

	for (int s = 0; s < 2; s++)
		if (index->oldest_ends[s] > meta->indexed[s])
			meta->indexed[s] = index->oldest_ends[s];
	rc = brm_logmeta_update(index->dir, meta);
	if (rc == 0)
		rc = brm_logfile_unlink(index->dir, BRM_LOGKIND_INDEX, index->files.first[0]);
	if (rc != 0)
		return rc;
	brm_loglist_drop_first(&index->files);
	index->oldest_known = false;
	return 0;
}

int brm_logindex_retain(struct brm_logindex *index, const uint64_t text_first[2], struct brm_logmeta *meta)
{
	while (index->files.count > 1) {
		uint64_t bytes = (index->next - index->files.first[0]) * BRM_LOGRECORD_BYTES;
		int rc = learn_oldest(index);

		if (rc != 0)
			return rc;
		if (bytes <= index->budget_bytes &&
		    (index->oldest_ends[0] > text_first[0] || index->oldest_ends[1] > text_first[1]))
			return 0;
		rc = drop_oldest(index, meta);
		if (rc != 0)
			return rc;
	}
	return 0;
}
