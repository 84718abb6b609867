/* SPDX-License-Identifier: MIT */
#include <brummer/logstore.h>

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "libshm/bytemask.h"
#include "libshm/logfile.h"
#include "libshm/logwords.h"

/*
 * Nearly every line announces nothing, so nearly all the work is to see that quickly: of the words near the line's
 * start, taken from a bit mask of its letters, two letters tell whether one can be in the table at all. What is in it
 * is judged by what stands around it, because "error" in a sentence, a path or a count of 0 is not an error.
 */

#define PROSE      7u   /* words after so many that begin after a space are not looked at */
#define COLOURED   256u /* bytes of a line with colours that are looked at */
#define WORD_LEAST 3u
#define ESCAPE     0x1b

struct line {
	const char *text;
	size_t length;
	bool cleaned; /* of escape sequences */
};

/* The byte at a place; 0 before the line and behind it. */
static char byte_at(const struct line *line, size_t at)
{
	return at < line->length ? line->text[at] : 0;
}

static bool is_one_of(char byte, const char *set)
{
	return byte == 0 || strchr(set, byte);
}

static bool starts_with(const struct line *line, size_t at, const char *text)
{
	size_t length = strlen(text);

	return at <= line->length && line->length - at >= length && memcmp(line->text + at, text, length) == 0;
}

/* As many bytes as a mask is of: the text itself, or a copy. */
static const char *pad(const char *text, size_t length, char padded[BYTEMASK_WIDTH])
{
	if (length >= BYTEMASK_WIDTH)
		return text;
	memset(padded, 0, BYTEMASK_WIDTH);
	return memcpy(padded, text, length);
}

/* Can a word that begins in a row of the letters matter, by its next two? Nearly always not. */
static uint64_t may_matter(const char *word, unsigned row)
{
	return known_letters[row].second >> (word[1] & 31) & known_letters[row].third >> (word[2] & 31) & 1;
}

static const struct word *find_word(const char *text, size_t length)
{
	const struct bucket *bucket = &buckets[*text & 31];
	const struct word *word = bucket->words;

	if (!may_matter(text, SMALL_ROW(*text)))
		return NULL;
	for (uint32_t i = 0; i < bucket->count; i++, word++)
		if (word->length == length && strncasecmp(word->text, text, length) == 0)
			return word;
	return NULL;
}

/* A value that says that there is none: "error: null". */
static bool is_nothing(const struct line *line, size_t at)
{
	static const char *const nothings[] = {"0", "null", "none", "nil", "false", "undefined", "None", "False"};

	while (byte_at(line, at) == ' ')
		at++;
	for (size_t i = 0; i < sizeof nothings / sizeof *nothings; i++) {
		size_t length = strlen(nothings[i]);

		if (starts_with(line, at, nothings[i]) && !isalnum((unsigned char)byte_at(line, at + length)) &&
		    byte_at(line, at + length) != '.')
			return true;
	}
	return false;
}

/* The word before `at`, in the same clause: its place and length; length 0 for none. */
static size_t word_before(const struct line *line, size_t at, size_t *length)
{
	size_t end = at;
	size_t begin;

	while (end > 0 && line->text[end - 1] == ' ')
		end--;
	for (begin = end; begin > 0 && isalnum((unsigned char)line->text[begin - 1]);)
		begin--;
	*length = end < at ? end - begin : 0;
	return begin;
}

/* "no error", "without error", "if error ..." */
static bool is_denied(const struct line *line, size_t at)
{
	static const char *const denials[] = {"0", "no", "if", "on", "any", "not", "zero", "without"};
	static const uint8_t lengths[] = {1, 2, 2, 2, 3, 3, 4, 7};
	size_t length;
	size_t begin = word_before(line, at, &length);

	for (size_t i = 0; i < sizeof lengths && lengths[i] <= length; i++)
		if (length == lengths[i] && strncasecmp(line->text + begin, denials[i], length) == 0)
			return true;
	return false;
}

