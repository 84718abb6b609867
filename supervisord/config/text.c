/* SPDX-License-Identifier: MIT */
#include "config/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The bytes of one UTF-8 sequence, or 0: second is the range that the byte after the first must be in. */
static size_t sequence_length(const unsigned char *p, size_t left)
{
	static const struct {
		unsigned char first, last, second_min, second_max;
		size_t length;
	} forms[] = {
		{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};
	size_t form = 0;

	while (form < sizeof forms / sizeof *forms && (*p < forms[form].first || *p > forms[form].last))
		form++;
	if (form == sizeof forms / sizeof *forms || forms[form].length > left)
		return 0;
	if (forms[form].length > 1 && (p[1] < forms[form].second_min || p[1] > forms[form].second_max))
		return 0;
	for (size_t i = 2; i < forms[form].length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return forms[form].length;
}

/* How many bytes from the first are ASCII, at least: eight at a time, as nearly all text is. */
static size_t ascii_length(const char *bytes, size_t length)
{
	uint64_t eight;
	size_t at = 0;

	for (; length - at >= sizeof eight; at += sizeof eight) {
		memcpy(&eight, bytes + at, sizeof eight);
		if (eight & 0x8080808080808080u)
			break;
	}
	return at;
}

size_t text_utf8_length(const char *bytes, size_t length)
{
	size_t at = 0, step = 1;

	while (at < length && step > 0) {
		at += ascii_length(bytes + at, length - at);
		step = at < length ? sequence_length((const unsigned char *)bytes + at, length - at) : 0;
		at += step;
	}
	return at;
}

bool text_is_control(const char *p)
{
	const unsigned char *c = (const unsigned char *)p;

	return c[0] < 0x20 || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
}

void text_clean(char *line)
{
	size_t length = strlen(line), step;

	for (size_t at = 0; at < length; at += step) {
		step = sequence_length((const unsigned char *)line + at, length - at);
		if (step == 0 || text_is_control(line + at)) {
			step = step > 0 ? step : 1;
			memset(line + at, '?', step);
		}
	}
}

char *text_place(const struct text *text, size_t offset, char out[TEXT_PLACE_MAX])
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < offset && i < text->length; i++) {
		if (text->bytes[i] == '\n')
			line++, column = 1;
		else if ((text->bytes[i] & 0xc0) != 0x80)
			column++;
	}
	snprintf(out, TEXT_PLACE_MAX, "%s:%zu:%zu", text->file, line, column);
	return out;
}

int text_check(struct text *text, struct report *report)
{
	char place[TEXT_PLACE_MAX];
	const char *nul;
	size_t valid;

	if (text->length >= 3 && memcmp(text->bytes, "\xef\xbb\xbf", 3) == 0) {
		text->bytes += 3;
		text->length -= 3;
	}
	valid = text_utf8_length(text->bytes, text->length);
	nul = valid > 0 ? memchr(text->bytes, '\0', valid) : NULL;
	if (nul)
		report_error(report, "%s: a NUL byte, expected text",
			     text_place(text, (size_t)(nul - text->bytes), place));
	else if (valid < text->length)
		report_error(report, "%s: byte 0x%02x is not UTF-8, expected UTF-8 text",
			     text_place(text, valid, place), (unsigned char)text->bytes[valid]);
	return nul || valid < text->length ? -EINVAL : 0;
}

bool text_is_trusted(const struct stat *st)
{
	return st->st_uid == geteuid() || st->st_uid == 0;
}

/* -EINVAL, with the reason reported, when a file must not or cannot be used. */
static int refuse(const struct stat *st, const char *file, size_t max, struct report *report)
{
	if (S_ISDIR(st->st_mode))
		report_error(report, "%s: is a directory, expected a file", file);
	else if (!S_ISREG(st->st_mode))
		report_error(report, "%s: is not a regular file, expected one", file);
	else if (!text_is_trusted(st))
		report_error(report, "%s: belongs to user %u, expected a file of yours or of root", file,
			     (unsigned)st->st_uid);
	else if ((unsigned long long)st->st_size > max)
		report_error(report, "%s: has %llu bytes, expected at most %zu", file, (unsigned long long)st->st_size,
			     max);
	else
		return 0;
	return -EINVAL;
}

/* Read to the end of the file of max bytes, or one byte beyond. Returns the length, -errno. */
static ssize_t read_all(int fd, char *store, size_t max)
{
	size_t length = 0;

	while (length <= max) {
		ssize_t n = read(fd, store + length, max + 1 - length);

		if (n < 0 && errno != EINTR)
			return -errno;
		length += n > 0 ? (size_t)n : 0;
		if (n == 0 || (n > 0 && length == max))
			break; /* one more was asked for: there is none */
	}
	return (ssize_t)length;
}

static int read_open(int fd, const char *file, size_t max, struct text *out, struct report *report)
{
	struct stat st;
	ssize_t length;
	char *store;

	if (fstat(fd, &st) != 0) {
		report_error(report, "%s: cannot read: %s", file, strerror(errno));
		return -EINVAL;
	}
	if (refuse(&st, file, max, report) != 0)
		return -EINVAL;
	store = malloc((size_t)st.st_size + 1);
	if (!store)
		return -ENOMEM;
	length = read_all(fd, store, (size_t)st.st_size);
	if (length < 0 || length > st.st_size) {
		report_error(report, "%s: cannot read: %s", file,
			     length < 0 ? strerror((int)-length) : "it is growing");
		free(store);
		return -EINVAL;
	}
	*out = (struct text){.file = file, .bytes = store, .length = (size_t)length, .store = store};
	return 0;
}

int text_read(int dir_fd, const char *file, size_t max, struct text *out, struct report *report)
{
	int fd = openat(dir_fd, file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int result;

	if (fd < 0 && errno == ENOENT)
		return -ENOENT;
	if (fd < 0) {
		report_error(report, "%s: cannot open: %s", file, strerror(errno));
		return -EINVAL;
	}
	result = read_open(fd, file, max, out, report);
	close(fd);
	return result;
}

void text_finish(struct text *text)
{
	free(text->store);
	*text = (struct text){0};
}
