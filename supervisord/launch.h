/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_LAUNCH_H
#define SUPERVISORD_LAUNCH_H

#include "options.h"

/*
 * launch.h - from a command line to a keeper with its engine
 */

/* Which instance the options mean. 0, or -errno, which was said. */
int launch_instance(const struct options *options, struct brm_instance *out);

/*
 * Start a supervisor. In front: returns its exit status when it has ended. Else it becomes a daemon, and this returns 0
 * as soon as its region can be read, or 1 after its complaint.
 */
int launch(const struct options *options);

#endif
