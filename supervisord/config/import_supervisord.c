/* SPDX-License-Identifier: MIT */
#include "config/import_supervisord.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/units.h"

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
	uint64_t open_files; /* of globals */
};

/* Sections of the program itself, and of its tools. */
static const char *const not_needed[] = {"unix_http_server", "inet_http_server", "supervisorctl", "ctlplugin:",
					 "rpcinterface:",    "include",          "supervisord"};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static int read_included(struct super *super, const char *path)
{
	struct report *report = super->finding->report;
	struct text *text = &super->texts[super->count];
	size_t length = strlen(super->finding->dir);
	char *own = strdup(path);
	int result;

	if (!own)
		return -ENOMEM;
	result = text_read(AT_FDCWD, own, FILE_BYTES_MAX, text, report);
	if (result != 0) {
		free(own);
		return result == -ENOMEM ? result : 0;
	}
	super->paths[super->count] = own;
	if (strncmp(own, super->finding->dir, length) == 0 && own[length] == '/')
		text->file = own + length + 1; /* as messages call it */
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
	else if (files && !patterns)
		report_error(super->finding->report, "%s: include: a quote is not closed, expected another one",
			     super->finding->source);
	for (size_t i = 0; patterns && patterns[i] && result == 0; i++)
		result = include(super, patterns[i]);
	list_free(patterns);
	free(expanded);
	return result;
}

#define SEPARATORS ", \t\r\n"

/* Is it one of the words of a list? */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word), own;

	for (list += strspn(list, SEPARATORS); *list; list += own + strspn(list + own, SEPARATORS)) {
		own = strcspn(list, SEPARATORS);
		if (own == length && strncmp(list, word, length) == 0)
			return true;
	}
	return false;
}

/* The section KIND:NAME of any file, or NULL. */
static const struct ini_section *find_section(const struct super *super, const char *kind, const char *name)
{
	for (size_t i = 0; i < super->count; i++) {
		for (size_t j = 0; j < super->inis[i].count; j++) {
			const struct ini_section *section = &super->inis[i].sections[j];

			if (begins(section->name, kind) && strcmp(section->name + strlen(kind), name) == 0)
				return section;
		}
	}
	return NULL;
}

/* The [group:x] that names a program, or "". */
static const char *group_of(const struct super *super, const char *program)
{
	for (size_t i = 0; i < super->count; i++) {
		for (size_t j = 0; j < super->inis[i].count; j++) {
			const struct ini_section *section = &super->inis[i].sections[j];
			const char *programs = begins(section->name, "group:") ? ini_get(section, "programs") : NULL;

			if (programs && has_word(programs, program))
				return section->name + strlen("group:");
		}
	}
	return "";
}

/* A group is a label: its place among the others has no meaning here. */
static void check_group_keys(const struct super *super, size_t file, const struct ini_section *section)
{
	char place[TEXT_PLACE_MAX];

	for (size_t i = 0; i < section->count; i++)
		if (strcmp(section->keys[i].key, "programs") != 0)
			report_warning(super->finding->report, "%s: [%s]: %s is not honoured, programs have their own",
				       text_place(&super->texts[file], section->keys[i].offset, place), section->name,
				       section->keys[i].key);
}

/* What a group names must be there. */
static int check_group(const struct super *super, size_t file, const struct ini_section *section)
{
	const struct ini_key *programs = ini_find(section, "programs");
	char *copy = programs ? strdup(programs->value) : NULL, *rest = NULL, place[TEXT_PLACE_MAX];
	bool any = false;

	if (programs && !copy)
		return -ENOMEM;
	text_place(&super->texts[file], programs ? programs->offset : section->offset, place);
	for (char *word = copy ? strtok_r(copy, SEPARATORS, &rest) : NULL; word;
	     word = strtok_r(NULL, SEPARATORS, &rest)) {
		any = true;
		if (!find_section(super, "program:", word) && !find_section(super, "fcgi-program:", word))
			report_error(super->finding->report, "%s: [%s] names %s, expected a [program:%s]", place,
				     section->name, word, word);
	}
	if (!any)
		report_error(super->finding->report, "%s: [%s] has no programs, expected programs = NAME, ...", place,
			     section->name);
	free(copy);
	check_group_keys(super, file, section);
	return 0;
}

static int check_section(const struct super *super, size_t file, const struct ini_section *section)
{
	char place[TEXT_PLACE_MAX];

	if (begins(section->name, "group:"))
		return check_group(super, file, section);
	for (size_t i = 0; i < sizeof not_needed / sizeof *not_needed; i++)
		if (begins(section->name, not_needed[i]))
			return 0;
	report_warning(super->finding->report, "%s: [%s] is not honoured, expected [program:NAME]",
		       text_place(&super->texts[file], section->offset, place), section->name);
	return 0;
}

/* Put a program where its priority has it, behind those of the same. */
static int take_program(struct super *super, size_t file, const struct ini_section *section)
{
	struct super_program program = {.finding = super->finding,
					.text = &super->texts[file],
					.section = section,
					.globals = super->globals,
					.open_files = super->open_files,
					.group = group_of(super, section->name + strlen("program:"))};
	struct super_program *grown = realloc(super->programs, (super->program_count + 1) * sizeof *grown);
	size_t at = super->program_count;

	if (!grown)
		return -ENOMEM;
	program.priority = super_priority(&program);
	super->programs = grown;
	for (; at > 0 && grown[at - 1].priority > program.priority; at--)
		grown[at] = grown[at - 1];
	grown[at] = program;
	super->program_count++;
	return 0;
}

/* How many files each process may have open. */
static int read_minfds(struct super *super)
{
	const struct ini_key *key = ini_find(super->globals, "minfds");
	struct super_names names = {.program = "", .group = "", .here = super->finding->dir, .number = -1};
	char *text = key ? super_expand(&names, key->value) : NULL, place[TEXT_PLACE_MAX];

	if (key && !text && errno == ENOMEM)
		return -ENOMEM;
	if (key && (!text || units_count(text, 1, 1u << 30, &super->open_files) != 0))
		report_error(super->finding->report, "%s: minfds is %s, expected a number",
			     text_place(&super->texts[0], key->offset, place), key->value);
	free(text);
	return 0;
}

static void check_globals(const struct super *super)
{
	char place[TEXT_PLACE_MAX];

	for (size_t i = 0; super->globals && i < super->globals->count; i++) {
		text_place(&super->texts[0], super->globals->keys[i].offset, place);
		import_key_is_good(supervisord_globals, super->globals->keys[i].key, place, "supervisord",
				   super->finding->report);
	}
}

static int take_sections(struct super *super)
{
	int result;

	super->globals = section_of(&super->inis[0], "supervisord");
	check_globals(super);
	result = read_minfds(super);
	for (size_t i = 0; i < super->count; i++) {
		for (size_t j = 0; j < super->inis[i].count && result == 0; j++) {
			const struct ini_section *section = &super->inis[i].sections[j];

			result = begins(section->name, "program:") ? take_program(super, i, section)
								   : check_section(super, i, section);
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
