/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_KEEPER_INNER_H
#define SUPERVISORD_KEEPER_INNER_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "keeper/keeper.h"
#include "keeper/store.h"

/*
 * keeper/inner.h - what the keeper's own files share: its state, and which file does what with it
 */

struct engine {
	pid_t pid;  /* 0: none lives */
	int pidfd;  /* -1: none */
	int socket; /* the keeper's side; -1: none, or the engine closed its own */
	bool up;    /* it has said so */
	uint64_t started_ns;
};

/* An attempt to hand over to a new program. */
struct handover {
	int program;     /* -1: none is being tried */
	bool begun;      /* the old engine has left */
	bool again;      /* it was given up: the next engine is the old program's again */
	uint64_t due_ns; /* until then the new engine must be up, or must stay up */
};

#define SUSPECTS 8 /* names that engines crashed on */

struct suspect {
	char id[KEEPER_ID_MAX];
	int32_t crashes;
};

struct keeper {
	const struct keeper_options *options;
	int ready_fd;         /* -1 once the line is written */
	int signals;          /* signalfd */
	struct rlimit nofile; /* as it was before the keeper raised it */
	struct engine engine;
	bool ever_up; /* some engine was: there may be runs to care for */
	bool ending;  /* KEEPER_END has come */
	bool over;    /* leave with `status` */
	int status;
	int crashes;        /* in a row */
	uint64_t start_ns;  /* when to start the next engine, if none lives */
	int pending_signal; /* came while no engine was up; 0: none */
	bool reaped;        /* a run was: an orphan behind it may be seen now */
	bool listing;       /* an inventory is being sent: */
	uint32_t listed;    /* up to this place of the store */
	struct handover handover;
	struct suspect suspects[SUSPECTS];
	struct store store;
};

uint64_t keeper_now_ns(void);

/* launch.c: start the engine; what its end means for the next start. */
void keeper_launch(struct keeper *keeper);
void keeper_engine_ended(struct keeper *keeper, int code, int status);

/* handover.c: the engine has left for it; it has gone, or is up; what is due. All are harmless when there is none. */
int handover_begin(struct keeper *keeper);
bool handover_goes_on(struct keeper *keeper, bool crashed);
void handover_is_up(struct keeper *keeper);
void handover_look(struct keeper *keeper);
int handover_wait_ms(const struct keeper *keeper);

/*
 * image.c: what the keeper knows, in a file in memory; the descriptor or -errno. And back, in a process that has the
 * same descriptors: options (and what they point to) have static storage. -EPROTO: it is none of this version.
 */
int image_write(const struct keeper *keeper);
int image_read(int fd, struct keeper *keeper);
/* Let all that an image names pass an exec, or not. */
void image_keep_open(const struct keeper *keeper, int image, bool open);

/* notify.c: tell the service manager, if there is one. */
void notify(const char *state);

/* answer.c: the engine's requests, as many as are there; go on sending an inventory. */
void keeper_answer(struct keeper *keeper);
void keeper_list(struct keeper *keeper);

/* keeper.c: be the keeper until the end. */
int keeper_live(struct keeper *keeper);
/* Say how the start went, once. */
void keeper_say_ready(struct keeper *keeper, const char *line);
/* Pass a signal on to the engine, or keep it until one is up. */
void keeper_pass_signal(struct keeper *keeper, int signal);

#endif
