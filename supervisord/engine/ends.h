/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_ENDS_H
#define SUPERVISORD_ENGINE_ENDS_H

#include <stdbool.h>

#include "engine/keeperlink.h"
#include "engine/spawn.h"

/*
 * engine/ends.h - the pipes and ptys of a run: our ends and the child's
 *
 * Errors   Functions that can fail return 0 or a negated errno value, and leave nothing open then.
 * Threads  The spawn thread's own.
 */

struct ends {
	struct run_fds ours;
	int child[3];  /* its 0, 1 and 2 */
	int tty;       /* the slave, which child[0..2] are then as well; -1: none */
	int notify[2]; /* a pipe: ours to read, the child's to write; -1: none */
	int null_fd;   /* what child[0] may be, and silent ones all are; not owned */
};

int ends_make(struct ends *ends, const struct spawn_request *request, int null_fd);
void ends_close_ours(struct ends *ends);
void ends_close_childs(struct ends *ends);
void run_fds_close(struct run_fds *fds);

/*
 * Numbers kept free for what a child takes along, as low as they were when the spawner was opened.
 *
 * A clone copies the table of descriptors, and one for 10,000 processes has 60,000. So a child shares it, and begins
 * with a copy of only what is below a number: all it needs sits there.
 */
enum seat { SEAT_IN, SEAT_OUT, SEAT_ERR, SEAT_DIR, SEAT_NOTIFY, SEATS };

struct seats {
	int numbers[SEATS];
	int below; /* all are */
	int null_fd;
};

int seats_open(struct seats *seats, int null_fd);
void seats_close(struct seats *seats);
void seats_take(const struct seats *seats, const struct ends *ends, int dir_fd);
void seats_leave(const struct seats *seats); /* /dev/null sits there meanwhile */

#endif
