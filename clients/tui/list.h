/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_LIST_H
#define CLIENTS_TUI_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/common/source.h"

/*
 * tui/list.h - the rows of the list of processes: order, bar, marks
 *
 * The bar belongs to the process, not to the row: however rows are sorted anew, it stays with its process and keeps its
 * place on the screen, and the list slides under it. Rows keep their order while the user acts.
 *
 * Errors   list_update() returns -ENOMEM and leaves the rows as they were.
 * Threads  Pure, for one thread.
 */

/* Who lives in an entry: identity of a process. */
struct who {
	uint32_t entry;
	uint32_t tenant;
};

#define SPARK_SAMPLES 6

/* What the viewer itself knows of an entry's process. */
struct memo {
	uint32_t tenant;
	bool known; /* tenant holds */
	bool marked;
	uint64_t asked_head;         /* a command was sent when the head was this; 0: none */
	const char *asked;           /* the word to show meanwhile: "stopping" */
	uint64_t sample_ns;          /* of the newest sample */
	uint32_t cpu[SPARK_SAMPLES]; /* permille, oldest first */
	uint32_t samples;
	struct brm_metrics metrics; /* the newest; time_ns 0: none */
};

enum sort { SORT_ORDER, SORT_NAME, SORT_STATUS, SORT_UPTIME, SORT_CPU, SORT_MEMORY, SORT_RESTARTS, SORT_COUNT };

struct list {
	const struct process **rows; /* of the snapshot of the last update */
	uint32_t count;
	uint32_t room;
	uint32_t total; /* processes there are, the filtered-out ones too */
	struct who bar;
	bool has_bar;
	uint32_t at;             /* the bar's row */
	uint32_t top;            /* the first row on the screen */
	char name[BRM_NAME_MAX]; /* of the bar's process */
	enum sort sort;
	bool reverse;
	bool problems; /* trouble first */
	char filter[BRM_NAME_MAX];
	struct memo *memos; /* by entry */
	uint32_t memo_count;
};

void list_finish(struct list *list);

/*
 * The rows of a snapshot. still: the order of those there were must not change now; new ones go to the end.
 *
 * Returns 0, or 1 when the bar's process has left (list->name is the new one's then; left has the old name).
 */
int list_update(struct list *list, const struct snapshot *snapshot, bool still, char left[BRM_NAME_MAX]);

/* Move the bar by rows; to a row. */
void list_move(struct list *list, int by);
void list_put_bar(struct list *list, uint32_t row);

/* Keep the bar within `height` rows from top. */
void list_scroll(struct list *list, uint32_t height);

/* Scroll by rows without moving the bar, but where it would leave the `height` rows from top. */
void list_slide(struct list *list, int rows, uint32_t height);

/* The process under the bar; NULL when there is none. */
const struct process *list_current(const struct list *list);
struct memo *list_memo(struct list *list, const struct process *process);
unsigned list_marked(const struct list *list);
void list_unmark(struct list *list);

const char *sort_word(enum sort sort); /* "by name"; "" for the configuration's order */

#endif
