/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_IMPORT_PROCFILE_H
#define SUPERVISORD_CONFIG_IMPORT_PROCFILE_H

#include "config/sources.h"

/*
 * config/import_procfile.h - what overmind, hivemind and foreman know besides a Procfile: .overmind.env, .hivemind and
 * .foreman, and variables OVERMIND_... of the supervisor's environment and .env, which win
 */

struct procfile_settings {
	char **own;           /* "FORMATION=web=2", ...: without the tool's name before it */
	char **env;           /* what else .overmind.env sets, for the processes */
	const char *env_file; /* the last file that set any of it; static storage */
};

/* Read them from beside the Procfile. What is wrong is reported, and the rest counts. 0, -ENOMEM. */
int procfile_settings_read(const struct finding *finding, char *const *dotenv, struct procfile_settings *out);
void procfile_settings_finish(struct procfile_settings *settings);

/* Warn of names in them that are no entry's. */
void procfile_settings_check(const struct procfile_settings *settings, const struct config *entries,
			     const struct finding *finding);

/* How many of a process there are; 1 unless the formation says more, or none. What is wrong is a warning. */
unsigned procfile_settings_count(const struct procfile_settings *settings, const char *name,
				 const struct finding *finding);

/* Stop signals, timeout, restarts and the like of one process. What is wrong is a warning. */
void procfile_settings_apply(const struct procfile_settings *settings, struct spec *spec, struct report *report);

#endif
