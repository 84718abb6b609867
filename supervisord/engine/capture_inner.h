/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_CAPTURE_INNER_H
#define SUPERVISORD_ENGINE_CAPTURE_INNER_H

#include "engine/capture.h"
#include "engine/mailbox.h"
#include "engine/outlet.h"

/*
 * engine/capture_inner.h - what the files of the capture share
 *
 *  capture.c        the engine's side: commands to the thread, reports from it
 *  capture_loop.c   the thread: waits, obeys, ends
 *  capture_runs.c   runs and their pipes: move what they hold
 *  capture_marks.c  tell readers: flush prompts, publish marks, ring the bell
 *  capture_expect.c lines that somebody waits for
 */

struct run;

/* One pipe, or the master of a pty. */
struct source {
	struct run *run;
	int fd; /* -1: at its end, or never there */
	enum brm_stream stream;
	uint8_t full;  /* so many times in a row it had as much as a pipe holds at first */
	bool is_large; /* it holds more by now */
};

struct run {
	struct run *next; /* of its bucket, or of the dead */
	struct outlet *outlet;
	struct source sources[2];
	int relay; /* a pty's output goes through it; -1: no pty */
	uint32_t serial;
	bool drained; /* its exit was reported: it lives as long as its pipes */
};

enum capture_what {
	CAPTURE_ADD,
	CAPTURE_ADOPT,
	CAPTURE_DRAIN,
	CAPTURE_EXPECT,
	CAPTURE_FORGET,
	CAPTURE_PATTERNS,
	CAPTURE_RELEASE,
	CAPTURE_RESIZE
};

struct expectation;

struct command {
	struct letter letter;
	enum capture_what what;
	uint32_t serial;
	uint32_t entry;
	bool remove;
	uint64_t segment_bytes;
	uint32_t keep;
	struct run *run;                 /* to be added: made by the caller, who can say that there is no memory */
	struct expectation *expectation; /* made by the caller, too; NULL: none any more */
	struct patterns *patterns;       /* in place of those there are */
	struct drained report;           /* of a drain: goes back */
	char name[];
};

#define CAPTURE_BUCKETS 1024u

/* What is behind the worker's mailboxes is the thread's own. */
struct capture {
	struct worker worker;
	struct brm_writer *writer; /* NULL: nobody is told */
	struct outlet_places places;
	struct patterns *patterns; /* the places' */
	char *state_dir;
	int epoll;
	struct run *runs[CAPTURE_BUCKETS];
	struct outlet *outlets[CAPTURE_BUCKETS];
	struct run *dead;     /* to be freed when no event can name them any more */
	struct outlet *moved; /* whose mark is to be published */
	struct expectation *expectations;
	unsigned large;     /* pipes that were enlarged and are open */
	size_t moved_bytes; /* in this batch of events */
	bool moved_large;   /* of them, some from such a pipe */
	uint64_t moved_ns;  /* when there was a batch with any */
	bool ring;
	uint64_t rang_ns;
};

void *capture_thread(void *capture);

/* capture.c: tell the engine. With no memory for that it is better begun again. */
void capture_report(struct capture *capture, const struct drained *report);
/* The same, of the outlet's newest run. */
void capture_report_url(void *outlet, const char *url);

/* capture_runs.c */
struct run *capture_make_run(uint32_t serial, const struct run_fds *fds); /* NULL: no memory */
struct run **capture_find_run(struct capture *capture, uint32_t serial);
struct outlet **capture_find_outlet(struct capture *capture, const char *name);
void capture_pump(struct capture *capture, struct source *source); /* it is readable */
void capture_take_all(struct capture *capture, struct run *run);   /* what its pipes hold now, and flush */
void capture_watch(struct capture *capture, struct run *run);
void capture_bury(struct capture *capture, struct run *run);
void capture_bury_if_over(struct capture *capture, struct run *run);
void capture_free_dead(struct capture *capture);

/* capture_marks.c */
void capture_note(struct capture *capture, struct outlet *outlet); /* it has something new */
void capture_publish_marks(struct capture *capture);
/* What follows from a batch of events. Returns the milliseconds until something is due, -1 for never. */
int capture_settle(struct capture *capture);

/* capture_expect.c */
void capture_do_expect(struct capture *capture, struct command *command);
void capture_look_expected(struct capture *capture, const struct outlet *outlet); /* it has new lines */
void capture_end_expected(struct capture *capture, uint32_t serial);

#endif
