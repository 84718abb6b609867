/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_ENGINE_LOOK_H
#define SUPERVISORD_ENGINE_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * engine/look.h - one look at all processes, to find those of any number of runs
 *
 * Of a run are: who has its tag (engine/tag.h); who is in the session of its leader, while somebody with the tag is in
 * it (else the number might have gone to a stranger); the leader itself, should it have lost the tag, as a child of the
 * keeper or ours; and the children of all of these. Never this process or its parent, nor the other runs of the
 * instance.
 *
 * Errors   Functions return a number or a negated errno value.
 * Threads  A look is for one thread.
 */

/* A process of a run, held by a pidfd so that its number cannot be reused under us. */
struct member {
	pid_t pid;
	int pidfd;
	uint64_t start; /* clock ticks since boot: with the pid it names the process for ever */
};

/*
 * Who is known to lead a run, alive or not yet reaped: of many children most, and nothing has to be read of them. A bit
 * for every pid that the kernel may give. One thread sets, any may ask.
 */
#define LEADERS_MAX (1u << 22)

struct leaders {
	_Atomic uint64_t words[LEADERS_MAX / 64];
};

void leaders_set(struct leaders *leaders, pid_t pid, bool leads);

/*
 * Has a run that was a child of the keeper, the parent of this process, and whose leader has ended, left nobody?
 * Whoever it left has come to the keeper, or descends from one who has. False is no answer: then a look has to be
 * taken.
 */
bool look_is_gone(uint64_t tag, pid_t leader, pid_t keeper, const struct leaders *leaders);

struct look;

/* Two system calls for every process there is; more is read when a run turns out to have living members. */
int look_take(struct look **out);
void look_free(struct look *look);

/* How many processes of a run lived when the look was taken. `leader` is its own pid, also when that is gone. */
int look_count(struct look *look, uint64_t tag, pid_t leader);

/* Hold up to max of those that still live; the caller closes the pidfds. Returns their number. */
int look_members(struct look *look, uint64_t tag, pid_t leader, struct member *out, size_t max);

#endif
