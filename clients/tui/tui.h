/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_TUI_TUI_H
#define CLIENTS_TUI_TUI_H

#include <brummer/control.h>
#include <brummer/instance.h>

#include "clients/tui/cells.h"
#include "clients/tui/errors.h"
#include "clients/tui/feed.h"
#include "clients/tui/field.h"
#include "clients/tui/happenings.h"
#include "clients/tui/input.h"
#include "clients/tui/jobs.h"
#include "clients/tui/layout.h"
#include "clients/tui/list.h"
#include "clients/tui/logpane.h"
#include "clients/tui/move.h"
#include "clients/tui/rows.h"
#include "clients/tui/screen.h"
#include "clients/tui/ticker.h"
#include "clients/tui/tty.h"

/*
 * tui/tui.h - the whole of the viewer's state, and what its parts offer each other
 *
 * One frame: the view composes cells from the newest snapshot and the log stores, the bars and an overlay are laid
 * around and upon it, and the screen sends what differs. One event: the overlay, then the view's commands take it.
 *
 * Threads  All of this is the loop's thread's.
 */

struct tui;

/* One of the things to look at: a digit of the header. */
struct view {
	const char *name;
	const char *brief; /* where there is less room */
	int digit;
	unsigned bit; /* in a command's views */
	void (*draw)(struct tui *tui, struct area body);
	void (*move)(struct tui *tui, enum move move);
	void (*click)(struct tui *tui, int row, int col, bool twice); /* of the screen */
	void (*drag)(struct tui *tui, int row, int col, bool end);    /* of what was clicked; may be NULL */
	void (*wheel)(struct tui *tui, int row, int col, int rows);
	bool (*back)(struct tui *tui);       /* one step back; false: there is none here */
	void (*enter)(struct tui *tui);      /* it is being shown */
	int (*count)(const struct tui *tui); /* the number in the header; 0: none */
	size_t filter;                       /* where struct tui has what its rows must hold; 0: it has no such thing */
};

#define VIEW_PROCESSES 1u
#define VIEW_LOGS      2u
#define VIEW_ERRORS    4u
#define VIEW_URLS      8u
#define VIEW_EVENTS    16u
#define VIEW_ABOUT     32u
#define VIEW_ALL       (VIEW_PROCESSES | VIEW_LOGS | VIEW_ERRORS | VIEW_URLS | VIEW_EVENTS | VIEW_ABOUT)

extern const struct view view_processes;
extern const struct view view_logs;
extern const struct view view_errors;
extern const struct view view_urls;
extern const struct view view_events;
extern const struct view view_about;
/* All of them, in the order of their digits; ends with NULL. */
#define VIEW_COUNT 6
extern const struct view *const views[VIEW_COUNT + 1];

/* What the rows of the view that is shown must hold: BRM_NAME_MAX bytes. */
char *view_filter(struct tui *tui);
/* One step back: show what the filter hides. False: it hides nothing. */
bool view_unfilter(struct tui *tui);

/* Something over the view that has the keys while it is there. */
struct overlay {
	void (*opened)(struct tui *tui);                           /* may be NULL */
	void (*draw)(struct tui *tui, struct area body);           /* may be NULL: the view draws it */
	bool (*event)(struct tui *tui, const struct event *event); /* false: not for it */
	void (*hints)(struct tui *tui, struct pen *pen);
	void (*closed)(struct tui *tui); /* may be NULL */
	bool takes_all;                  /* the mouse, pasted text and Ctrl-C too */
};

extern const struct overlay overlay_help;
extern const struct overlay overlay_palette;
extern const struct overlay overlay_scripts;
extern const struct overlay overlay_search;
extern const struct overlay overlay_filter;
extern const struct overlay overlay_line;
extern const struct overlay overlay_input;
extern const struct overlay overlay_signals;
extern const struct overlay overlay_terminal;

void overlay_open(struct tui *tui, const struct overlay *overlay);
void overlay_close(struct tui *tui);

/* ---- messages ---- */

enum tone { TONE_NEWS, TONE_DONE, TONE_FAILED };

struct message {
	char text[512];
	enum tone tone;
	uint64_t until_boot_ns; /* 0: until a key is pressed */
};

