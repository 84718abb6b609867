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

int scripts_discover(const struct finding *finding)
{
	int found = 0, result = workspaces_find(finding);

	for (size_t i = 0; i < COUNT(manifests) && result == 0; i++) {
		const char *file = file_of(&manifests[i], finding);

		if (!file)
			continue;
		found++;
		result = read_manifest(&manifests[i], file, finding);
	}
	if (result == 0)
		result = compose_hint(finding);
	if (result == 0)
		result = dotnet_find(finding);
	return result < 0 ? result : found + result;
}
