/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_EXPORT_H
#define SUPERVISORD_CONFIG_EXPORT_H

#include <stdio.h>

#include "config/model.h"

/*
 * config/export.h - a configuration for another tool
 */

enum export_format { EXPORT_SYSTEMD = 0, EXPORT_PROCFILE, EXPORT_COMPOSE, EXPORT_FORMAT_COUNT };

/* "systemd", "procfile", "compose". -EINVAL: no format has that word. */
int export_format_parse(const char *word, enum export_format *out);

/*
 * Write what starts by itself, in the order of the configuration. systemd: one stream of units, each after a line
 * "# FILE.service" (or .target) that says how to call it; procfile: a Procfile; compose: a docker-compose.yaml. What
 * the format has no word for is a warning in the report. 0, -ENOMEM, or -errno of the write.
 */
int config_export(const struct config *config, enum export_format format, FILE *out, struct report *report);

#endif