static bool is_counted(const struct line *line, size_t at)
{
	size_t length;
	size_t begin = word_before(line, at, &length);

	if (length == 0 || line->text[begin] == '0')
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isdigit((unsigned char)line->text[begin + i]))
			return false;
	return true;
}

static bool is_upper(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!isupper((unsigned char)text[i]))
			return false;
	return true;
}

/* Is nothing before it but times, numbers, punctuation and the name of a package manager? */
static bool is_first(const struct line *line, size_t at)
{
	size_t i = 0;

	if (starts_with(line, 0, "npm ") || starts_with(line, 0, "yarn ") || starts_with(line, 0, "pnpm "))
		i = 4;
	while (i < at) {
		size_t begin = i;
		bool digits = false;

		for (; i < at && isalnum((unsigned char)line->text[i]); i++)
			digits |= isdigit((unsigned char)line->text[i]) != 0;
		if (i > begin && !digits && !(i - begin == 2 && strncasecmp(line->text + begin + 1, "m", 1) == 0))
			return false;
		i += i == begin;
	}
	return true;
}

/* Does a separator of fields stand before it: ": error ", "| error ", " - error ", "] error "? */
static bool is_after_separator(const struct line *line, size_t at)
{
	size_t end = at;

	while (end > 0 && line->text[end - 1] == ' ')
		end--;
	return end > 0 && end < at && strchr(":|]-", line->text[end - 1]);
}

/* Is the word [at, at + length) a label, rather than part of a sentence, a path or an identifier? */
static bool is_label(const struct line *line, size_t at, size_t length, const struct word *word)
{
	const char *text = line->text + at;
	char before = at ? line->text[at - 1] : 0;
	char after = byte_at(line, at + length);

	if (after == ']' && is_one_of(before, "[ /:|\t"))
		return true;
	if (!is_one_of(before, " \t[(<|{\"'*>:") || is_denied(line, at))
		return false;
	if (after == ':')
		return !is_nothing(line, at + length + 1);
	if (before != 0 && strchr("[(<|", before))
		return is_one_of(after, ")> |\t");
	if (is_upper(text, length))
		return is_one_of(after, " \t]|!,->)(");
	if (!is_one_of(after, " \t[!"))
		return false;
	if (is_first(line, at))
		return islower((unsigned char)*text) || word->rule == TITLE;
	return is_after_separator(line, at);
}

/* A level written as pino, bunyan and monolog do. */
static enum brm_level number_level(const struct line *line, size_t at)
{
	static const struct {
		unsigned least;
		enum brm_level level;
	} scales[] = {{400, BRM_LEVEL_ERROR}, {300, BRM_LEVEL_WARN}, {200, BRM_LEVEL_INFO}, {100, BRM_LEVEL_DEBUG},
		      {50, BRM_LEVEL_ERROR},  {40, BRM_LEVEL_WARN},  {30, BRM_LEVEL_INFO},  {10, BRM_LEVEL_DEBUG}};
	unsigned number = 0;

	for (size_t i = 0; i < 3 && isdigit((unsigned char)byte_at(line, at + i)); i++)
		number = number * 10 + (unsigned)(line->text[at + i] - '0');
	for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
		if (number >= scales[i].least)
			return scales[i].level;
	return BRM_LEVEL_NONE;
}

/* What a key says, from the byte behind it on: `=error`, `": "error"`, `": 50`. */
static enum brm_level value_level(const struct line *line, size_t at)
{
	const struct word *word;
	size_t length = 0;

	while (at < line->length && strchr("\"'=: ", line->text[at]))
		at++;
	while (isalpha((unsigned char)byte_at(line, at + length)))
		length++;
	if (length < WORD_LEAST)
		return number_level(line, at);
	word = find_word(line->text + at, length);
	return word ? (enum brm_level)word->level : BRM_LEVEL_NONE;
}

