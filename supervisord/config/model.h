/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_MODEL_H
#define SUPERVISORD_CONFIG_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <brummer/state.h>

/*
 * config/model.h - what a configuration is
 *
 * Every source (package.json, Procfile, a client's `run` command, ...) ends as specs: one a process, whole, with every
 * default filled in. The engine knows nothing of where one came from.
 *
 * Ownership  A spec owns all its strings and lists; lists of strings end with NULL and are never NULL themselves.
 */

enum restart_when { RESTART_NEVER = 0, RESTART_ON_FAILURE, RESTART_ALWAYS };

enum condition { CONDITION_STARTED = 0, CONDITION_READY, CONDITION_SUCCESS, CONDITION_EXIT };

struct dependency {
	char *name;
	enum condition condition;
};

struct spec {
	char *name;
	char *script;  /* the manifest's key; "" for none */
	char *command; /* what the shell gets; NULL when argv is exec'd as it is */
	char **argv;   /* {NULL} when command is set */
	char **shell;  /* before the command: {"/bin/sh", "-c", NULL} */
	char *dir;     /* absolute */
	char *source;  /* "package.json", "web/package.json", "Procfile", "command line" */
	char *manager; /* "npm", "yarn", ...: whose lock file or packageManager was found; "" for none */
	char **env;    /* "KEY=value" to set over the supervisor's own; "KEY" alone unsets */
	char **labels; /* "key=value" */
	struct dependency *depends_on;
	size_t depends_count;
	bool autostart; /* an entry of a configuration, not a script that was merely discovered */
	bool tty;
	enum brm_stdin stdin_kind;
	enum restart_when restart;
	uint64_t backoff_first_ns;
	uint64_t backoff_last_ns;
	int stop_signal;
	uint64_t stop_grace_ns;
	uint32_t order; /* place in the configuration */
};

/*
 * A process's name: any printable UTF-8 of 1 to BRM_NAME_MAX - 1 bytes. -EINVAL: it is not; *at (NULL: not wanted) is
 * the offset of the first byte that is wrong, or of the end when the length is.
 */
int name_check(const char *name, size_t *at);

/* A spec of the name with every default set and empty lists; free with spec_free(). NULL: no memory. */
struct spec *spec_new(const char *name);
struct spec *spec_copy(const struct spec *spec);
void spec_free(struct spec *spec); /* NULL is accepted */

/* Replace one string of a spec by a copy of text. 0, -ENOMEM */
int string_set(char **string, const char *text);

/*
 * Give a spec a command for the shell (config/command.c), so that its exit code is the program's also when the whole
 * process group is told to stop. 0, -ENOMEM
 */
int spec_set_command(struct spec *spec, const char *command);

/*
 * The text of a shell that runs the command it gets as its one argument: the shell becomes the program where the
 * command is one program and its arguments; else it waits for it, and begins nothing more once it is told to stop.
 * SHELL_GUARD does the latter for any command. Static storage.
 */
#define SHELL_GUARD "trap exit HUP INT QUIT TERM; trap : USR1 USR2; eval \"shift; $1\""
const char *shell_for(const char *command);

/* The identity of a spec; its pointers are the spec's, but for lists, which are made in *store (free() it). 0, -ENOMEM
 */
int spec_identity(const struct spec *spec, struct brm_identity *out, char **store);

/*
 * Lists of strings that end with NULL; a NULL list reads as an empty one, list_copy() and list_append() make one of it.
 * env_set replaces or appends "KEY=value" (value NULL: "KEY", which unsets); env_get is NULL when KEY is not there or
 * unset. 0 or -ENOMEM, NULL for a copy.
 */
int list_append(char ***list, const char *text);
int env_set(char ***list, const char *key, const char *value);
const char *env_get(char *const *list, const char *key);
size_t list_length(char *const *list);
char **list_copy(char *const *list);
void list_free(char **list);

struct config {
	struct spec **specs; /* count of them, in order */
	size_t count;
	char *file; /* the configuration that was chosen ("Procfile"), or "" when all was merely discovered */
};

void config_finish(struct config *config);

/*
 * Append a spec, which the configuration then owns, and number it. When its name is taken it becomes "PREFIX:NAME", as
 * often as needed. -ENAMETOOLONG: that would be no name any more; -ENOMEM. On failure the spec stays the caller's.
 */
int config_add(struct config *config, struct spec *spec, const char *prefix);

/* NULL when there is none of that name. */
const struct spec *config_find(const struct config *config, const char *name);
/*
 * Up to max (and CONFIG_NEAREST_MAX) names near to a wrong one, nearest first; returns their number. The names stay the
 * configuration's.
 */
#define CONFIG_NEAREST_MAX 16
size_t config_nearest(const struct config *config, const char *name, const char **out, size_t max);

/*
 * What went wrong or is worth knowing while reading: one line each, "FILE:LINE:COLUMN: what, expected what".
 *
 * A report starts as {0}. Its lines are whole UTF-8 without control characters, whatever was in the file. After
 * REPORT_LINES_MAX of a kind one more says that the rest was left out.
 */
#define REPORT_LINES_MAX 100

struct report {
	char **errors;   /* NULL-terminated */
	char **warnings; /* NULL-terminated */
	bool failed;     /* an error was reported, even if there was no memory to keep its line */
};
bool report_is_full(const struct report *report); /* no further error would be kept: stop looking for them */
void report_finish(struct report *report);
__attribute__((format(printf, 2, 3))) void report_error(struct report *report, const char *format, ...);
__attribute__((format(printf, 2, 3))) void report_warning(struct report *report, const char *format, ...);

#endif
