/* SPDX-License-Identifier: MIT */
#include "tests/log_help.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libshm/logfile.h"
#include "tests/check_main.h"

struct brm_logstore *help_open(const char *name, uint64_t segment_bytes, uint32_t keep)
{
	struct brm_logstore_options options = {.segment_bytes = segment_bytes, .keep = keep};
	struct brm_logstore *store = NULL;

	ck_assert_int_eq(brm_logstore_open(test_dir(), name, &options, &store), 0);
	return store;
}

int help_put_bytes(struct brm_logstore *store, enum brm_stream stream, const void *bytes, size_t length,
		   uint64_t now_us)
{
	loff_t offset = -1;
	int fd = -1;

	ck_assert_int_eq(brm_logstore_target(store, stream, &fd, &offset), 0);
	ck_assert_int_eq(pwrite(fd, bytes, length, offset), (ssize_t)length);
	return brm_logstore_wrote(store, stream, length, now_us);
}

void help_put(struct brm_logstore *store, enum brm_stream stream, const char *text, uint64_t now_us)
{
	ck_assert_int_eq(help_put_bytes(store, stream, text, strlen(text), now_us), 0);
}

struct brm_log *help_read(const char *name)
{
	struct brm_log *log = NULL;

	ck_assert_int_eq(brm_log_open(test_dir(), name, &log), 0);
	return log;
}

const char *help_line(struct brm_log *log, uint64_t seq)
{
	static char out[4096];
	struct brm_log_line line;
	ssize_t n = brm_log_lines(log, seq, &line, 1);
	int used;

	if (n != 1)
		return n == 0 ? "end" : "error";
	ck_assert_uint_eq(line.seq, seq);
	used = snprintf(out, sizeof out, "%s %u %u ", brm_stream_word(line.stream), line.flags, line.length);
	n = brm_log_text(log, &line, out + used, sizeof out - (size_t)used - 1);
	if (n < 0)
		n = snprintf(out + used, sizeof out - (size_t)used, "(%s)", strerror((int)-n));
	out[used + n] = '\0';
	return out;
}

const char *help_file(const char *name, const char *kind, uint64_t number)
{
	static char path[8192];

	snprintf(path, sizeof path, "%s/%s/%s.%020" PRIu64, test_dir(), name, kind, number);
	return path;
}

int64_t help_size(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_size : -1;
}

static void count(const char *name, const char *kind, unsigned *files, uint64_t *bytes)
{
	char path[8192];
	struct dirent *entry;
	DIR *dir = opendir(test_path(name));

	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, kind, strlen(kind)) != 0 || entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s/%s", test_dir(), name, entry->d_name);
		(*files)++;
		*bytes += (uint64_t)help_size(path);
	}
	closedir(dir);
}

unsigned help_count(const char *name, const char *kind)
{
	unsigned files = 0;
	uint64_t bytes = 0;

	count(name, kind, &files, &bytes);
	return files;
}

uint64_t help_total(const char *name)
{
	unsigned files = 0;
	uint64_t bytes = 0;

	count(name, "", &files, &bytes);
	return bytes;
}

void help_truncate(const char *path, int64_t size)
{
	ck_assert_int_eq(truncate(path, size), 0);
}

void help_append(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, length), (ssize_t)length);
	close(fd);
}

uint64_t help_check_index(const char *name)
{
	struct brm_log *log = help_read(name);
	uint64_t next[2] = {0, 0}, end_of_text[2], first, end, unused, time_us = 1;
	bool seen[2] = {false, false};

	brm_log_range(log, &first, &end);
	for (int s = 0; s < 2; s++)
		brm_log_stream_range(log, (enum brm_stream)s, &unused, &end_of_text[s]);
	for (uint64_t seq = first; seq < end;) {
		struct brm_log_line lines[256];
		ssize_t n = brm_log_lines(log, seq, lines, 256);

		ck_assert_int_gt(n, 0);
		for (ssize_t i = 0; i < n; i++, seq++) {
			const struct brm_log_line *line = &lines[i];
			uint8_t s = line->stream;

			if (line->seq != seq || line->time_us < time_us || line->length > BRM_LOG_LINE_MAX ||
			    (seen[s] && line->offset != next[s]) || brm_logline_end(line) > end_of_text[s])
				ck_abort_msg("line %" PRIu64 " does not follow", seq);
			time_us = line->time_us;
			seen[s] = true;
			next[s] = brm_logline_end(line);
		}
	}
	brm_log_close(log);
	return end - first;
}
