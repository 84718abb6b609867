/* SPDX-License-Identifier: MIT */
#include "config/import_supervisord.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX      256u
#define FILE_BYTES_MAX (1024u * 1024u)

/* A file and what it includes. */
struct super {
	const struct finding *finding;
	struct text texts[FILES_MAX];
	struct ini inis[FILES_MAX];
	char *paths[FILES_MAX];
	size_t count;
	struct super_program *programs; /* in the order of their priorities */
	size_t program_count;
	const struct ini_section *globals;
};

/* Sections of the program itself, and of its tools. */
static const char *const not_needed[] = {"unix_http_server", "inet_http_server", "supervisorctl",
					 "ctlplugin:",       "rpcinterface:",    "include",
					 "supervisord",      "group:",           "program:"};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static int read_included(struct super *super, const char *path)
{
	struct report *report = super->finding->report;
	struct text *text = &super->texts[super->count];
	int result;

	super->paths[super->count] = strdup(path);
	if (!super->paths[super->count])
		return -ENOMEM;
	result = text_read(AT_FDCWD, super->paths[super->count], FILE_BYTES_MAX, text, report);
	if (result != 0) {
		free(super->paths[super->count]);
		return result == -ENOMEM ? result : 0;
	}
	result = ini_parse(text, &super->inis[super->count], report);
	super->count++;
	return result == -ENOMEM ? result : 0;
}

/* One pattern of [include] files. */
static int include(struct super *super, const char *pattern)
{
	char path[PATH_MAX];
	glob_t found = {0};
	int result = 0;

	snprintf(path, sizeof path, "%s%s%s", *pattern == '/' ? "" : super->finding->dir, *pattern == '/' ? "" : "/",
		 pattern);
	if (glob(path, 0, NULL, &found) != 0) {
		report_warning(super->finding->report, "%s: include: there is no %s", super->finding->source, pattern);
		globfree(&found);
		return 0;
	}
	for (size_t i = 0; i < found.gl_pathc && result == 0; i++) {
		if (super->count == FILES_MAX) {
			report_error(super->finding->report, "%s: too many files are included, expected at most %u",
				     super->finding->source, FILES_MAX - 1);
			break;
		}
		result = read_included(super, found.gl_pathv[i]);
	}
	globfree(&found);
	return result;
}

/* The last section of a name in the file itself. */
static const struct ini_section *section_of(const struct ini *ini, const char *name)
{
	for (size_t i = ini->count; i-- > 0;)
		if (strcmp(ini->sections[i].name, name) == 0)
			return &ini->sections[i];
	return NULL;
}

static int read_includes(struct super *super)
{
	const char *files = ini_get(section_of(&super->inis[0], "include"), "files");
	struct super_names names = {.program = "", .group = "", .here = super->finding->dir, .number = -1};
	char *expanded = files ? super_expand(&names, files) : NULL;
	char **patterns = expanded ? words_split(expanded) : NULL;
	int result = 0;

	if (files && !expanded)
		report_error(super->finding->report, "%s: include: %s", super->finding->source, names.wrong);
	for (size_t i = 0; patterns && patterns[i] && result == 0; i++)
		result = include(super, patterns[i]);
	list_free(patterns);
	free(expanded);
	return result;
}

/* The [group:x] that names a program, or "". */
static const char *group_of(const struct super *super, const char *program)
{
	for (size_t i = 0; i < super->count; i++) {
		for (size_t j = 0; j < super->inis[i].count; j++) {
			const struct ini_section *section = &super->inis[i].sections[j];
			const char *programs = begins(section->name, "group:") ? ini_get(section, "programs") : NULL;
			const char *at = programs ? strstr(programs, program) : NULL;
			size_t length = strlen(program);

			if (at && (at == programs || strchr(", \t", at[-1])) &&
			    (!at[length] || strchr(", \t", at[length])))
				return section->name + strlen("group:");
		}
	}
	return "";
}

static void check_section(const struct super *super, size_t file, const struct ini_section *section)
{
	char place[TEXT_PLACE_MAX];

	text_place(&super->texts[file], section->offset, place);
	for (size_t i = 0; i < sizeof not_needed / sizeof *not_needed; i++)
		if (begins(section->name, not_needed[i]))
			return;
	report_warning(super->finding->report, "%s: [%s] is not honoured, expected [program:NAME]", place,
		       section->name);
}

/* Put a program where its priority has it, behind those of the same. */
static int take_program(struct super *super, size_t file, const struct ini_section *section)
{
	const char *priority = ini_get(section, "priority");
	struct super_program program = {.finding = super->finding,
					.text = &super->texts[file],
					.section = section,
					.globals = super->globals,
					.group = group_of(super, section->name + strlen("program:")),
					.priority = priority ? strtol(priority, NULL, 10) : 999};
	struct super_program *grown = realloc(super->programs, (super->program_count + 1) * sizeof *grown);
	size_t at = super->program_count;

	if (!grown)
		return -ENOMEM;
	super->programs = grown;
	for (; at > 0 && grown[at - 1].priority > program.priority; at--)
		grown[at] = grown[at - 1];
	grown[at] = program;
	super->program_count++;
	return 0;
}

static void check_globals(const struct super *super)
{
	for (size_t i = 0; super->globals && i < super->globals->count; i++)
		import_key_is_good(supervisord_globals, super->globals->keys[i].key, super->finding->source,
				   "supervisord", super->finding->report);
}

static int take_sections(struct super *super)
{
	int result = 0;

	super->globals = section_of(&super->inis[0], "supervisord");
	check_globals(super);
	for (size_t i = 0; i < super->count; i++) {
		for (size_t j = 0; j < super->inis[i].count && result == 0; j++) {
			const struct ini_section *section = &super->inis[i].sections[j];

			if (begins(section->name, "program:") && section->name[8])
				result = take_program(super, i, section);
			else
				check_section(super, i, section);
		}
	}
	return result;
}

int supervisord_read(struct text *text, const struct finding *finding)
{
	struct super *super = calloc(1, sizeof *super);
	int result;

	if (!super)
		return -ENOMEM;
	super->finding = finding;
	result = ini_parse(text, &super->inis[0], finding->report);
	super->texts[0] = *text;
	super->count = 1;
	if (result != -ENOMEM)
		result = read_includes(super);
	if (result == 0)
		result = take_sections(super);
	for (size_t i = 0; i < super->program_count && result == 0; i++)
		result = super_add(&super->programs[i]);
	for (size_t i = 0; i < super->count; i++) {
		ini_finish(&super->inis[i]);
		free(super->paths[i]);
		if (i > 0)
			text_finish(&super->texts[i]);
	}
	free(super->programs);
	free(super);
	return result;
}