void tui_say(struct tui *tui, enum tone tone, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A question in the message line: y does it, anything else does not. */
void tui_ask(struct tui *tui, uint32_t again, void (*yes)(struct tui *tui), const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- the rest of the state ---- */

struct tui_options {
	enum read_path path;
	enum theme theme;
	bool theme_given;
	bool ascii;
	bool no_mouse;
	bool clock;    /* in the message line */
	bool plain;    /* lines, and no screen */
	bool no_hints; /* the last line is given to the view */
	bool no_metrics;
	bool no_sync;
	bool cursor_visible;
	bool bell_failed;     /* the terminal's bell when a process has failed */
	bool copy_by_program; /* rather than by the terminal */
};

/* What was under the bar when the frame was drawn: what a key now means. */
struct drawn {
	char name[BRM_NAME_MAX]; /* "": nothing */
	uint32_t entry;
	uint32_t run;
	enum brm_status status;
	uint64_t head;
};

/* A place on the screen that a click means something at. */
struct spot {
	int row;
	int col;
	int cols;
	const struct view *view;                /* shows it; */
	void (*act)(struct tui *tui);           /* or does it; */
	void (*pick)(struct tui *tui, int arg); /* or, when arg is not negative, does that; */
	int arg;
	enum sort sort; /* or sorts by it */
};

#define SPOTS_MAX 48

#define EVENT_ROWS (BRM_EVENTS_CAPACITY + 1)

struct event_view {
	struct happenings all;
	uint16_t rows[EVENT_ROWS]; /* those that are shown */
	int row_count;
	char filter[BRM_NAME_MAX];
	bool problems; /* trouble only */
	unsigned scale;
	bool paused;
	uint64_t bar_seq; /* when paused */
	int at;           /* the bar among the rows */
	int bar_row;      /* on the screen */
	int top;
	int height;
};

/* Copy the event under the bar, or the newest. */
void event_copy(struct tui *tui);

struct url_row {
	const struct process *process; /* of the snapshot of this frame */
	char text[512];
	bool opens;
};

struct url_view {
	struct rows list;
	struct url_row *rows;
	int room; /* of rows */
};

struct error_view {
	struct errors all;
	bool due;                    /* there is more to read */
	struct rows list;            /* a row is a group */
	uint16_t rows[ERROR_GROUPS]; /* those that are shown */
	bool has_bar;
	uint64_t bar_group;
	uint32_t bar_entry;
	struct logset set; /* the log of the one under the bar */
};

/* The group under the bar; NULL: there is none. Copy it, or all its occurrences. */
const struct error_group *error_current(const struct tui *tui);
void error_copy(struct tui *tui, bool all);
/* What is known of it, drawn (error_detail.c). */
void error_detail(struct tui *tui, struct area area);
/* Look for new errors now. */
void errors_refresh(struct tui *tui);

#define ABOUT_ROWS 16

struct about_row {
	const char *label;
	char value[PATH_MAX + 64];
	void (*act)(struct tui *tui); /* NULL: it only says something */
};

struct about_view {
	struct rows list;
	struct about_row rows[ABOUT_ROWS];
};

const struct about_row *about_current(const struct tui *tui);

/* The row under the bar; NULL: there is none. */
const struct url_row *url_current(const struct tui *tui);

struct found;

struct tui {
	struct tui_options options;
	struct brm_instance instance;
	char project[NAME_MAX + 1];
	char dir[PATH_MAX]; /* as a person writes it: ~/src/shop */

	struct tty tty;
	struct screen *screen;
	struct cells cells;
	struct input input;
	struct jobs *jobs;
	struct feed feed;
	struct ticker ticker;
	struct ticker frozen; /* stands still when the supervisor is gone: for what was true then */

	struct frame frame;
	struct split split;
	enum theme theme;
	bool focus_lost;
	const struct view *view;
	const struct overlay *overlay;
	struct message message;
	void (*asked)(struct tui *tui); /* a question is open */
	uint32_t asked_again;           /* the key that means yes too */

	struct list list;
	struct area list_area; /* the rows of the list, as drawn */
	struct area log_area;  /* the lines of the Logs view, as drawn */
	struct panes panes;
	struct drawn drawn;
	struct logpane side; /* the log beside the list */
	struct logpane logs; /* the Logs view */
	struct {
		uint64_t lines;
		uint64_t boot_ns;
		uint64_t per_s;
	} rate;        /* of the lines of the Logs view */
	bool dragging; /* the mouse's button is down since a click on the view */
	bool dragged;  /* and it has moved since */
	bool drag_bar; /* on the scroll bar, or the divider */
	struct event_view events;
	struct url_view urls;
	struct error_view errors;
	struct about_view about;
	char (*shown_names)[BRM_NAME_MAX]; /* the processes of the Logs view; NULL: all */
	unsigned shown_name_count;
	struct field field; /* of the overlay that has one */
	bool search_regex;
	bool type_command; /* the script selector opens for a command to be typed */
	struct found *found;

	struct spot spots[SPOTS_MAX];
	unsigned spot_count;
	int cursor_row; /* where the hardware cursor belongs after this frame */
	int cursor_col;
	bool cursor_visible;

	bool dirty;       /* something may have to be drawn */
	bool redraw_soon; /* the frame did not take in all there was */
	bool leaving;
	bool leave_when_stopped;  /* once the answer is there */
	bool silent;              /* without a word */
	bool paste_over;          /* what is still pasted is not for anything */
	bool width_asked;         /* how wide an ambiguous character is */
	bool sort_due;            /* rows wait to be sorted anew */
	uint64_t sorted_boot_ns;  /* when they were */
	uint64_t sampled_boot_ns; /* when metrics were read */
	uint64_t still_second;    /* when the processes were looked for that outlive their supervisor, */
	unsigned still_count;     /* and how many there were */
	bool has_metrics;         /* there were some */
	int commands_running;
	uint32_t failed_count;      /* in the last snapshot */
	uint64_t input_boot_ns;     /* of the newest key */
	uint64_t interrupt_boot_ns; /* of the newest Ctrl-C */
	uint64_t click_boot_ns;
	int click_row;
};

/* Compose a frame into tui->cells. */
void tui_compose(struct tui *tui);
/* What a key, a click, a paste does. */
void tui_event(struct tui *tui, const struct event *event);
/* A new snapshot is there. */
void tui_snapshot(struct tui *tui);
void tui_show(struct tui *tui, const struct view *view);

/* The same without a screen (plain.c). Returns the exit status. */
int plain_run(struct tui *tui);

/* The loop: until the user leaves. Returns the exit status. */
int tui_run(struct tui *tui);

/* ---- pieces of the screen that views share (bars.c, bars_header.c, bars_hints.c) ---- */

void bars_draw_header(struct tui *tui);
void bars_draw_message(struct tui *tui);
void bars_draw_hints(struct tui *tui);
/* "── left ───── right ── " across an area's line. */
void bars_rule(struct cells *cells, struct area area, int line, const char *left, const char *right);
/* The bar, on some lines of an area; the cursor goes there. focused: keys are for this list. */
void bars_mark(struct tui *tui, struct area area, int line, int lines, bool focused);
/* Remember a place of this frame for clicks; what a click there means. False: nothing. */
void bars_spot(struct tui *tui, struct spot spot);
bool bars_click(struct tui *tui, int row, int col);

/* A pane of these processes' lines, with what happened to them (view_logs.c). */
void log_draw(struct tui *tui, struct logpane *pane, const struct process *const *processes, int count,
	      struct area area, bool focused);

/* The list of processes (process_list.c); the row in a line of it, -1: none, and whether that is the line of a group.
 */
void processes_draw(struct tui *tui, struct area area);
int64_t processes_row(struct tui *tui, int line, bool *heading);
/* There is no supervisor: what is shown is what was last known. */
bool processes_are_gone(const struct tui *tui);

/* Lines a banner wants; draw them (banner.c). */
int banner_rows(struct tui *tui);
void banner_draw(struct tui *tui);

/* Details of a process (details.c). */
void details_draw(struct tui *tui, const struct process *process, struct area area);

/* The screen when nothing runs here yet (first_run.c). */
bool first_run_is(const struct tui *tui);
void first_run_draw(struct tui *tui, struct area body);
bool first_run_event(struct tui *tui, const struct event *event);
void first_run_hints(struct tui *tui, struct pen *pen);

/* What has happened is in tui->events.all from now on. False: it cannot be known. */
bool feed_events(struct tui *tui);

/* The line of the search (overlay_search.c). */
void search_draw(struct tui *tui, struct area area);
/* Show the line under the bar as a whole (overlay_line.c). False: there is none. */
bool line_open(struct tui *tui);

/* Put text on the clipboard; what says what it is: "3 lines". Open a URL in a browser (outside.c). */
void copy_text(struct tui *tui, const char *text, size_t length, const char *what);
void open_url(struct tui *tui, const char *url);

/* Give the terminal to a program until it ends; returns its exit status, -1 when it could not be started. */
int run_program(struct tui *tui, const char *const *argv);
/* Run a program whose output goes to a descriptor. False: it has failed. */
bool run_quietly(const char *const *argv, int out);

/* The process that keys mean from now on; NULL: none (compose.c). */
void drawn_set(struct tui *tui, const struct process *process);

/* ---- commands to the supervisor (control.c) ---- */

/* Ask for it; the answer becomes a message. name: of one process; run: expected, 0 for any. */
void control_send(struct tui *tui, enum brm_method method, const char *name, uint32_t run);
/* Several by name, NULL-terminated. */
void control_send_names(struct tui *tui, enum brm_method method, const char *const *names);
void control_run_command(struct tui *tui, const char *command);
void control_scale(struct tui *tui, const char *name, unsigned replicas);
void control_signal(struct tui *tui, const char *name, uint32_t run, int number);
void control_reload(struct tui *tui);
/* A line to the standard input of a process. */
void control_send_line(struct tui *tui, const char *name, uint32_t run, const char *line);
void control_start_supervisor(struct tui *tui, const char *const *names);

#endif