static enum brm_level json_level(const struct line *line)
{
	static const char *const keys[] = {"level\":", "severity\":", "lvl\":", "levelname\":"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *key = memmem(line->text, line->length, keys[i], strlen(keys[i]));

		if (key)
			return value_level(line, (size_t)(key - line->text) + strlen(keys[i]));
	}
	return BRM_LEVEL_NONE;
}

/* "TypeError:", "DeprecationWarning:": classes that say what they are. */
static enum brm_level class_level(const char *text, size_t length)
{
	static const struct {
		const char *tail;
		enum brm_level level;
	} tails[] = {{"Error", BRM_LEVEL_ERROR}, {"Exception", BRM_LEVEL_ERROR}, {"Warning", BRM_LEVEL_WARN}};

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		size_t n = strlen(tails[i].tail);

		if (length >= n && memcmp(text + length - n, tails[i].tail, n) == 0)
			return tails[i].level;
	}
	return BRM_LEVEL_NONE;
}

static enum brm_level word_level(const struct line *line, size_t at, size_t length)
{
	const struct word *word = find_word(line->text + at, length);
	char after = byte_at(line, at + length);
	bool counts = false;

	if (!word)
		return after == ':' ? class_level(line->text + at, length) : BRM_LEVEL_NONE;
	switch ((enum rule)word->rule) {
	case LABEL:
	case TITLE:
		counts = is_label(line, at, length, word);
		break;
	case COUNT:
		counts = is_counted(line, at);
		break;
	case TAIL:
		counts = starts_with(line, at + length, word->tail);
		break;
	case KEY:
		return after == '=' ? value_level(line, at + length) : BRM_LEVEL_NONE;
	}
	return counts ? (enum brm_level)word->level : BRM_LEVEL_NONE;
}

/* "E0102 15:04:05" */
static enum brm_level glog_level(const struct line *line)
{
	for (size_t i = 1; i < 5; i++)
		if (!isdigit((unsigned char)line->text[i]))
			return BRM_LEVEL_NONE;
	if (line->text[5] != ' ')
		return BRM_LEVEL_NONE;
	return line->text[0] == 'I' ? BRM_LEVEL_INFO : line->text[0] == 'W' ? BRM_LEVEL_WARN : BRM_LEVEL_ERROR;
}

/* "<3>" */
static enum brm_level syslog_level(const struct line *line)
{
	static const enum brm_level levels[8] = {BRM_LEVEL_ERROR, BRM_LEVEL_ERROR, BRM_LEVEL_ERROR, BRM_LEVEL_ERROR,
						 BRM_LEVEL_WARN,  BRM_LEVEL_INFO,  BRM_LEVEL_INFO,  BRM_LEVEL_DEBUG};

	if (line->text[1] < '0' || line->text[1] > '7' || line->text[2] != '>')
		return BRM_LEVEL_NONE;
	return levels[line->text[1] - '0'];
}

static enum brm_level prefix_level(const struct line *line)
{
	if (line->length < 6)
		return BRM_LEVEL_NONE;
	switch (line->text[0]) {
	case '<':
		return syslog_level(line);
	case 'I':
	case 'W':
	case 'E':
	case 'F':
		return glog_level(line);
	default:
		return BRM_LEVEL_NONE;
	}
}

static enum brm_level line_level(const struct line *line);

/* Colours touch the word: look at the line without them. Kept apart, since its buffer would burden every line. */
__attribute__((noinline)) static enum brm_level cleaned_level(const struct line *line)
{
	char text[2 * BYTEMASK_WIDTH];
	struct line clean = {.text = text, .cleaned = true};
	size_t length = line->length < COLOURED ? line->length : COLOURED;

	clean.length = brm_text_clean(line->text, length, text, sizeof text);
	return line_level(&clean);
}

/* Does an escape sequence touch the word? The last byte of one that sets colours is an m, which sticks to it. */
static bool is_coloured(const struct line *line, size_t at, size_t length)
{
	size_t begin = at;

	if (line->cleaned)
		return false;
	if (byte_at(line, at + length) == ESCAPE)
		return true;
	if (line->text[at] != 'm')
		return false;
	while (begin > 0 && at - begin < 20 && strchr("0123456789;", line->text[begin - 1]))
		begin--;
	return begin >= 2 && line->text[begin - 1] == '[' && line->text[begin - 2] == ESCAPE;
}

