/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_IMPORT_PROCESS_COMPOSE_H
#define SUPERVISORD_CONFIG_IMPORT_PROCESS_COMPOSE_H

#include "config/schema.h"

/*
 * config/import_process_compose.h - the keys of process-compose.yaml and mprocs.yaml
 *
 * Tables as config/schema.h has them, but that `initial` says what becomes of a key: "honoured", "approximated" or
 * "refused", and `help` how, or why not. The manual's tables are made of them.
 */

extern const struct schema_key compose_project[];
extern const struct schema_key compose_process[];
extern const struct schema_key mprocs_project[];
extern const struct schema_key mprocs_process[];

#endif
