/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_EXPORT_FORMATS_H
#define SUPERVISORD_CONFIG_EXPORT_FORMATS_H

#include <stdio.h>

#include "config/model.h"

/*
 * config/export_formats.h - one function a format: export.c has the table. Errors stay in the stream.
 */

void export_systemd(const struct config *config, FILE *out, struct report *report);
void export_procfile(const struct config *config, FILE *out, struct report *report);
void export_compose(const struct config *config, FILE *out, struct report *report);

/* A key of brummer.yaml that a format has no word for. */
struct export_loss {
	const char *key; /* NULL ends a table */
	const char *why;
};

/* A warning for every one of these that a process has. */
void export_losses(const struct spec *spec, const struct export_loss *losses, struct report *report);

#endif
