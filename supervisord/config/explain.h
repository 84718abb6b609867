/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_EXPLAIN_H
#define SUPERVISORD_CONFIG_EXPLAIN_H

#include "config/schema.h"

/*
 * config/explain.h - one process as it will run, and where every value comes from
 */

struct explained {
	char *key;   /* "restart.when", "env.PORT" */
	char *place; /* FILE:LINE */
	char *text;  /* as it is written, of a plain value; "" of others */
};

struct explanation {
	const char *name; /* of the process, or of its family */
	struct explained *values;
	size_t count;
};

/* Note where a value comes from; the last of a key counts. 0, -ENOMEM */
int explanation_add(struct explanation *to, const struct schema_key *outer, const struct schema_key *key,
		    const struct yaml_node *node);

/* The same of one variable: it is in an env file, or `file` is NULL and it is in the node. */
int explanation_add_env(struct explanation *to, const char *name, const struct yaml_node *node, const char *file);

/* Is the explanation about this process, which may be a family? */
bool explanation_is_of(const struct explanation *explanation, const char *name);
void explanation_finish(struct explanation *explanation);

/*
 * Print the process, a line a value: key, value, source. As JSON: {"name":..., "values":[{key,value,source}]}.
 * -ENOENT: config has none of that name; -ENOMEM, or -errno of the write.
 */
int explanation_print(const struct explanation *explanation, const struct config *config, bool json, FILE *out);

#endif
