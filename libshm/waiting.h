/* SPDX-License-Identifier: MIT */
#ifndef LIBSHM_WAITING_H
#define LIBSHM_WAITING_H

#include <brummer/wait.h>

/* waiting.h - brm_wait(), ended as well by a word of the caller's own (or NULL) that is no longer 0 */
int wait_words(const struct brm_reader *reader, const struct brm_ticket *ticket, unsigned what,
	       const _Atomic uint32_t *stop, int64_t timeout_ns);

#endif
