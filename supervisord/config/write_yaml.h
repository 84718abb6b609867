/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_WRITE_YAML_H
#define SUPERVISORD_CONFIG_WRITE_YAML_H

#include <stdio.h>

#include "config/model.h"

/*
 * config/write_yaml.h - specs as a brummer.yaml
 */

/* What the specs do not say. */
struct write_notes {
	const char *dir;      /* of the file that is written: paths below it are relative to it */
	const char *env_file; /* "" for none: what it sets (`file_env`) need not be written */
	char *const *file_env;
};

/* Write processes: what is as without the key is left out. Errors stay in the stream. -ENOMEM. */
int write_yaml(FILE *out, const struct config *config, const struct write_notes *notes);

/* A text in double quotes, as YAML has it; with `literal` its dollar signs stay as they are, else they are doubled. */
void write_quoted(FILE *out, const char *text, bool literal);

#endif
