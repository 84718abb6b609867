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
	char *name; /* of a process, or of a family of replicas: then all of them */
	enum condition condition;
	bool follow; /* when what it depends on stops or restarts, so does it */
	char *place; /* "FILE:LINE:COLUMN" that says so, for messages; NULL: not known */
};

enum probe_kind { PROBE_NONE = 0, PROBE_HTTP, PROBE_TCP, PROBE_EXEC, PROBE_LOG, PROBE_NOTIFY };

/*
 * A question asked of a running process, for readiness (`ready`) or for liveness (`alive`; LOG and NOTIFY are no
 * questions of that kind).
 */
struct probe {
	enum probe_kind kind;
	char *target; /* http: the URL; tcp: "HOST:PORT"; exec: a command for the shell, NULL when argv is set; log: a
			 PCRE2 pattern that one line of output must match; notify: "" for sd_notify, else the number
			 of the descriptor on which a newline says ready */
	char **argv;  /* exec: what is exec'd as it is; {NULL} else */
	int http_status;      /* the one expected; 0: any of 200 to 399 */
	uint64_t delay_ns;    /* after the start, before the first question */
	uint64_t interval_ns; /* between the end of one question and the next */
	uint64_t attempt_ns;  /* one question that took longer has failed */
	uint64_t timeout_ns;  /* ready: after this time since the start it is `failed`; 0: it may take for ever */
	uint32_t successes;   /* in a row, to be ready or alive again */
	uint32_t failures;    /* alive: in a row, until it is restarted */
};

struct spec {
	char *name;
	char *script;     /* the manifest's key; "" for none */
	char *command;    /* what the shell gets; NULL when argv is exec'd as it is */
	char **argv;      /* {NULL} when command is set */
	char **shell;     /* before the command: {"/bin/sh", "-c", NULL} */
	char *dir;        /* absolute */
	char *source;     /* "package.json", "web/package.json", "Procfile", "command line" */
	char *manager;    /* "npm", "yarn", ...: whose lock file or packageManager was found; "" for none */
	char **env;       /* "KEY=value" to set over the supervisor's own; "KEY" alone unsets */
	char **labels;    /* "key=value" */
	char *family;     /* of replicas: the name before the dot; "" when it is no replica */
	uint32_t replica; /* 1, 2, ... within its family; 0 when it is none */
	struct dependency *depends_on;
	size_t depends_count;
	bool configured; /* an entry of the chosen configuration, not a script that was merely discovered */
	bool autostart;  /* start it with the supervisor */
	bool essential;  /* its failure ends everything */
	bool tty;
	enum brm_stdin stdin_kind;
	struct probe ready;
	struct probe alive;
	enum restart_when restart;
	uint64_t backoff_first_ns;
	uint64_t backoff_last_ns;
	uint32_t restart_limit; /* so many within the window, then `failed`; 0: no limit */
	uint64_t restart_window_ns;
	uint32_t success_codes[8];   /* bit (code % 32) of word code / 32; 0 is always one */
	char *schedule;              /* five cron fields or "@hourly"...; "" for none */
	char **watch_paths;          /* files and folders, absolute; a change restarts it */
	char **watch_ignore;         /* globs that do not count, of base names or of paths below a watched folder */
	uint64_t watch_debounce_ns;  /* quiet time after the last change */
	uint64_t memory_limit_bytes; /* of the whole run; more: it is restarted; 0: none */
	uint64_t open_files;         /* RLIMIT_NOFILE; 0: the supervisor's own */
	uint64_t log_segment_bytes;  /* 0: the log store's default */
	uint32_t log_keep;           /* 0: the log store's default */
	int stop_signal;
	uint64_t stop_grace_ns;
	char *stop_command; /* for the shell, in place of the signal; "" for none */
	char *user;         /* name or number; "" for the supervisor's own */
	char *group;        /* the same; "" for the user's */
	int umask;          /* -1: the supervisor's own */
	int nice;           /* NICE_INHERIT: the supervisor's own */
	uint32_t order;     /* place in the configuration */
	uint32_t line;      /* of the entry in its source, for --explain; 0: not known */
};

#define NICE_INHERIT 100

/*
 * A process's name: any printable UTF-8 of 1 to BRM_NAME_MAX - 1 bytes. -EINVAL: it is not; *at (NULL: not wanted) is
 * the offset of the first byte that is wrong, or of the end when the length is.
 */
int name_check(const char *name, size_t *at);

/* A spec of the name with every default set and empty lists; free with spec_free(). NULL: no memory. */
struct spec *spec_new(const char *name);
struct spec *spec_copy(const struct spec *spec);
void spec_free(struct spec *spec);   /* NULL is accepted */
void spec_finish(struct spec *spec); /* all that it owns, not the struct */

/* About how much memory a copy takes. */
size_t spec_bytes(const struct spec *spec);

/*
 * Replica n (1, 2, ...) of a family: a copy named "FAMILY.N", whose PORT, if the spec sets a number, is n - 1 higher.
 * NULL: no memory, or that is no name, or no port.
 */
struct spec *spec_replica(const struct spec *spec, const char *family, uint32_t n);

/* A code that is configured as success. */
bool spec_is_success(const struct spec *spec, int code);

/* "http URL", "tcp HOST:PORT", ...: what a probe asks, in words, into out[size]; "" for none. Returns out. */
char *probe_words(const struct probe *probe, char *out, size_t size);

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
	char *file;      /* the configuration that was chosen ("Procfile"), or "" when all was merely discovered */
	bool refused;    /* that configuration has errors: nothing of it is here */
	uint32_t *index; /* config_add()'s own: places of specs by their names, 0 for none; NULL: there is none yet */
	size_t index_size;
};

void config_finish(struct config *config);

/* Take out what is configured, and free it: what was merely discovered stays. */
void config_drop_entries(struct config *config);

/*
 * Append a spec, which the configuration then owns, and number it. When its name is taken it becomes "PREFIX:NAME", as
 * often as needed. -ENAMETOOLONG: that would be no name any more; -ENOMEM. On failure the spec stays the caller's.
 */
int config_add(struct config *config, struct spec *spec, const char *prefix);

/* NULL when there is none of that name. Quick when the specs came by config_add(). */
const struct spec *config_find(const struct config *config, const char *name);
/*
 * Up to max (and BRM_NEAR_MAX) names near to a wrong one, nearest first; returns their number. The names stay the
 * configuration's.
 */
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
