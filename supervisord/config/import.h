/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_IMPORT_H
#define SUPERVISORD_CONFIG_IMPORT_H

#include <stdio.h>

#include "config/model.h"

/*
 * config/import.h - a brummer.yaml of another tool's file
 *
 * Reads any file that Brummer runs in place, whatever it is called and wherever it lies, and writes the brummer.yaml
 * that gives the same specs. What could not be honoured is a warning in the report and a comment in the text.
 */

/*
 * Read a file and write its brummer.yaml to out. Nothing of the project is run, but for an ecosystem file in
 * JavaScript, which is a program: node is asked what it says.
 *
 *  -ENOENT  there is no such file
 *  -EINVAL  it cannot be used: report has errors, and nothing was written
 *  -ENOMEM
 *  -errno   of the write
 */
int config_import(const char *file, FILE *out, struct report *report);

#endif
