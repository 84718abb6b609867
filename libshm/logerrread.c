/* SPDX-License-Identifier: MIT */
#include "libshm/logerrors.h"
#include "libshm/logreading.h"

#include <errno.h>

/* logerrread.c - read the index of errors beside a log */

#define READ_ERRORS 64u

/* Records from `number` on that are in its file; 0: there are no more in it. */
static ssize_t read_records(struct brm_log *log, uint64_t number, struct brm_errorrecord *out, size_t max)
{
	const struct file *file = &log->files[BRM_LOGKIND_ERRORS];
	int rc = brm_logread_use_file(log, BRM_LOGKIND_ERRORS, number);
	ssize_t n;

	if (rc != 0)
		return rc;
	n = brm_logfile_read(file->fd, out, max * sizeof *out, (number - file->first) * sizeof *out);
	return n < 0 ? n : n / (ssize_t)sizeof *out;
}

/* The first number of the file behind the one that `number` falls into. */
static uint64_t next_file(const struct brm_log *log, uint64_t number)
{
	const struct brm_loglist *files = &log->lists[BRM_LOGKIND_ERRORS];
	int64_t at = brm_loglist_find(files, number) + 1;

	return at < files->count ? files->first[at] : log->errors_end;
}

/* Take what can be seen of the records from *number on, and go behind them. Returns how many. */
static ssize_t take_some(struct brm_log *log, uint64_t *number, struct brm_log_error *out, size_t max)
{
	struct brm_errorrecord records[READ_ERRORS];
	uint64_t left = log->errors_end - *number;
	size_t want = max < READ_ERRORS ? max : READ_ERRORS;
	ssize_t n = read_records(log, *number, records, left < want ? (size_t)left : want);
	size_t done = 0;

	if (n == 0)
		*number = next_file(log, *number);
	for (ssize_t i = 0; i < n; i++) {
		struct brm_log_error error = brm_errorrecord_unpack(&records[i], (*number)++);

		if (error.seq >= log->first && error.lines > 0)
			out[done++] = error;
	}
	return n < 0 ? n : (ssize_t)done;
}

ssize_t brm_log_errors(struct brm_log *log, uint64_t number, struct brm_log_error *out, size_t max)
{
	size_t done = 0;

	if (number < log->errors_first)
		number = log->errors_first;
	while (done < max && number < log->errors_end) {
		ssize_t n = take_some(log, &number, out + done, max - done);

		/* A file that has gone under us: those that it named are gone, too. */
		if (n == -ERANGE)
			number = next_file(log, number);
		else if (n < 0)
			return n;
		else
			done += (size_t)n;
	}
	return (ssize_t)done;
}

void brm_log_errors_range(const struct brm_log *log, uint64_t *first, uint64_t *end)
{
	*first = log->errors_first;
	*end = log->errors_end;
}

/* Errors whose lines are not all to be read yet come later. */
static int trim_end(struct brm_log *log, uint64_t oldest)
{
	while (log->errors_end > oldest) {
		struct brm_errorrecord record;
		ssize_t n = read_records(log, log->errors_end - 1, &record, 1);
		struct brm_log_error error;

		if (n < 0)
			return (int)n;
		error = brm_errorrecord_unpack(&record, 0);
		if (n == 1 && error.lines > 0 && error.seq + error.lines <= log->end)
			break;
		log->errors_end--;
	}
	return 0;
}

/* Records are nearly in the order of their lines: the first that is left is found by walking. */
static int skip_rotated(struct brm_log *log)
{
	struct brm_log_error error;
	ssize_t n;

	if (log->errors_after == log->first || log->errors_first >= log->errors_end)
		return 0;
	n = brm_log_errors(log, log->errors_first, &error, 1);
	if (n < 0)
		return (int)n;
	log->errors_first = n == 1 ? error.number : log->errors_end;
	log->errors_after = log->first;
	return 0;
}

int brm_logread_find_errors(struct brm_log *log)
{
	const struct brm_loglist *files = &log->lists[BRM_LOGKIND_ERRORS];
	uint64_t first, size;
	int rc;

	if (files->count == 0)
		return 0;
	rc = brm_logread_newest_size(log, BRM_LOGKIND_ERRORS, &first, &size);
	if (rc != 0)
		return rc;
	if (log->errors_first < files->first[0])
		log->errors_first = files->first[0];
	log->errors_end = first + size / BRM_ERRORRECORD_BYTES;
	rc = trim_end(log, log->errors_first);
	return rc == 0 ? skip_rotated(log) : rc;
}
