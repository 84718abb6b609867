/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <brummer/reader.h>

#include "clients/common/client.h"
#include "clients/common/program.h"

#define START_TIMEOUT_NS (30ll * 1000000000)
#define ARGS_MAX         64

static bool is_running(const struct brm_instance *instance)
{
	struct brm_reader *reader;
	enum brm_liveness liveness;

	if (brm_reader_open(instance->region, &reader) != 0)
		return false;
	liveness = brm_reader_liveness(reader);
	brm_reader_close(reader);
	return liveness == BRM_LIVE || liveness == BRM_UNRESPONSIVE || liveness == BRM_RESTARTING;
}

int client_start_supervisor(const struct brm_instance *instance, const char *const *extra_args, char *why,
			    size_t why_size)
{
	const char *argv[ARGS_MAX] = {"brummerd", "-C", instance->dir, "--instance", instance->name};
	struct said said;
	size_t count = 5;
	int rc;

	*why = '\0';
	if (is_running(instance))
		return -EEXIST;
	for (; extra_args && *extra_args && count + 1 < ARGS_MAX; extra_args++)
		argv[count++] = *extra_args;
	rc = program_run(argv, START_TIMEOUT_NS, &said);
	if (rc != 0) {
		snprintf(why, why_size, "cannot run brummerd: %s", strerror(-rc));
		return -ECHILD;
	}
	if (said.status != 0) {
		/* Somebody else may have been faster. */
		rc = is_running(instance) ? -EEXIST : -ECHILD;
		said_why(&said, "brummerd", why, why_size);
	} else if (*said.err) {
		said_why(&said, "brummerd", why, why_size);
	}
	said_finish(&said);
	return rc;
}
