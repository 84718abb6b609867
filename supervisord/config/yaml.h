/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_YAML_H
#define SUPERVISORD_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/text.h"

/*
 * config/yaml.h - a YAML text as a tree that knows where everything stands
 *
 * libyaml reads; this keeps the events as nodes. An alias is the node it stands for, shared and not copied; merge keys
 * (`<<`) are already merged: a mapping's own keys come first and win. Keys are scalars and differ within a mapping.
 *
 * Hostile texts are stopped early: bytes, depth, and the nodes that a walk of the tree would visit, aliases expanded,
 * have limits.
 *
 * Ownership  A document owns its nodes; they live until yaml_finish().
 */

#define YAML_BYTES_MAX 8388608u
#define YAML_DEPTH_MAX 40u
#define YAML_NODES_MAX 1000000u

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_pair {
	struct yaml_node *key; /* a scalar */
	struct yaml_node *value;
};

struct yaml_node {
	enum yaml_kind kind;
	bool plain;         /* a scalar without quotes: may be a number, null, ... */
	bool open;          /* while it is being read: an alias of it would have no end */
	bool reported;      /* something is wrong with it, which was said */
	bool warned;        /* it was worth a warning */
	unsigned height;    /* levels below it, itself included */
	size_t weight;      /* nodes in it, aliases expanded */
	size_t line;        /* from 1 */
	size_t column;      /* from 1, in characters */
	const char *file;   /* of struct text */
	const char *folder; /* that its relative paths begin at: the document's */
	const char *text;   /* of a scalar, without quotes; "" else */
	size_t count;       /* of a list's or a mapping's members */
	struct yaml_node **items;
	struct yaml_pair *pairs;
	struct yaml_node *next; /* of all in the document */
};

struct yaml_document {
	struct yaml_node *root; /* NULL: the text has nothing but comments */
	struct yaml_node *all;
	char *file;
	char *folder;
};

/*
 * Read a text; no file is touched. -EINVAL: it cannot be used, which is reported with the position, and the document
 * has no root; -ENOMEM. It is to be finished in any case.
 */
int yaml_read(struct text *text, const char *folder, struct yaml_document *out, struct report *report);
void yaml_finish(struct yaml_document *document);

/* The value of a mapping's key, or NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

/* Nothing, ~ or null. */
bool yaml_is_null(const struct yaml_node *node);

/* Is it the true or false that a plain scalar may mean? */
bool yaml_is_bool(const struct yaml_node *node, bool *value);

/* Report with the node's position; an error once a node. */
__attribute__((format(printf, 3, 4))) void yaml_error(struct report *report, const struct yaml_node *node,
						      const char *format, ...);
__attribute__((format(printf, 3, 4))) void yaml_warning(struct report *report, const struct yaml_node *node,
							const char *format, ...);

#endif
