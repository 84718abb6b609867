/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_DISCOVER_H
#define SUPERVISORD_CONFIG_DISCOVER_H

#include "config/model.h"

/*
 * config/discover.h - what could be run in a directory, from the files people already have
 *
 * Reads files; runs nothing of the project.
 */

/*
 * Fill *config with everything found in dir: entries of the chosen configuration first (autostart), then the scripts of
 * package.json. Bad files are errors in *report, and the rest is still found.
 *
 * Returns 0, or -ENOENT when the directory has no manifest at all, or -EINVAL when report has errors, or -ENOMEM.
 */
int config_discover(const char *dir, struct config *config, struct report *report);

/*
 * The environment a package.json script runs in: every node_modules/.bin upwards in front of PATH, npm_lifecycle_event,
 * npm_lifecycle_script, npm_package_name, npm_package_version, npm_package_json, npm_execpath, npm_node_execpath,
 * INIT_CWD, npm_config_user_agent, NODE, ... Called by config_discover(); here for its tests.
 */
struct npm_package;

/* Print what was discovered as one JSON object {"scripts":[{name,command,dir,source,manager}],"warnings":[...]}. */
int discover_print_json(const struct config *config, const struct report *report, int fd);

#endif
