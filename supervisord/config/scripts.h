/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_SCRIPTS_H
#define SUPERVISORD_CONFIG_SCRIPTS_H

#include <jansson.h>

#include "config/jsonc.h"
#include "config/model.h"
#include "config/sources.h"
#include "config/text.h"
#include "config/toml.h"

/*
 * config/scripts.h - what could be run in a project, from the manifests of every language
 *
 * A manifest is a row of the table in discover_scripts.c and a function in a discover_*.c: it reads a text and offers
 * scripts. Nothing here starts by itself, so what is wrong with a manifest is a warning, and never stands in the way of
 * a configuration.
 */

/*
 * Read every manifest of a project that is there but package.json, and those of the folders it names, JavaScript's too.
 * finding->source and ->prefix do not count. *kinds has a bit for every kind that is there, that of KIND_NPM when the
 * project says where its packages are. Returns how many manifests there are, or -ENOMEM.
 */
#define KIND_NPM    (1u << 31)
#define KIND_DOTNET (1u << 30)
int scripts_discover(const struct finding *finding, uint32_t *kinds);

/* The same with package.json, but for some kinds: a bit of each. */
int scripts_discover_all(const struct finding *finding, uint32_t but);

/*
 * What lies in the folders of a project, which has manifests of these kinds itself: a folder of its own, or one in a
 * folder without any where the project has none either. Returns how many manifests there are, or -ENOMEM.
 */
int below_discover(const struct finding *finding, uint32_t kinds);

/* The nth name of a file that scripts_discover() looks for, or its end as "*.sln"; NULL after the last. */
const char *scripts_file(size_t n);

#define SCRIPT_WORDS_MAX 8

/* What a manifest offers. */
struct script {
	const char *name;
	const char *key;     /* in the manifest; NULL: the name */
	const char *manager; /* NULL: none */
	const char *dir;     /* absolute, or relative to the finding's; NULL: that itself */
	const char *command; /* for the shell; NULL: the words */
	const char *words[SCRIPT_WORDS_MAX + 1];
	char *const *argv; /* instead of the words; NULL: those */
	char *const *env;  /* NULL: none */
	bool tty;
	uint32_t line; /* in the manifest; 0: not known */
};

/*
 * Append it. A name that no process can have is a warning, as is anything after SCRIPTS_MAX of all. 0, -ENOMEM.
 */
#define SCRIPTS_MAX 8192u
int script_add(const struct finding *to, const struct script *script);

/* The same for a name and the words of its command, which end with NULL. */
__attribute__((sentinel)) int script_add_words(const struct finding *to, const char *name, ...);

/* Is there a file, of any kind, relative to the project? */
bool script_has_file(const struct finding *finding, const char *file);

/*
 * Read a file below the project, of at most SCRIPT_BYTES_MAX, as text. What is wrong is reported as a warning. -ENOENT:
 * it is not there or cannot be used; -ENOMEM.
 */
#define SCRIPT_BYTES_MAX (4u * 1024u * 1024u)
int script_read_text(const struct finding *finding, const char *file, struct text *out);

/* The same as TOML, or as JSON with or without comments: a new reference. The text is to be finished after the toml. */
int script_read_toml(const struct finding *finding, const char *file, struct text *text, struct toml *out);
int script_read_json(const struct finding *finding, const char *file, json_t **out);

/*
 * "FILE:LINE:COLUMN: KEY is KIND, expected WANTED" as a warning, for a value of another type. The key is one of a
 * table; in JSON of the whole, or of its member `outer` (NULL: of the whole).
 */
void script_wrong_type(const struct finding *finding, const json_t *table, const char *outer, const char *key,
		       const json_t *value, const char *wanted);

/* A member of an object; one of another type is a warning and NULL. NULL is accepted as the object. */
const json_t *script_object(const struct finding *finding, const json_t *object, const char *key);

/* Move the errors of one report to the warnings of another. */
void report_demote(struct report *from, struct report *to);

/*
 * The next line of a text from *at on, which moves behind it: without its end, copied into line[size] and cut to it.
 * False at the end.
 */
bool script_line(const struct text *text, size_t *at, char *line, size_t size);

/* The readers. */
int make_read(struct text *text, const struct finding *finding);
int just_read(struct text *text, const struct finding *finding);
int task_read(struct text *text, const struct finding *finding);
int cargo_read(struct text *text, const struct finding *finding);
int go_read(struct text *text, const struct finding *finding);
int python_read(struct text *text, const struct finding *finding);
int django_read(struct text *text, const struct finding *finding);
int rails_read(struct text *text, const struct finding *finding);
int rake_read(struct text *text, const struct finding *finding);
int composer_read(struct text *text, const struct finding *finding);
int artisan_read(struct text *text, const struct finding *finding);
int maven_read(struct text *text, const struct finding *finding);
int gradle_read(struct text *text, const struct finding *finding);
int flutter_read(struct text *text, const struct finding *finding);
int deno_read(struct text *text, const struct finding *finding);
int vscode_tasks_read(struct text *text, const struct finding *finding);
int vscode_launch_read(struct text *text, const struct finding *finding);
extern const char *const workspaces_files[];        /* NULL-terminated: that name packages, beside package.json */
extern const char *const dotnet_files[];            /* the same: of .NET, where there is anything of it */
int workspaces_find(const struct finding *finding); /* of npm's kind: 0, -ENOMEM */
int compose_hint(const struct finding *finding);    /* a warning that names its services: 0, -ENOMEM */
int dotnet_find(const struct finding *finding);     /* how many projects, -ENOMEM */

#endif
