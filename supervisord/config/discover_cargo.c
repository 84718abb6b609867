/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config/folders.h"
#include "config/ignore.h"
#include "config/scripts.h"

/* Cargo.toml: the programs and examples of a package, and of the members of its workspace. */

/* A package on its way. */
struct crate {
	struct finding to;
	const char *path; /* below the project; "" for its own */
	const char *name; /* of the package */
	bool is_member;
};

struct members {
	const struct finding *finding;
	const json_t *exclude;
};

static int add_run(const struct crate *crate, const char *kind, const char *name)
{
	char script[BRM_NAME_MAX + 16];

	snprintf(script, sizeof script, "%s%s", strcmp(kind, "--example") == 0 ? "example:" : "", name);
	if (crate->is_member)
		return script_add_words(&crate->to, script, "cargo", "run", "-p", crate->name, kind, name, NULL);
	return script_add_words(&crate->to, script, "cargo", "run", kind, name, NULL);
}

/* A name that the manifest declares: its file need not be where files are found. */
static bool is_declared(const json_t *list, const char *name)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		const char *declared = json_text(entry, "name");

		if (declared && strcmp(declared, name) == 0)
			return true;
	}
	return false;
}

static int add_declared(const struct crate *crate, const json_t *list, const char *kind)
{
	const json_t *entry;
	size_t i;
	int result = 0;

	json_array_foreach(list, i, entry)
	{
		const char *name = json_text(entry, "name");

		if (name && result == 0)
			result = add_run(crate, kind, name);
	}
	return result;
}

static const char *below(const struct crate *crate, const char *path, char out[PATH_MAX])
{
	if (snprintf(out, PATH_MAX, "%s%s%s", crate->path, *crate->path ? "/" : "", path) >= PATH_MAX)
		out[0] = '\0';
	return out;
}

struct folder_programs {
	const struct crate *crate;
	const json_t *declared;
	const char *kind;
};

static int add_found(const struct folder_programs *programs, const char *name, size_t length)
{
	char copy[NAME_MAX + 1];

	snprintf(copy, sizeof copy, "%.*s", (int)length, name);
	return is_declared(programs->declared, copy) ? 0 : add_run(programs->crate, programs->kind, copy);
}

static int add_folder(void *arg, const char *path)
{
	const struct folder_programs *programs = arg;
	const char *name = strrchr(path, '/') + 1;
	char main_file[PATH_MAX];

	if (snprintf(main_file, sizeof main_file, "%s/main.rs", path) >= (int)sizeof main_file ||
	    !script_has_file(&programs->crate->to, main_file))
		return 0;
	return add_found(programs, name, strlen(name));
}

/* FOLDER/NAME.rs and FOLDER/NAME/main.rs */
static int find_programs(const struct crate *crate, const char *folder, const char *kind, const json_t *declared)
{
	struct folder_programs programs = {crate, declared, kind};
	char path[PATH_MAX], pattern[PATH_MAX + 2];
	char **files = folder_files(crate->to.dir_fd, below(crate, folder, path));
	int result = files ? 0 : -ENOMEM;

	for (size_t i = 0; files && files[i] && result == 0; i++) {
		size_t length = strlen(files[i]);

		if (length > 3 && strcmp(files[i] + length - 3, ".rs") == 0)
			result = add_found(&programs, files[i], length - 3);
	}
	list_free(files);
	snprintf(pattern, sizeof pattern, "%s/*", path);
	return result == 0 ? folders_match(crate->to.dir_fd, pattern, add_folder, &programs, crate->to.report) : result;
}

static int add_package(struct crate *crate, const json_t *root)
{
	const json_t *package = script_object(&crate->to, root, "package");
	const json_t *bins = json_object_get(root, "bin"), *examples = json_object_get(root, "example");
	char path[PATH_MAX];
	int result;

	crate->name = json_text(package, "name");
	if (!crate->name)
		return 0;
	if (crate->is_member)
		crate->to.prefix = crate->name;
	result = add_declared(crate, bins, "--bin");
	if (result == 0 && !json_is_false(json_object_get(package, "autobins"))) {
		if (script_has_file(&crate->to, below(crate, "src/main.rs", path)) && json_array_size(bins) == 0)
			result = add_run(crate, "--bin", crate->name);
		if (result == 0)
			result = find_programs(crate, "src/bin", "--bin", bins);
	}
	if (result == 0)
		result = add_declared(crate, examples, "--example");
	if (result == 0 && !json_is_false(json_object_get(package, "autoexamples")))
		result = find_programs(crate, "examples", "--example", examples);
	return result;
}

static bool is_excluded(const json_t *exclude, const char *path)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(exclude, i, entry)
	{
		const char *pattern = json_string_value(entry);

		if (pattern && glob_match(pattern, path))
			return true;
	}
	return false;
}

static int add_member(void *arg, const char *path)
{
	const struct members *members = arg;
	struct crate crate = {.to = *members->finding, .path = path, .is_member = true};
	char file[PATH_MAX];
	struct text text;
	struct toml toml;
	int result;

	if (!*path || is_excluded(members->exclude, path) ||
	    snprintf(file, sizeof file, "%s/Cargo.toml", path) >= (int)sizeof file)
		return 0;
	crate.to.source = file;
	crate.to.toml = &toml;
	result = script_read_toml(&crate.to, file, &text, &toml);
	if (result != 0)
		return result == -ENOENT ? 0 : result;
	result = add_package(&crate, toml.root);
	toml_finish(&toml);
	text_finish(&text);
	return result;
}

static int add_members(const struct finding *finding, const json_t *workspace)
{
	struct members members = {finding, json_object_get(workspace, "exclude")};
	const json_t *list = json_object_get(workspace, "members"), *entry;
	size_t i;
	int result = 0;

	json_array_foreach(list, i, entry)
	{
		if (!json_is_string(entry))
			script_wrong_type(finding, workspace, NULL, "members", entry, "paths in the list");
		else if (result == 0)
			result = folders_match(finding->dir_fd, json_string_value(entry), add_member, &members,
					       finding->report);
	}
	return result;
}

int cargo_read(struct text *text, const struct finding *finding)
{
	struct crate crate = {.to = *finding, .path = ""};
	struct toml toml;
	int result = toml_parse(text, &toml, finding->report);

	crate.to.toml = &toml;

	if (result != 0)
		return result;
	result = add_package(&crate, toml.root);
	if (result == 0)
		result = add_members(&crate.to, script_object(&crate.to, toml.root, "workspace"));
	toml_finish(&toml);
	return result;
}
