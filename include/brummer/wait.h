/* SPDX-License-Identifier: MIT */
#ifndef BRUMMER_WAIT_H
#define BRUMMER_WAIT_H

#include <stdint.h>

#include <brummer/reader.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * brummer/wait.h - sleep until the supervisor has something new
 *
 * Readers sleep on words of the region itself (futex): they use no processor while nothing changes and cost the
 * supervisor nothing. Sample a ticket, look at the states, then wait with the ticket: what happens between the sample
 * and the wait ends the wait at once, so no change is slept through.
 *
 * Errors   Functions return 0 or a negated errno value.
 * Threads  Any number may wait on one reader.
 * Signals  A wait that a signal interrupts returns -EINTR.
 */

#define BRM_WAIT_STATES 1u /* states, events, life cycle */
#define BRM_WAIT_LOGS   2u /* log marks */

/* What the words were. */
struct brm_ticket {
	uint32_t bell;
	uint32_t logbell;
	uint32_t owner;
};

void brm_wait_sample(const struct brm_reader *reader, struct brm_ticket *ticket);

/*
 * Sleep until one of the words named by `what` differs from the ticket, or the writer's death.
 *
 * timeout_ns < 0: for ever.
 *
 *  0            something changed: sample, look, wait again
 *  -ETIMEDOUT   nothing did
 *  -EOWNERDEAD  nobody will write here again: the writer has died, closed the region or gone on with another
 *               (brm_reader_liveness() says which); look once more. Immediately so if it was so before
 *  -EINTR       a signal came
 *
 * Where the kernel does not tell of a death (the ticket's owner is 0, or Linux before 5.16) it is found within two
 * seconds, and there a wait for states and logs at once looks every 50 ms.
 */
int brm_wait(const struct brm_reader *reader, const struct brm_ticket *ticket, unsigned what, int64_t timeout_ns);

/*
 * The same for the changes of one entry alone: others' changes do not wake (but may, now and then). A death is found
 * within two seconds, or as soon as a program that sleeps in brm_wait() finds it.
 */
int brm_wait_entry(const struct brm_reader *reader, const struct brm_ticket *ticket, uint32_t entry,
		   int64_t timeout_ns);

/*
 * For programs with an event loop: a thread that waits and writes to an eventfd.
 *
 * The descriptor becomes readable after a change; brm_bell_clear() makes it unreadable again: call it before looking.
 * Once nobody will write here again it stays readable until brm_bell_resume() gives the bell the reader to go on with.
 */
struct brm_bell;
int brm_bell_open(const struct brm_reader *reader, unsigned what, struct brm_bell **out);
int brm_bell_fd(const struct brm_bell *bell);
void brm_bell_clear(struct brm_bell *bell);
/* Stop the thread before the reader is refreshed or closed... */
void brm_bell_pause(struct brm_bell *bell);
/* ...and go on with that reader, perhaps on another region. */
int brm_bell_resume(struct brm_bell *bell, const struct brm_reader *reader);
void brm_bell_close(struct brm_bell *bell);

#ifdef __cplusplus
}
#endif

#endif
