/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_DRAFTS_H
#define SUPERVISORD_CONFIG_DRAFTS_H

#include "config/schema.h"
#include "config/sources.h"

/*
 * config/drafts.h - processes that are put together from mappings, and what they have in common
 *
 * For every source that is YAML: it fills drafts, which become specs of the configuration when all is right.
 */

struct drafts {
	const struct finding *finding;
	struct schema_take take;
	struct config all;   /* in order; each spec is the first member of a struct draft */
	char **env;          /* of every process */
	char **file_env;     /* of every process, from env files; the supervisor's own environment wins */
	size_t bytes;        /* of the specs so far */
	const char *program; /* in place of /bin/sh where no shell is said; NULL: none */
	char **shell;        /* of every process that has no other; NULL or empty: /bin/sh with the guard */
};

void drafts_init(struct drafts *drafts, const struct finding *finding);
void drafts_finish(struct drafts *drafts);

/* The draft of a name, new if there is none yet. 0, -EINVAL (the name is none, reported), -ENOMEM */
int drafts_get(struct drafts *drafts, const struct yaml_node *name, struct draft **out);

/* Take what the draft of `take` has: keys of the table, or a command alone. 0, -EINVAL (reported), -ENOMEM */
int drafts_take(struct drafts *drafts, const struct yaml_node *value, const struct schema_key *table);

/*
 * Turn all into specs of the configuration. With an error in one the configuration will not be used; the specs are made
 * all the same, so that what is wrong between them is found, too. 0, -EINVAL (reported), -ENOMEM
 */
int drafts_add(struct drafts *drafts);

/* Of two results the one that counts: no memory, else the first error. */
int worse(int one, int other);

#endif
