/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_LOGWORDS_H
#define LIBSHM_LOGWORDS_H

#include <stddef.h>
#include <stdint.h>

#include <brummer/logs.h>

/* logwords.h - the words that may announce a level, and where they count; loglevel.c's own table */

/* Where a word of the table counts. */
enum rule {
	LABEL, /* where labels stand: "error:", "[error]", "ERROR", first of the line */
	TITLE, /* as LABEL, and also capitalised as the first of the line: "Error while reading" */
	COUNT, /* after a number other than 0: "2 errors" */
	TAIL,  /* before its tail */
	KEY,   /* before '=' and a level */
};

struct word {
	const char *text;
	uint8_t length;
	uint8_t level;
	uint8_t rule;
	const char *tail;
};

#define W(text, level, rule)                             \
	{                                                \
		text, sizeof text - 1, level, rule, NULL \
	}
#define W_TAIL(text, level, tail)                        \
	{                                                \
		text, sizeof text - 1, level, TAIL, tail \
	}
#define W_KEY(text)                                              \
	{                                                        \
		text, sizeof text - 1, BRM_LEVEL_NONE, KEY, NULL \
	}

static const struct word words_a[] = {
	W("alert", BRM_LEVEL_ERROR, LABEL),
};
static const struct word words_c[] = {
	W("crit", BRM_LEVEL_ERROR, LABEL),
	W("critical", BRM_LEVEL_ERROR, LABEL),
};
static const struct word words_d[] = {
	W("dbg", BRM_LEVEL_DEBUG, LABEL),
	W("dbug", BRM_LEVEL_DEBUG, LABEL),
	W("debug", BRM_LEVEL_DEBUG, LABEL),
};
static const struct word words_e[] = {
	W("elifecycle", BRM_LEVEL_ERROR, LABEL), W("emerg", BRM_LEVEL_ERROR, LABEL),
	W("emergency", BRM_LEVEL_ERROR, LABEL),  W("eror", BRM_LEVEL_ERROR, LABEL),
	W("err", BRM_LEVEL_ERROR, LABEL),        W("error", BRM_LEVEL_ERROR, TITLE),
	W("errors", BRM_LEVEL_ERROR, COUNT),     W_TAIL("exception", BRM_LEVEL_ERROR, " in thread"),
};
static const struct word words_f[] = {
	W("fail", BRM_LEVEL_ERROR, LABEL),     W("failed", BRM_LEVEL_ERROR, COUNT),
	W("failing", BRM_LEVEL_ERROR, COUNT),  W("failure", BRM_LEVEL_ERROR, LABEL),
	W("failures", BRM_LEVEL_ERROR, COUNT), W("fatal", BRM_LEVEL_ERROR, TITLE),
	W("ftl", BRM_LEVEL_ERROR, LABEL),
};
static const struct word words_i[] = {
	W("inf", BRM_LEVEL_INFO, LABEL),
	W("info", BRM_LEVEL_INFO, LABEL),
	W("information", BRM_LEVEL_INFO, LABEL),
};
static const struct word words_l[] = {
	W_KEY("level"),
	W_KEY("loglevel"),
	W_KEY("lvl"),
};
static const struct word words_n[] = {
	W("note", BRM_LEVEL_INFO, LABEL),
	W("notice", BRM_LEVEL_INFO, LABEL),
};
static const struct word words_p[] = {
	W("panic", BRM_LEVEL_ERROR, LABEL),
	W_TAIL("panicked", BRM_LEVEL_ERROR, " at "),
};
static const struct word words_s[] = {
	W_TAIL("segmentation", BRM_LEVEL_ERROR, " fault"),
	W("severe", BRM_LEVEL_ERROR, LABEL),
	W_KEY("severity"),
};
static const struct word words_t[] = {
	W("trace", BRM_LEVEL_DEBUG, LABEL),
	W_TAIL("traceback", BRM_LEVEL_ERROR, " (most recent call last)"),
	W("trc", BRM_LEVEL_DEBUG, LABEL),
	W("trce", BRM_LEVEL_DEBUG, LABEL),
};
static const struct word words_u[] = {
	W_TAIL("uncaught", BRM_LEVEL_ERROR, " "),
	W_TAIL("unhandled", BRM_LEVEL_ERROR, " "),
};
static const struct word words_v[] = {
	W("verbose", BRM_LEVEL_DEBUG, LABEL),
};
static const struct word words_w[] = {
	W("warn", BRM_LEVEL_WARN, LABEL),
	W("warning", BRM_LEVEL_WARN, TITLE),
	W("warnings", BRM_LEVEL_WARN, COUNT),
	W("wrn", BRM_LEVEL_WARN, LABEL),
};

/* The words by their first letter, whatever its case: its place in the alphabet. */
struct bucket {
	const struct word *words;
	uint32_t count;
};

#define B(words)                                    \
	{                                           \
		words, sizeof words / sizeof *words \
	}
static const struct bucket buckets[32] = {
	['a' & 31] = B(words_a), ['c' & 31] = B(words_c), ['d' & 31] = B(words_d), ['e' & 31] = B(words_e),
	['f' & 31] = B(words_f), ['i' & 31] = B(words_i), ['l' & 31] = B(words_l), ['n' & 31] = B(words_n),
	['p' & 31] = B(words_p), ['s' & 31] = B(words_s), ['t' & 31] = B(words_t), ['u' & 31] = B(words_u),
	['v' & 31] = B(words_v), ['w' & 31] = B(words_w),
};

/*
 * The second and the third letters they have: the quick rejection, and so a small table of its own. Any may follow a
 * capital, which may begin the name of a class, and an m, which an escape sequence leaves.
 */
struct letters {
	uint32_t second;
	uint32_t third;
};

#define ROW(byte)       ((unsigned)(byte)&63)
#define SMALL_ROW(byte) ROW((byte) | 0x20)
#define L(letter)       (1u << ((letter)&31))
#define ANY             UINT32_MAX
static const struct letters known_letters[64] = {
	[ROW('A')... ROW('Z')] = {ANY, ANY},
	[ROW('a')] = {L('l'), L('e')},
	[ROW('c')] = {L('r'), L('i')},
	[ROW('d')] = {L('b') | L('e'), L('b') | L('g') | L('u')},
	[ROW('e')] = {L('l') | L('m') | L('r') | L('x'), L('c') | L('e') | L('i') | L('o') | L('r')},
	[ROW('f')] = {L('a') | L('t'), L('i') | L('l') | L('t')},
	[ROW('i')] = {L('n'), L('f')},
	[ROW('l')] = {L('e') | L('o') | L('v'), L('g') | L('l') | L('v')},
	[ROW('m')] = {ANY, ANY},
	[ROW('n')] = {L('o'), L('t')},
	[ROW('p')] = {L('a'), L('n')},
	[ROW('s')] = {L('e'), L('g') | L('v')},
	[ROW('t')] = {L('r'), L('a') | L('c')},
	[ROW('u')] = {L('n'), L('c') | L('h')},
	[ROW('v')] = {L('e'), L('r')},
	[ROW('w')] = {L('a') | L('r'), L('n') | L('r')},
};
#undef ANY
#undef L
#undef B
#undef W_KEY
#undef W_TAIL
#undef W

#endif
