/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_SCHEMA_H
#define SUPERVISORD_CONFIG_SCHEMA_H

#include <stdio.h>

#include "config/model.h"
#include "config/yaml.h"

/*
 * config/schema.h - the keys of brummer.yaml: one table
 *
 * A row says what a key is called, what it takes, where that goes, what it is without the key, and what it is for. The
 * parser, the messages, the JSON Schema, the explanation of a process and the manual come from these rows.
 *
 * Errors  Functions that take return 0, -EINVAL (reported, with the position; the draft may have half of it) or
 *         -ENOMEM.
 */

struct explanation;

/* A process while it is put together from one or more mappings. */
struct draft {
	struct spec spec; /* the first member: a draft is kept where a spec is */
	uint32_t replicas;
	char **profiles;
	char **file_env;              /* of its env_file */
	bool has_replicas;            /* then one is a family, too */
	bool has_shell;               /* the shell is its own */
	bool is_wrong;                /* a key of it is, which was reported */
	const struct yaml_node *name; /* where it came up first */
};

/* What is being read, and what its values may refer to. */
struct schema_take {
	struct report *report;
	struct draft *draft;             /* NULL outside of processes */
	char *const *env;                /* of the file: "KEY=value" */
	char *const *file_env;           /* of its env_file */
	struct explanation *explanation; /* gets the places of values; NULL: of none */
	const struct schema_key *outer;  /* the key whose inner keys are read; NULL: none */
	size_t bytes;                    /* of all texts so far */
	bool touches_no_file;            /* env files are not read */
	bool lenient;                    /* unknown keys are warnings */
	/* How a scalar's text is made, to be freed; NULL: with variables, as brummer.yaml has them */
	int (*text)(struct schema_take *take, const struct yaml_node *node, char **out);
	const void *owner; /* for `text` */
};

struct schema_key;

/* What a key takes. */
struct schema_type {
	const char *expected; /* in words */
	const char *json;     /* its JSON Schema */
	bool literal;         /* ${} stays in a plain text */
	int (*take)(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base);
	void (*print)(FILE *out, const struct schema_key *key, const void *base); /* in one line; NULL: no value of it
										     is kept */
};

struct schema_key {
	const char *name; /* NULL ends a table */
	const struct schema_type *type;
	size_t offset;                  /* of the field in what `base` points to */
	const char *initial;            /* without the key, in words; "" for nothing */
	const char *help;               /* a sentence */
	const struct schema_key *inner; /* of a mapping: offsets are relative to this row's field */
	const char *brief;              /* the inner key that a plain value or a list stands for; NULL: none */
	uint64_t min, max;              /* of counts */
};

/* The tables: of a process (base: struct draft), and of the file itself (no fields; yaml_brummer.c reads them). */
extern const struct schema_key schema_process[];
extern const struct schema_key schema_file[];

/* The row of a name, or NULL. */
const struct schema_key *schema_find(const struct schema_key *table, const char *name);

/* Report a key that is not in the table, with the nearest that is: -EINVAL. Where that is a warning, 0. */
int schema_unknown(struct schema_take *take, const struct yaml_node *key, const struct schema_key *table);

/* Take all keys of a mapping. Nulls are as if they were not there, and so are keys that begin with "x-". */
int schema_take_map(struct schema_take *take, const struct yaml_node *map, const struct schema_key *table, void *base);

/* Take what one row's key has. */
int schema_take_row(struct schema_take *take, const struct yaml_node *value, const struct schema_key *row, void *base);

/* Report "KEY is SO, expected WHAT". Returns -EINVAL. */
int schema_wrong(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key);

/* Report that a mapping or list has too many members for its key. Returns -EINVAL. */
#define SCHEMA_MEMBERS_MAX 1024u
int schema_too_many(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key);

/* The text of a scalar with its variables replaced (unless the type is literal), to be freed. */
int schema_text(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, char **out);

/* A number in digits within limits. */
int schema_number(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, uint64_t min,
		  uint64_t max, uint64_t *out);

/* A list of such texts, or of the one there is, to replace *out. */
int schema_list(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, char ***out);

/* Is it good as the name of a variable or a label? */
bool schema_is_key(const char *text);

/* A path from where the node's relative ones begin, to be freed; NULL: no memory. */
char *schema_path(const char *folder, const char *path);

/* Give a spec a command for the shell in place of what it has, without blanks at its end. The shell is not chosen yet.
 */
int schema_set_command(struct spec *spec, const char *text);

/* The dependency of a name in spec.depends_on, new if there is none yet; NULL: no memory. */
struct dependency *schema_dependency(struct spec *spec, const struct yaml_node *name);

/* The types. */
extern const struct schema_type type_text, type_path, type_bool, type_count, type_files, type_nice, type_size,
	type_duration, type_period, type_signal, type_umask, type_restart, type_backoff, type_limit, type_stdin,
	type_schedule, type_shell_text;
extern const struct schema_type type_command, type_names, type_globs, type_shell, type_env, type_env_file, type_labels,
	type_depends, type_codes, type_replicas, type_include, type_ignored;
extern const struct schema_type type_probe, type_http, type_tcp, type_exec, type_line, type_notify;
extern const struct schema_type type_group, type_processes;

/* The keys of a probe that ask something: one of them is to be there. NULL ends the list. */
extern const char *const probe_kinds[];

/* Keys of other tools' files: one without effect here is a warning that says why (the row's help); one that means
   nothing to what runs is passed over. */
extern const struct schema_type type_refused, type_passed;

/* Free what a draft owns, and itself. NULL is accepted. */
void draft_free(struct draft *draft);
struct draft *draft_new(const char *name); /* NULL: no memory */

#endif
