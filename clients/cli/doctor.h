/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_CLI_DOCTOR_H
#define CLIENTS_CLI_DOCTOR_H

#include "clients/cli/list.h"

/* doctor.h - what `doctor` looks at, and how it says what it has found */

enum finding { FINDING_OK, FINDING_NOTE, FINDING_WRONG };

struct doctor {
	struct cli *cli;
	struct list list;
	const char *only; /* the instance that was named; NULL: all are looked at */
	bool wrong;       /* something is */
};

/* One finding: what was looked at, how it is, what was found, and what to do about it (NULL: nothing). */
__attribute__((format(printf, 5, 6))) void doctor_say(struct doctor *doctor, enum finding finding, const char *subject,
						      const char *remedy, const char *format, ...);

/* What the machine gives: limits, shared memory, the kernel. */
void doctor_limits(struct doctor *doctor);
void doctor_shared_memory(struct doctor *doctor);
void doctor_kernel(struct doctor *doctor);

#endif
