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

/* What becomes of a key. */
#define HONOURED     "honoured"
#define APPROXIMATED "approximated"
#define REFUSED      "refused"

/* Whole seconds, into a duration. */
extern const struct schema_type type_seconds;

/* Of probes. */
extern const struct schema_type type_pc_probe;
extern const struct schema_type type_ready_line;
extern const struct schema_key compose_probe[];

/* A text that is not empty: to be freed. 0, -EINVAL (reported), -ENOMEM */
int compose_take_name(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, char **out);

#endif
