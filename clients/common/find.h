/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_FIND_H
#define CLIENTS_COMMON_FIND_H

#include <stddef.h>

#include <brummer/instance.h>

/*
 * common/find.h - which instance does the user mean?
 *
 * --instance (with -C its directory, should it not be running); else -C DIR; else BRUMMER_INSTANCE; else the first
 * directory upwards from here that a supervisor serves (a region with its name exists) or that has a configuration
 * (Procfile, brummer.yaml, ...); a bare manifest (package.json, ...) counts only when nothing above is served or
 * configured; else here.
 */

/*
 * Files that make a directory a project, as the supervisor knows them (tests/test_discover.c holds them together). Both
 * end with NULL. "*.sln" is the end of a name.
 */
extern const char *const find_configurations[]; /* whatever is above */
extern const char *const find_manifests[];      /* when nothing above is one */

struct where {
	const char *dir;      /* -C, or NULL */
	const char *instance; /* --instance, or NULL */
};

/*  -ENOENT and others of brm_instance_of_dir(), brm_instance_of_name(); -EPERM: a configuration of another user */
int find_instance(const struct where *where, struct brm_instance *out);

/*
 * The same in less time, for what needs the region alone: of an instance that was named nothing else is filled in, its
 * directory is "". The same errors
 */
int find_region(const struct where *where, struct brm_instance *out);

/* Path of a sibling program ("brummerd"): $BRUMMER_BINDIR, beside this one, the build tree, then PATH. 0, -ENOENT */
int find_program(const char *name, char *out, size_t size);

#endif
