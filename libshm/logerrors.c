/* SPDX-License-Identifier: MIT */
#include "libshm/logerrors.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCAN_RECORDS 256u

static const char words[][BRM_LANGUAGE_MAX] = {
	"", "javascript", "typescript", "python", "go", "rust", "java", "c", "ruby", "php", "dotnet", "elixir", "shell",
};

const char *brm_language_word(unsigned language)
{
	return language < sizeof words / sizeof *words ? words[language] : "";
}

struct brm_errorrecord brm_errorrecord_pack(const struct brm_log_error *error)
{
	uint64_t place = (error->seq & 0xffffffffffffu) | (uint64_t)(error->stream & 1) << 48;

	return (struct brm_errorrecord){{htole64(place | (uint64_t)(error->language & 127) << 49),
					 htole64(error->time_us & 0xfffffffffffffu), htole64(error->group),
					 htole64(error->lines | (uint64_t)error->message << 32)}};
}

struct brm_log_error brm_errorrecord_unpack(const struct brm_errorrecord *record, uint64_t number)
{
	uint64_t place = le64toh(record->w[0]), extent = le64toh(record->w[3]);

	return (struct brm_log_error){
		.number = number,
		.seq = place & 0xffffffffffffu,
		.lines = (uint32_t)extent,
		.message = (uint32_t)(extent >> 32),
		.time_us = le64toh(record->w[1]) & 0xfffffffffffffu,
		.group = le64toh(record->w[2]),
		.stream = place >> 48 & 1,
		.language = place >> 49 & 127,
	};
}

static uint64_t newest_first(const struct brm_logerrors *errors)
{
	return errors->files.first[errors->files.count - 1];
}

int brm_logerrors_wake(struct brm_logerrors *errors, int dir)
{
	errors->dir = dir;
	if (errors->files.count > 0)
		errors->fd = brm_logfile_open(dir, BRM_LOGKIND_ERRORS, newest_first(errors), O_RDWR);
	return errors->fd < 0 && errors->files.count > 0 ? errors->fd : 0;
}

/* What the newest file holds. */
static int count_newest(struct brm_logerrors *errors)
{
	struct stat st;

	if (fstat(errors->fd, &st) != 0)
		return -errno;
	errors->next = newest_first(errors) + (uint64_t)st.st_size / BRM_ERRORRECORD_BYTES;
	return 0;
}

static int cut(struct brm_logerrors *errors)
{
	off_t size = (off_t)((errors->next - newest_first(errors)) * BRM_ERRORRECORD_BYTES);

	return ftruncate(errors->fd, size) == 0 ? 0 : -errno;
}

/* A record of one error at least: not what a crash left zeroed, and within the lines there are. */
static bool is_sound(const struct brm_log_error *error, uint64_t lines_end)
{
	return error->lines > 0 && error->message < error->lines && error->seq + error->lines <= lines_end;
}

/* Cut the newest file behind its last sound record. */
static int cut_unsound(struct brm_logerrors *errors, uint64_t lines_end)
{
	while (errors->next > newest_first(errors)) {
		struct brm_errorrecord record;
		uint64_t at = errors->next - 1;
		ssize_t n = brm_logfile_read(errors->fd, &record, sizeof record,
					     (at - newest_first(errors)) * sizeof record);
		struct brm_log_error error;

		if (n != sizeof record)
			return n < 0 ? (int)n : -EIO;
		error = brm_errorrecord_unpack(&record, at);
		if (is_sound(&error, lines_end))
			break;
		errors->next = at;
	}
	return cut(errors);
}

int brm_logerrors_open(struct brm_logerrors *errors, int dir, struct brm_loglist *files, uint64_t lines_end)
{
	int rc;

	errors->files = *files;
	*files = (struct brm_loglist){0};
	rc = brm_logerrors_wake(errors, dir);
	if (rc != 0 || errors->files.count == 0)
		return rc;
	rc = count_newest(errors);
	return rc == 0 ? cut_unsound(errors, lines_end) : rc;
}

void brm_logerrors_rest(struct brm_logerrors *errors)
{
	if (errors->fd >= 0)
		close(errors->fd);
	errors->fd = -1;
}

void brm_logerrors_finish(struct brm_logerrors *errors)
{
	brm_logerrors_rest(errors);
	brm_loglist_finish(&errors->files);
}

static int drop_oldest(struct brm_logerrors *errors, uint32_t keep)
{
	while (errors->files.count > keep) {
		int rc = brm_logfile_unlink(errors->dir, BRM_LOGKIND_ERRORS, errors->files.first[0]);

		if (rc != 0)
			return rc;
		brm_loglist_drop_first(&errors->files);
	}
	return 0;
}

static int open_next_file(struct brm_logerrors *errors)
{
	int rc = brm_loglist_reserve(&errors->files);
	int fd;

	if (rc == 0)
		rc = drop_oldest(errors, BRM_ERRORS_FILES - 1);
	if (rc != 0)
		return rc;
	fd = brm_logfile_open(errors->dir, BRM_LOGKIND_ERRORS, errors->next, O_RDWR | O_CREAT | O_TRUNC);
	if (fd < 0)
		return fd;
	if (errors->fd >= 0)
		close(errors->fd);
	errors->fd = fd;
	brm_loglist_add(&errors->files, errors->next);
	return 0;
}

static int append_some(struct brm_logerrors *errors, const struct brm_errorrecord *records, uint32_t count)
{
	uint64_t held = errors->next - newest_first(errors);
	uint64_t room = BRM_ERRORS_FILE_RECORDS - held;
	size_t bytes = (count < room ? count : (size_t)room) * sizeof *records;
	ssize_t n = pwrite(errors->fd, records, bytes, (off_t)(held * sizeof *records));

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	errors->next += (uint64_t)n / BRM_ERRORRECORD_BYTES;
	if (n % BRM_ERRORRECORD_BYTES != 0)
		cut(errors); /* if that fails too, the next record overwrites what is torn */
	return n < (ssize_t)BRM_ERRORRECORD_BYTES ? -ENOSPC : 0;
}

int brm_logerrors_append(struct brm_logerrors *errors, const struct brm_errorrecord *records, uint32_t count,
			 uint32_t *done)
{
	uint64_t first = errors->next;
	int rc = 0;

	while (errors->next - first < count && rc == 0) {
		uint32_t at = (uint32_t)(errors->next - first);

		if (errors->fd < 0 || errors->next - newest_first(errors) >= BRM_ERRORS_FILE_RECORDS)
			rc = open_next_file(errors);
		if (rc == 0)
			rc = append_some(errors, records + at, count - at);
	}
	*done = (uint32_t)(errors->next - first);
	return rc;
}

bool brm_logerrors_has(const struct brm_logerrors *errors, uint64_t seq)
{
	struct brm_errorrecord records[SCAN_RECORDS];
	uint64_t first = errors->fd < 0 ? errors->next : newest_first(errors);

	for (uint64_t end = errors->next; end > first;) {
		uint64_t count = end - first < SCAN_RECORDS ? end - first : SCAN_RECORDS;
		ssize_t n = brm_logfile_read(errors->fd, records, count * sizeof *records,
					     (end - count - first) * sizeof *records);

		for (ssize_t i = 0; i < n / (ssize_t)sizeof *records; i++)
			if (brm_errorrecord_unpack(&records[i], 0).seq == seq)
				return true;
		end -= count;
	}
	return false;
}

int brm_logerrors_clear(struct brm_logerrors *errors)
{
	brm_logerrors_rest(errors);
	return drop_oldest(errors, 0);
}