/* Leave out the words behind the last that counts: *prose counts those that begin after a space. */
static uint64_t cut_prose(uint64_t starts, uint64_t after_space, unsigned *prose)
{
	for (after_space &= starts; after_space; after_space &= after_space - 1)
		if (++*prose == PROSE)
			return starts & (after_space ^ (after_space - 1));
	return starts;
}

/* The words of 64 bytes that may matter, by their first bits. What every line costs is here. */
static uint64_t pick(const struct line *line, size_t base, uint64_t *letters, unsigned *prose)
{
	char padded[BYTEMASK_WIDTH];
	const char *text = pad(line->text + base, line->length - base, padded);
	uint64_t mask = bytemask_of_letters(text);
	uint64_t starts = mask & mask >> 1 & mask >> 2 & ~(mask << 1); /* words of three letters and more */
	uint64_t after_space = bytemask_of(text, ' ') << 1 | (base > 0 && line->text[base - 1] == ' ');
	uint64_t picked = 0;

	for (starts = cut_prose(starts, after_space, prose); starts; starts &= starts - 1) {
		int bit = __builtin_ctzll(starts);

		picked |= may_matter(text + bit, ROW(text[bit])) << bit;
	}
	*letters = mask;
	return picked;
}

/* Was it picked for its capital alone, and names no class, as GET does not? */
static bool is_mere_capital(const struct line *line, size_t at, size_t length)
{
	const char *word = line->text + at;
	char after = byte_at(line, at + length);

	return !(*word & 0x20) && after != ':' && after != ESCAPE && !may_matter(word, SMALL_ROW(*word));
}

/* The level that the words of 64 bytes tell. */
static enum brm_level mask_level(const struct line *line, size_t base, uint64_t *letters, unsigned *prose)
{
	uint64_t picked = pick(line, base, letters, prose);

	for (; picked; picked &= picked - 1) {
		size_t bit = (size_t)__builtin_ctzll(picked);
		uint64_t behind = ~(*letters >> bit);
		size_t length = behind ? (size_t)__builtin_ctzll(behind) : BYTEMASK_WIDTH;
		enum brm_level level;

		if (is_mere_capital(line, base + bit, length))
			continue;
		if (is_coloured(line, base + bit, length))
			return cleaned_level(line);
		level = word_level(line, base + bit, length);
		if (level != BRM_LEVEL_NONE)
			return level;
	}
	return BRM_LEVEL_NONE;
}

/* Words are looked at from left to right; the first that counts decides. */
static enum brm_level words_level(const struct line *line)
{
	unsigned prose = 0;
	uint64_t letters;
	enum brm_level level = mask_level(line, 0, &letters, &prose);
	size_t cut; /* letters of a word at the mask's end */

	/* A long time and a path, or a class, may fill the first mask. */
	if (level != BRM_LEVEL_NONE || line->length <= BYTEMASK_WIDTH || prose > 0)
		return level;
	if (!isdigit((unsigned char)line->text[0]) && !strchr("[/", line->text[0]))
		return BRM_LEVEL_NONE;
	cut = ~letters ? (size_t)__builtin_clzll(~letters) : 0;
	return mask_level(line, BYTEMASK_WIDTH - cut, &letters, &prose);
}

static enum brm_level line_level(const struct line *line)
{
	enum brm_level level = prefix_level(line);

	if (level != BRM_LEVEL_NONE)
		return level;
	return byte_at(line, 0) == '{' ? json_level(line) : words_level(line);
}

enum brm_level brm_log_level(const char *text, size_t length)
{
	struct line line = {.text = text, .length = length < BRM_LOGLEVEL_WINDOW ? length : BRM_LOGLEVEL_WINDOW};

	return line_level(&line);
}
