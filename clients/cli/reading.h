/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_READING_H
#define CLIENTS_CLI_READING_H

#include "clients/cli/cli.h"

/*
 * reading.h - what a command that only reads has in its hands
 *
 * Memory and files; no socket unless --read-path rpc asks for it.
 */

struct reading {
	struct source *source;
	int status; /* what to exit with if all goes well: EXIT_DONE, or EXIT_DEAD */
	struct snapshot snapshot;
	struct brm_instance instance;
};

/* Find the instance alone. EXIT_DONE, or what was said. `doing` is what is in vain: "list processes". */
int reading_find(const struct cli *cli, const char *doing, struct brm_instance *out);

/*
 * Find, attach, take a snapshot, and say so when the supervisor is dead, restarting or does not respond.
 *
 * EXIT_DONE; or an exit status, and it was said why. Finish it in either case.
 */
int reading_open(const struct cli *cli, const char *doing, struct reading *out);
void reading_finish(struct reading *reading);

/* The same with the processes in parts, as source_walk() has it: for what looks at each once. */
int reading_walk(const struct cli *cli, const char *doing, struct reading *out, enum source_depth depth,
		 source_part *each, void *arg);

/* Take another snapshot; says so when that fails. */
int reading_again(struct reading *reading, const char *doing);

/* An error of source_open() or source_snapshot() said; returns the exit status. */
int reading_fail(const struct cli *cli, const char *doing, const struct brm_instance *instance, int error);

/* "cannot DOING NAME: no such process", with the nearest names; returns EXIT_FAILED. */
int reading_unknown(const struct reading *reading, const char *doing, const char *name);

/*
 * The processes that the command's operands mean, as select_processes() has it: chosen[snapshot.count], to be freed.
 * NULL: a word means nothing; that was said.
 */
bool *reading_select(const struct reading *reading, const struct cli *cli, const char *doing);

/*
 * Look again: with a snapshot if a state has changed, which *changed says; EXIT_DONE, or what was said. Without one
 * reading_log_moved() tells for each process whether it has logged more; the snapshot's log mark is then the newest.
 */
int reading_look(struct reading *reading, const char *doing, bool *changed);
bool reading_log_moved(struct reading *reading, uint32_t at);

/* Is there nobody any more who could change anything? */
bool reading_is_over(const struct reading *reading);

/*
 * Sleep until something may have changed (what: BRM_WAIT_*), or for timeout_ns (< 0: for ever), or until standard
 * output is gone.
 */
enum woken { WOKEN_CHANGE, WOKEN_TIMEOUT, WOKEN_GONE };
enum woken reading_sleep(struct reading *reading, unsigned what, int64_t timeout_ns);

#endif
