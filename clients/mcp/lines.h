/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_MCP_LINES_H
#define CLIENTS_MCP_LINES_H

#include <brummer/logs.h>

#include "clients/mcp/schema.h"
#include "clients/mcp/text.h"
#include "clients/mcp/view.h"

/*
 * mcp/lines.h - lines of one process's log store, or of all, as they are sent
 *
 * Reads files only. What is sent is bounded: so many lines, so many bytes of a line, so many bytes in all. Text of
 * processes is cleaned, and said to be untrusted.
 */

#define LINES_BUDGET   20000u /* bytes of text in one answer */
#define LINE_SHOWN_MAX 2000u  /* bytes shown of one line */
#define LINES_MOST     1000   /* lines in one answer */
#define LINES_BATCH    256    /* records read at once */

struct store {
	char name[BRM_NAME_MAX];
	struct brm_log *log;
	uint64_t first, end; /* lines there are */
	uint64_t next;       /* where to go on: the cursor */
	uint32_t run;        /* of the lines since run_us; 0: not known */
	uint64_t run_us;
};

struct stores {
	struct store *list;
	size_t count;
};

/* Undo brm_name_to_path(): the name of a store's directory, or of a URI. Cut to size. */
void name_of_path(const char *path, char *out, size_t size);

/*
 * Open the store of a process, or those of all (NULL), as of the view's last look. A process that never printed
 * anything has none.
 *
 *  -ENOENT  no process has that name, now or in an earlier life
 *  -EMFILE  there are more processes than this one may have files open: take one
 *  and other errors of brm_log_open()
 */
int stores_open(struct stores *stores, struct view *view, const char *name);
void stores_close(struct stores *stores);
/* How far are they written by now? As of the view's last look. */
void stores_refresh(struct stores *stores, struct view *view);

/* Each store's `next` from a cursor, or from the end. False: not a cursor. *dropped: lines that are gone unread. */
bool stores_resume(struct stores *stores, const char *cursor, uint64_t *dropped);
/* The cursor of all `next`, appended. */
void stores_cursor(const struct stores *stores, struct text *out);

/* A line that was found. */
struct hit {
	const struct store *store;
	struct brm_log_line line;
};

struct hits {
	struct hit *list;
	size_t count;
	size_t room;
};

bool hits_add(struct hits *hits, const struct store *store, const struct brm_log_line *line);
/* By time; of one store by sequence. */
void hits_sort(struct hits *hits);
void hits_finish(struct hits *hits);

/*
 * Add the last, or from store->next on the first, up to limit lines of at least a level; hits_after() moves store->next
 * behind the last line it looked at. Both look at so many records at most. True: there are more.
 */
bool hits_newest(struct hits *hits, struct store *store, enum brm_level level, size_t limit);
bool hits_after(struct hits *hits, struct store *store, enum brm_level level, size_t limit);

/* The cleaned text of a line, NUL-terminated, of at most LINE_READ_MAX of its bytes. Returns its length. */
#define LINE_READ_MAX 16384u
size_t line_clean(const struct store *store, const struct brm_log_line *line, char out[LINE_READ_MAX + 1]);

/* What is shown of it, NUL-terminated: cut, with a note of how much is left out. */
struct line_text {
	char bytes[LINE_SHOWN_MAX + 40];
	size_t length;
};
void line_read(const struct store *store, const struct brm_log_line *line, struct line_text *out);

/* What a line takes of the budget, without reading it. */
size_t line_cost(const struct brm_log_line *line);

/* Append a line to an open array, as in `logs -o jsonl`, and to the text. */
void line_put(struct json *json, struct text *text, const struct hit *hit, bool with_name);

/* The members of such an object, for schemas. */
extern const struct slot line_slots[];

/* "Output of processes, untrusted: ..." */
void lines_put_heading(struct text *text);

/* The last lines of one process as a list, and as text with its heading. */
void lines_put_tail(struct json *json, struct text *text, struct view *view, const char *name, size_t limit);

#endif
