/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_DISCOVER_H
#define SUPERVISORD_CONFIG_DISCOVER_H

#include "config/model.h"

/*
 * config/discover.h - what could be run in a directory, from the files people already have
 *
 * Reads files; runs nothing of the project. A file that belongs to neither the user nor root is refused.
 */

struct explanation; /* config/explain.h */

/* What is asked for. Everything is the caller's; a zero is "as usual". */
#define CONFIG_FILES_MAX 32u
struct config_request {
	const char *dir;       /* of the project; NULL: the current one */
	char *const *files;    /* NULL-terminated: the configuration, in place of the one that is found in dir;
				  absolute or relative to dir. Those of one kind after
				  another are merged, the last wins */
	bool only_files;       /* nothing but those: no manifest of the project is looked at */
	char *const *profiles; /* NULL-terminated: entries of other profiles do not start by themselves */
	struct explanation *explanation; /* gets the source of the values of one process; NULL: nobody asked */
};

/*
 * Fill *config with everything found: entries of the chosen configuration first (autostart), then the scripts of
 * manifests; and where there is no configuration, those of folders below, as FOLDER:SCRIPT. Bad files are errors in
 * *report, which is {0} before, and the rest is still found; but a configuration counts whole or not at all: with an
 * error in it, or in a file that it reads, there is none of its entries. What *config held before does not count; it is
 * always to be finished. Environment variables that decide (PATH, PORT, what .env must not override) are the caller's
 * own.
 *
 * Returns 0, or -ENOENT when the directory has no manifest at all, or -EINVAL when report has errors (a directory that
 * cannot be read is one), or -ENOMEM.
 */
int config_discover(const struct config_request *request, struct config *config, struct report *report);

/*
 * The nth name of a file that makes a folder a project; one that begins with an asterisk is the end of a name. NULL
 * after the last. *is_configuration: it says what runs, and is no manifest alone.
 */
const char *config_project_file(size_t n, bool *is_configuration);

/*
 * Print what was discovered as one JSON object and a newline:
 * {"scripts":[{name,command,dir,source,manager}],"warnings":[...],"errors":[...]}. The command of
 * what is exec'd is its argv with blanks between; a manager that nothing names is "". 0, -ENOMEM, or -errno of the
 * write.
 */
int discover_print_json(const struct config *config, const struct report *report, int fd);

#endif
