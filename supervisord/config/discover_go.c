/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/folders.h"
#include "config/scripts.h"

/* go.mod: every package main of the module that is not deep in it. */

/* Where programs are kept: every folder near the top, and one more below cmd. */
static const char *const places[] = {".", "*", "*/*", "cmd/*/*"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct module {
	const struct finding *to;
	const char *name; /* of the program in the module's own folder */
};

static const char *skip_blanks(const char *p, const char *end)
{
	while (p < end && isspace((unsigned char)*p))
		p++;
	return p;
}

/* Behind the comments at the beginning; *ignored: one of them says that the file belongs to no package. */
static const char *skip_comments(const char *p, const char *end, bool *ignored)
{
	static const char tag[] = "//go:build ignore";

	for (p = skip_blanks(p, end); end - p > 1 && p[0] == '/'; p = skip_blanks(p, end)) {
		const char *stop = p[1] == '/' ? memchr(p, '\n', (size_t)(end - p))
					       : memmem(p + 2, (size_t)(end - p) - 2, "*/", 2);

		*ignored = *ignored || ((size_t)(end - p) >= sizeof tag - 1 && memcmp(p, tag, sizeof tag - 1) == 0);
		if (!stop)
			return end;
		p = stop + (p[1] == '/' ? 1 : 2);
	}
	return p;
}

/* 1 for a file of package main, 0 for one of another, -1 when it says nothing. */
static int is_main(const struct text *text)
{
	const char *end = text->bytes + text->length;
	bool ignored = false;
	const char *p = skip_comments(text->bytes, end, &ignored);

	if (ignored || end - p < 8 || memcmp(p, "package", 7) != 0)
		return -1;
	p = skip_blanks(p + 7, end);
	return end - p >= 4 && memcmp(p, "main", 4) == 0 && (end - p == 4 || !isalnum((unsigned char)p[4]));
}

static bool is_source(const char *name)
{
	size_t length = strlen(name);

	return length > 3 && strcmp(name + length - 3, ".go") == 0 && name[0] != '_' &&
	       !(length > 8 && strcmp(name + length - 8, "_test.go") == 0);
}

/* Do the files of a folder make a program? One that says is enough. */
static bool has_main(const struct finding *finding, const char *path, char *const *files)
{
	for (size_t i = 0; files[i]; i++) {
		char file[PATH_MAX];
		struct text text;
		int verdict;

		if (!is_source(files[i]) ||
		    snprintf(file, sizeof file, "%s%s%s", path, *path ? "/" : "", files[i]) >= (int)sizeof file ||
		    script_read_text(finding, file, &text) != 0)
			continue;
		verdict = is_main(&text);
		text_finish(&text);
		if (verdict >= 0)
			return verdict == 1;
	}
	return false;
}

static bool is_other_module(const char *path, char *const *files)
{
	for (size_t i = 0; files[i]; i++)
		if (strcmp(files[i], "go.mod") == 0)
			return *path != '\0';
	return false;
}

static int add_folder(void *arg, const char *path)
{
	const struct module *module = arg;
	const char *base = strrchr(path, '/');
	char **files, package[PATH_MAX + 2];
	int result = 0;

	base = *path ? (base ? base + 1 : path) : module->name;
	if (strcmp(base, "testdata") == 0 || strncmp(path, "vendor", 6) == 0)
		return 0;
	files = folder_files(module->to->dir_fd, path);
	if (!files)
		return -ENOMEM;
	snprintf(package, sizeof package, *path ? "./%s" : ".%s", path);
	if (!is_other_module(path, files) && has_main(module->to, path, files))
		result = script_add_words(module->to, base, "go", "run", package, NULL);
	list_free(files);
	return result;
}

/* The last element of the module's path, but a version. */
static void module_name(const struct text *text, char *out, size_t size)
{
	char line[1024], *slash;
	size_t at = 0;

	snprintf(out, size, "main");
	while (script_line(text, &at, line, sizeof line)) {
		char *path = line + strspn(line, " \t");

		if (strncmp(path, "module", 6) != 0 || !isspace((unsigned char)path[6]))
			continue;
		path += 6 + strspn(path + 6, " \t\"");
		path[strcspn(path, " \t\"\r")] = '\0';
		slash = strrchr(path, '/');
		if (slash && slash[1] == 'v' && isdigit((unsigned char)slash[2]))
			*slash = '\0';
		slash = strrchr(path, '/');
		if (*path)
			snprintf(out, size, "%s", slash ? slash + 1 : path);
		return;
	}
}

int go_read(struct text *text, const struct finding *finding)
{
	char name[BRM_NAME_MAX];
	struct module module = {finding, name};
	int result = 0;

	module_name(text, name, sizeof name);
	if (script_has_file(finding, ".air.toml")) /* builds and runs it anew whenever a file changes */
		result = script_add_words(finding, "air", "air", NULL);
	for (size_t i = 0; i < COUNT(places) && result == 0; i++)
		result = folders_match(finding->dir_fd, places[i], add_folder, &module, finding->report);
	return result;
}
