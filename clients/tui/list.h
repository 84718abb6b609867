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
	uint8_t group;               /* its place among list->groups */
	uint64_t asked_head;         /* a command was sent when the head was this; 0: none */
	const char *asked;           /* the word to show meanwhile: "stopping" */
	uint64_t sample_ns;          /* of the newest sample */
	uint32_t cpu[SPARK_SAMPLES]; /* permille, oldest first */
	uint32_t samples;
	struct brm_metrics metrics; /* the newest; time_ns 0: none */
};

enum sort { SORT_ORDER, SORT_NAME, SORT_STATUS, SORT_UPTIME, SORT_CPU, SORT_MEMORY, SORT_RESTARTS, SORT_COUNT };

/* Processes that have something in common; under one line, that can be closed. */
enum group_by { GROUP_BY_NOTHING, GROUP_BY_STATE, GROUP_BY_LABEL, GROUP_BY_NEED, GROUP_BY_COUNT };

#define LIST_GROUPS 32u /* the last has all that are left over */

struct list_group {
	char name[64];
	bool closed;
	uint32_t count;
};

struct list {
	enum group_by group_by;
	struct list_group groups[LIST_GROUPS];
	unsigned group_count;
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

/*
 * Lines a row takes on the screen: its own, and one of its group before the first of it; of a closed group only that
 * line, which its first row stands for.
 */
int list_lines(struct list *list, uint32_t row);
/* The group of a row that has its group's line before it; NULL: it has not. */
const struct list_group *list_heading(struct list *list, uint32_t row);
bool list_is_closed(struct list *list, uint32_t row);
/* Close or open the group of the bar's row; call list_update() then. False: that changes nothing. */
bool list_close(struct list *list, bool closed);
/* "by state"; "" for none. */
const char *group_by_word(enum group_by by);

/* Keep the bar within `height` lines from top. */
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
