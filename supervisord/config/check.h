/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_CHECK_H
#define SUPERVISORD_CONFIG_CHECK_H

#include <stdio.h>

#include "config/model.h"

/*
 * config/check.h - what `brummerd --check` prints
 */

/* Errors, a line each; then warnings, with "warning: " before each. */
void check_print(const struct report *report, FILE *out);

/* "brummer.yaml: 5 processes, 3 scripts, no errors, 1 warning": of a configuration that is good. 0, -errno. */
int check_print_good(const struct config *config, const struct report *report, FILE *out);

/*
 * {"ok":..., "errors":[{file,line,column,message}], "warnings":[...]} and a newline; line and column are absent where
 * a file has none. 0, -ENOMEM, or -errno of the write.
 */
int check_print_json(const struct report *report, FILE *out);

/* The JSON Schema of brummer.yaml, made of the table of its keys. 0, -ENOMEM, or -errno of the write. */
int schema_print_json(FILE *out);

#endif
