/* SPDX-License-Identifier: MIT */
#include <brummer/logs.h>

#include <errno.h>
#include <string.h>

static const char *const level_words[BRM_LEVEL_COUNT] = {"", "debug", "info", "warn", "error"};
static const char *const stream_words[] = {"out", "err"};

const char *brm_level_word(enum brm_level level)
{
	return (unsigned)level < BRM_LEVEL_COUNT ? level_words[level] : "";
}

const char *brm_stream_word(enum brm_stream stream)
{
	return stream_words[stream == BRM_ERR];
}

int brm_level_parse(const char *word, enum brm_level *out)
{
	for (int level = BRM_LEVEL_DEBUG; level < BRM_LEVEL_COUNT; level++) {
		if (strcmp(word, level_words[level]) != 0)
			continue;
		*out = (enum brm_level)level;
		return 0;
	}
	return -EINVAL;
}

/* What is read and what was written. */
struct cleaner {
	const unsigned char *at;
	const unsigned char *end;
	char *out;
	size_t size;
	size_t length;
	bool full;    /* a character did not fit: nothing more does */
	bool restart; /* a carriage return waits for what overwrites the line */
};

/* Length of the character at `at`; 0 for bytes that are none, *bad of them, which one U+FFFD stands for. */
static size_t character(const unsigned char *at, const unsigned char *end, size_t *bad)
{
	static const struct {
		unsigned char first, last; /* lead byte */
		unsigned char low, high;   /* the byte after it */
		unsigned char length;
	} forms[] = {
		{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	*bad = 1;
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		size_t n = 1;

		if (*at < forms[i].first || *at > forms[i].last)
			continue;
		if (at + 1 == end || at[1] < forms[i].low || at[1] > forms[i].high)
			return 0;
		for (n = 2; n < forms[i].length && at + n < end && (at[n] & 0xc0) == 0x80;)
			n++;
		*bad = n;
		return n == forms[i].length ? n : 0;
	}
	return 0;
}

/* Write a character, or as much of a run of single bytes as fits. */
static void put(struct cleaner *c, const void *bytes, size_t length, bool whole)
{
	size_t room;

	if (c->restart) {
		c->restart = c->full = false;
		c->length = 0;
	}
	room = c->full ? 0 : c->size - c->length;
	if (length > room) {
		c->full = true;
		length = whole ? 0 : room;
	}
	memcpy(c->out + c->length, bytes, length);
	c->length += length;
}

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x7f;
}

static void plain(struct cleaner *c)
{
	const unsigned char *begin = c->at;

	while (c->at < c->end && is_plain(*c->at))
		c->at++;
	put(c, begin, (size_t)(c->at - begin), false);
}

/* After CSI: parameters, intermediates and a final byte; anything else ends it unread. */
static void skip_control(struct cleaner *c)
{
	while (c->at < c->end && *c->at >= 0x20 && *c->at < 0x40)
		c->at++;
	if (c->at < c->end && *c->at >= 0x40 && *c->at < 0x7f)
		c->at++;
}

/* After OSC, DCS, SOS, PM, APC: up to ST (OSC: or BEL), a cancel, another escape, or the end. */
static void skip_string(struct cleaner *c, unsigned char introducer)
{
	for (; c->at < c->end; c->at++) {
		size_t left = (size_t)(c->end - c->at);

		if (left >= 2 && memcmp(c->at, "\033\\", 2) == 0)
			c->at++;
		else if (left >= 2 && memcmp(c->at, "\302\234", 2) == 0)
			c->at++;
		else if (*c->at == 0x1b)
			return;
		else if (*c->at != 0x18 && *c->at != 0x1a && !(*c->at == 7 && introducer == ']'))
			continue;
		c->at++;
		return;
	}
}

/* After ESC, or a C1 control, which is ESC and another letter. */
static void skip_sequence(struct cleaner *c, unsigned char introducer)
{
	if (introducer == '[') {
		skip_control(c);
	} else if (introducer && strchr("]PX^_", introducer)) {
		skip_string(c, introducer);
	} else if (introducer >= 0x20 && introducer < 0x30) {
		while (c->at < c->end && *c->at >= 0x20 && *c->at < 0x30)
			c->at++;
		if (c->at < c->end && *c->at >= 0x30 && *c->at < 0x7f)
			c->at++;
	}
}

static void control(struct cleaner *c)
{
	unsigned char byte = *c->at++;

	if (byte == '\t')
		put(c, "\t", 1, true);
	else if (byte == '\r')
		c->restart = true;
	else if (byte == 0x1b && c->at < c->end && *c->at >= 0x20 && *c->at < 0x7f)
		skip_sequence(c, *c->at++);
}

static void beyond_ascii(struct cleaner *c)
{
	size_t bad;
	size_t length = character(c->at, c->end, &bad);
	const unsigned char *at = c->at;

	c->at += length ? length : bad;
	if (length == 0)
		put(c, "\357\277\275", 3, true);
	else if (at[0] == 0xc2 && at[1] < 0xa0)
		skip_sequence(c, at[1] - 0x40);
	else
		put(c, at, length, true);
}

size_t brm_text_clean(const char *text, size_t length, char *out, size_t size)
{
	struct cleaner c = {.at = (const unsigned char *)text, .out = out, .size = size};

	c.end = c.at + length;
	while (c.at < c.end) {
		if (is_plain(*c.at))
			plain(&c);
		else if (*c.at < 0x80)
			control(&c);
		else
			beyond_ascii(&c);
	}
	return c.length;
}
