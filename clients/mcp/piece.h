/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_PIECE_H
#define CLIENTS_MCP_PIECE_H

#include "clients/common/fields.h"
#include "clients/common/source.h"
#include "clients/mcp/text.h"

/*
 * mcp/piece.h - what is sent of one process, kept from one answer to the next
 *
 * Most of a process's object belongs to a version of its state: it is written once a version. The few members that
 * change without one (samples, how much it printed) are written between. How long it runs changes with every look: its
 * number is replaced in the text. Of the table's line, too, only what is shown counts: seconds, not milliseconds.
 */

#define PIECE_HOLES 8

/* What a text was made from: it holds while these stay the same. */
struct piece_key {
	uint64_t head;
	uint64_t duration; /* of the table's line: in the unit that is shown */
	uint64_t known;    /* bits: a sample, a log */
	uint64_t sampled_ns;
	uint64_t log_lines;
	uint64_t log_bytes;
	uint64_t lost_bytes;
};

struct piece {
	/* The object without its members that live, and where those belong: before which byte, which field. */
	uint64_t head; /* of this version */
	struct json fixed;
	struct {
		size_t at;
		size_t field;
	} holes[PIECE_HOLES];
	size_t hole_count;
	/* The object, and the line of the table. */
	struct piece_key object_key, row_key;
	struct text object, row;
	/* The number of the duration in the object, length 0 when it is not known; and what it is. */
	size_t duration_at, duration_length;
	uint64_t duration_ms;
};

/* One zeroed is empty. */
void piece_finish(struct piece *piece);

/* Bring up to date, and look. NULL: no memory. */
const struct text *piece_object(struct piece *piece, const struct process *process, const struct snapshot *snapshot);
const struct text *piece_row(struct piece *piece, const struct process *process, const struct snapshot *snapshot);

/* The heading above such lines. */
void piece_put_heading(struct text *text);

#endif
