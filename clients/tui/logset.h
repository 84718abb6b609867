/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_LOGSET_H
#define CLIENTS_TUI_LOGSET_H

#include <stdbool.h>
#include <stdint.h>

#include <brummer/errors.h>
#include <brummer/logs.h>

#include "clients/common/source.h"
#include "clients/tui/happenings.h"

/*
 * tui/logset.h - lines of one or several log stores in the order of their time
 *
 * Nothing is loaded: a position is a process and a sequence number, and walking from it reads index records in blocks,
 * those of the lines that are shown and a few beside. Lines of several processes are merged by time; equal times go by
 * the order of the sources. What happened to the processes comes among their lines, from a source of its own behind all
 * others.
 *
 * Errors   Functions return 0 or a negated errno value. A store that cannot be read has no lines.
 * Threads  For one thread.
 */

#define LOGSET_MAX    48  /* stores that are merged at most */
#define LOGSET_BLOCK  256 /* records read at once */
#define LOGSET_GAPS   64  /* stretches without a wanted line that are remembered */
#define LOGSET_EVENTS 512 /* events that are kept; fewer when new ones take their place */

struct logsource {
	char name[BRM_NAME_MAX];
	uint32_t entry;
	uint32_t tenant;
	struct brm_log *log; /* NULL: nothing was logged yet */
	uint64_t start_ns;   /* of its run, CLOCK_REALTIME */
	uint64_t first;      /* lines there are */
	uint64_t end;
	uint64_t block_first;
	size_t block_count;
	struct brm_log_line *block;
	struct brm_event *events; /* of the source of events alone: one a record of the block */
	uint64_t at; /* of a walk: the line that would come next; the one before it would come when walking back */
	struct gap { /* no line in [from, to) is of the level that is wanted */
		uint64_t from;
		uint64_t to;
	} gaps[LOGSET_GAPS];
	unsigned gap_count;         /* ever found; the newest are kept */
	uint64_t wanted_from;       /* the line before this one is known to be wanted */
	struct brm_log_error error; /* the last one before a line that was asked for; lines 0: there is none */
	uint64_t error_from;        /* it is that for lines from here */
	uint64_t error_to;          /* to before this one; 0: not known */
};

/* A line's place. */
struct logplace {
	int source; /* -1: none */
	uint64_t seq;
};

static inline bool logplace_is(struct logplace a, struct logplace b)
{
	return a.source == b.source && a.seq == b.seq;
}

/* Which lines walks give. */
struct logwant {
	unsigned least;    /* not those of a lesser level; BRM_LEVEL_NONE: all */
	uint64_t since_us; /* not those before */
	bool (*text)(void *arg, struct logplace place, const struct brm_log_line *line); /* NULL: any */
	void *arg;
	unsigned serial; /* another one: what text() says is another */
};

struct logset {
	struct logsource sources[LOGSET_MAX + 1];
	int count;  /* of processes */
	int walked; /* with the source of events */
	struct logwant want;
	uint64_t event_cursor; /* the next event that was not looked at */
	unsigned budget; /* records that walks may still pass over; at 0 they end, and go on from there next time */
};

void logset_finish(struct logset *set);

/*
 * Make it the stores of these processes. Stores that stay are not opened again. True: the sources have changed, places
 * with it (logset_find() tells where a source went).
 */
bool logset_choose(struct logset *set, const struct process *const *processes, int count);

/* Walks give these lines from now on. */
void logset_want(struct logset *set, const struct logwant *want);

/* Take in what has happened to the processes. */
void logset_take_events(struct logset *set, const struct happenings *all);
/* The event in a place; NULL: that is a line. */
const struct brm_event *logset_event(const struct logset *set, struct logplace place);
/* The source of the process a place belongs to, also for an event; -1: none. */
int logset_owner(const struct logset *set, struct logplace place);

/* Look at the stores again, up to the marks. True: there are more lines than before. */
bool logset_refresh(struct logset *set, const struct snapshot *snapshot, struct brm_reader *reader);

/* The source of a process; -1: none. */
int logset_find(const struct logset *set, uint32_t entry, uint32_t tenant);

/* One line's record. -ERANGE: not there (any more). */
int logset_line(struct logset *set, struct logplace place, struct brm_log_line *out);
/* Its text, at most size bytes. Returns them. */
size_t logset_text(struct logset *set, struct logplace place, const struct brm_log_line *line, char *out, size_t size);

/* Walk: from before a line (forward gives that line), from the end, from a time. */
void logset_from(struct logset *set, struct logplace place);
void logset_from_end(struct logset *set);
void logset_from_start(struct logset *set);
bool logset_next(struct logset *set, struct logplace *place, struct brm_log_line *line);
bool logset_previous(struct logset *set, struct logplace *place, struct brm_log_line *line);

/* The first line of the error that a line of its stack belongs to; of any other, the line itself. */
uint64_t logset_head(struct logset *set, struct logplace place, const struct brm_log_line *line);

/* Lines there are in all; lines behind the walk's position. Of all levels. */
uint64_t logset_total(const struct logset *set);
uint64_t logset_behind(const struct logset *set);

#endif
