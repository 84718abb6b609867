/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/scripts.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Every manifest with a name of its own, in the order in which scripts are listed. Of several names the first is read.
 */
static const struct manifest {
	const char *files[4];
	const char *prefix; /* of names that are taken */
	int (*read)(struct text *text, const struct finding *finding);
} manifests[] = {
	{{"GNUmakefile", "makefile", "Makefile"}, "make", make_read},
	{{"justfile", "Justfile", ".justfile"}, "just", just_read},
	{{"Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "Taskfile.dist.yml"}, "task", task_read},
	{{"Cargo.toml"}, "cargo", cargo_read},
	{{"go.mod"}, "go", go_read},
	{{"pyproject.toml"}, "python", python_read},
	{{"manage.py"}, "django", django_read},
	{{"bin/rails"}, "rails", rails_read},
	{{"Rakefile", "rakefile", "Rakefile.rb"}, "rake", rake_read},
	{{"composer.json"}, "composer", composer_read},
	{{"artisan"}, "artisan", artisan_read},
	{{"pom.xml"}, "maven", maven_read},
	{{"build.gradle.kts", "build.gradle", "settings.gradle.kts", "settings.gradle"}, "gradle", gradle_read},
	{{"pubspec.yaml"}, "flutter", flutter_read},
	{{"deno.json", "deno.jsonc"}, "deno", deno_read},
	{{".vscode/tasks.json"}, "vscode", vscode_tasks_read},
	{{".vscode/launch.json"}, "launch", vscode_launch_read},
};

/* The file of a manifest that is there, or NULL. */
static const char *file_of(const struct manifest *manifest, const struct finding *finding)
{
	for (size_t i = 0; i < COUNT(manifest->files) && manifest->files[i]; i++)
		if (script_has_file(finding, manifest->files[i]))
			return manifest->files[i];
	return NULL;
}

static int read_manifest(const struct manifest *manifest, const char *file, const struct finding *finding)
{
	struct finding own = *finding;
	struct report report = {0};
	struct text text;
	int result;

	own.source = file;
	own.prefix = manifest->prefix;
	own.report = &report;
	result = script_read_text(&own, file, &text);
	if (result == 0) {
		result = text_check(&text, &report) == 0 ? manifest->read(&text, &own) : 0;
		text_finish(&text);
	}
	report_demote(&report, finding->report);
	return result == -ENOMEM ? result : 0;
}

/* A file among the first of a list that is there, or NULL. */
static const char *first_of(const struct finding *finding, const char *const *files)
{
	while (*files && !script_has_file(finding, *files))
		files++;
	return *files;
}

/* Those of the table. Returns how many there are, or -ENOMEM. */
static int read_manifests(const struct finding *finding, uint32_t but, uint32_t *kinds)
{
	int found = 0, result = 0;

	for (size_t i = 0; i < COUNT(manifests) && result == 0; i++) {
		const char *file = but >> i & 1 ? NULL : file_of(&manifests[i], finding);

		if (!file)
			continue;
		found++;
		*kinds |= 1u << i;
		result = read_manifest(&manifests[i], file, finding);
	}
	return result < 0 ? result : found;
}

static int read_packages(const struct finding *finding, uint32_t *kinds)
{
	int result = workspaces_find(finding);

	if (result < 0 || !first_of(finding, workspaces_files))
		return result;
	*kinds |= KIND_NPM;
	return 1;
}

static int read_dotnet(const struct finding *finding, uint32_t *kinds)
{
	int found = dotnet_find(finding);

	*kinds |= found > 0 ? KIND_DOTNET : 0;
	return found;
}

static int discover_but(const struct finding *finding, uint32_t but, uint32_t *kinds)
{
	int packages = but & KIND_NPM ? 0 : read_packages(finding, kinds);
	int found = packages < 0 ? packages : read_manifests(finding, but, kinds), result, projects;

	if (found < 0)
		return found;
	result = compose_hint(finding);
	projects = result < 0 ? result : but & KIND_DOTNET ? 0 : read_dotnet(finding, kinds);
	return projects < 0 ? projects : packages + found + projects;
}

int scripts_discover(const struct finding *finding, uint32_t *kinds)
{
	*kinds = 0;
	return discover_but(finding, 0, kinds);
}

int scripts_discover_all(const struct finding *finding, uint32_t but)
{
	static const struct manifest npm = {{"package.json"}, "npm", npm_read};
	bool has_package = !(but & KIND_NPM) && file_of(&npm, finding);
	int result = has_package ? read_manifest(&npm, npm.files[0], finding) : 0, found;
	uint32_t kinds = 0;

	found = result < 0 ? result : discover_but(finding, but, &kinds);
	return found < 0 ? found : found + has_package;
}

const char *scripts_file(size_t n)
{
	const char *const *rest[] = {workspaces_files, dotnet_files};

	for (size_t i = 0; i < COUNT(manifests); i++)
		for (size_t k = 0; k < COUNT(manifests->files) && manifests[i].files[k]; k++)
			if (n-- == 0)
				return manifests[i].files[k];
	for (size_t i = 0; i < COUNT(rest); i++)
		for (const char *const *file = rest[i]; *file; file++)
			if (n-- == 0)
				return *file;
	return NULL;
}
