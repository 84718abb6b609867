/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_ANSI_H
#define CLIENTS_TUI_ANSI_H

#include <stddef.h>
#include <stdint.h>

/*
 * tui/ansi.h - a log line as data
 *
 * A line may colour its own text and nothing else: SGR sequences become styles, every other escape sequence is dropped
 * whole (an unterminated one ends with the line), a carriage return starts the line anew. What is left may still hold
 * control characters; pens spell those out.
 *
 * Threads  Pure.
 */

#define ANSI_TEXT 4096 /* bytes of a line that are shown */
#define ANSI_RUNS 128  /* changes of style that are kept */

struct ansi {
	char text[ANSI_TEXT];
	size_t length;
	struct ansi_run {
		uint16_t at;    /* from this byte on */
		uint32_t style; /* STYLE_ bits to add to the line's */
	} runs[ANSI_RUNS];
	unsigned run_count;
};

void ansi_parse(const char *bytes, size_t length, struct ansi *out);

/* The nearest of the 256 colours: a grey, or a place in the cube. */
unsigned ansi_nearest(unsigned r, unsigned g, unsigned b);

/* The style at a byte; *end is where the next one begins (the text's length at the last). */
uint32_t ansi_style(const struct ansi *ansi, size_t at, size_t *end);

/*
 * Where a row of `width` cells that starts at byte `at` ends: behind the last blank if one is in its second half, else
 * at the cell. Always beyond `at`, but for the text's end.
 */
size_t ansi_wrap(const struct ansi *ansi, size_t at, int width);

#endif
