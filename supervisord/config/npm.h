/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_NPM_H
#define SUPERVISORD_CONFIG_NPM_H

#include <limits.h>

#include <jansson.h>

#include "config/model.h"
#include "config/sources.h"
#include "config/text.h"

/*
 * config/npm.h - package.json: what is in it, who manages it, and what its scripts find around them
 *
 * A script is run by the shell directly. What a package manager would add is added here: `pre` and `post` scripts, the
 * npm_... variables, every node_modules/.bin upwards in front of PATH. Where that is not enough (yarn with Plug'n'Play,
 * bun, which bring their own way to find modules or their own shell) the script goes through the manager.
 */

#define NPM_SCRIPTS_MAX      4096u
#define NPM_SCRIPT_BYTES_MAX 131000u /* the kernel's limit for one argument, less the name of a variable */

struct npm_manager {
	const char *name;  /* "npm", "pnpm", "yarn", "bun"; "" when nothing names one. Static storage */
	char version[32];  /* as packageManager has it, or "" */
	bool runs_hooks;   /* `pre` and `post` scripts belong to a script */
	bool runs_scripts; /* its scripts go through the manager */
};

/* The programs that scripts may ask for; "" when not found. */
struct npm_programs {
	char node[PATH_MAX];
	char manager[PATH_MAX];  /* what runs it: a script of node's where that is known */
	char gyp_dir[PATH_MAX];  /* npm's folder with node-gyp for PATH */
	char gyp_file[PATH_MAX]; /* what that starts */
};

struct npm_package {
	struct text text;      /* the caller's, for positions */
	json_t *json;          /* the whole; a reference */
	const json_t *scripts; /* an object, or NULL; inside json */
	const char *member;    /* of a workspace: what its scripts are called by; "" else. Static, or the caller's */
	struct npm_manager manager;
	char **env; /* variables that all its scripts share, "KEY=value" */
};

/*
 * Read a package.json; no file is touched. The text's bytes must outlive the package. Manager and environment are none.
 * -EINVAL: it cannot be used, which is reported, and *out is empty; -ENOMEM.
 */
int npm_parse(struct text *text, struct npm_package *out, struct report *report);
void npm_package_finish(struct npm_package *package);

/* A string member of the package, or NULL. */
const char *npm_string(const struct npm_package *package, const char *key);

/* Fill in who manages the package in dir: what packageManager says, or the nearest lock file, upwards to a .git. */
void npm_manager_find(struct npm_package *package, const char *dir, struct report *report);

/* Look for node and for a manager ("": npm) in PATH. */
void npm_programs_find(const char *manager, struct npm_programs *out);

/*
 * Fill in the environment: PATH, npm_package_name, npm_package_version, npm_package_json, npm_package_config_...,
 * npm_package_engines_..., npm_execpath, npm_node_execpath, NODE, INIT_CWD, npm_command, npm_config_local_prefix,
 * npm_config_user_agent, npm_config_node_gyp. Those whose value cannot be known without running something are left
 * out. 0, -ENOMEM.
 */
int npm_env(struct npm_package *package, const char *dir, const struct npm_programs *programs, struct report *report);

/* Append a spec for each good script, and report the others; no file is touched. 0, -ENOMEM. */
int npm_specs(const struct npm_package *package, const struct finding *to);

#endif
