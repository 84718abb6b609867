/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "config/folders.h"
#include "config/scripts.h"

/* .NET: projects that are programs, and the profiles of their launchSettings.json. */

/* In a project's file these make a program of it. */
static const char *const signs[] = {"<OutputType>Exe<",
				    "<OutputType>WinExe<",
				    "Sdk=\"Microsoft.NET.Sdk.Web\"",
				    "Sdk=\"Microsoft.NET.Sdk.Worker\"",
				    "Sdk=\"Microsoft.NET.Sdk.BlazorWebAssembly\"",
				    "Sdk=\"Aspire.AppHost.Sdk"};

/* Where there are projects at all, one of these is in the project's own folder. */
const char *const dotnet_files[] = {"*.sln", "*.slnx", "*.csproj", "*.fsproj", "*.vbproj", NULL};

static const char *const places[] = {".", "*", "*/*"};

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define PROJECTS     2u /* from here on the endings are those of projects */

struct search {
	const struct finding *to;
	int found;
};

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length > end_length && strcmp(text + length - end_length, end) == 0;
}

static bool is_one_of(const char *file, size_t first)
{
	for (size_t i = first; dotnet_files[i]; i++)
		if (ends_with(file, dotnet_files[i] + 1))
			return true;
	return false;
}

static bool is_program(const struct text *text)
{
	for (size_t i = 0; i < COUNT(signs); i++)
		if (memmem(text->bytes, text->length, signs[i], strlen(signs[i])))
			return true;
	return false;
}

/* "PROJECT:PROFILE" for every profile that runs the project itself. */
static int add_profiles(const struct finding *to, const char *project, const char *name, const char *settings)
{
	struct finding own = *to;
	const char *profile;
	json_t *json, *value;
	int result = script_read_json(&own, settings, &json);

	if (result != 0)
		return result == -ENOENT ? 0 : result;
	own.source = settings;
	json_object_foreach((json_t *)script_object(&own, json, "profiles"), profile, value)
	{
		const char *command = json_text(value, "commandName");
		char whole[BRM_NAME_MAX + 1];

		if (!command || strcmp(command, "Project") != 0 || result != 0)
			continue;
		snprintf(whole, sizeof whole, "%s:%s", name, profile);
		result = script_add_words(&own, whole, "dotnet", "run", "--project", project, "--launch-profile",
					  profile, NULL);
	}
	json_decref(json);
	return result;
}

static int add_project(struct search *search, const char *path, const char *file)
{
	struct finding own = *search->to;
	char project[PATH_MAX], settings[PATH_MAX], name[NAME_MAX + 1];
	struct text text;
	int result = 0;

	if (snprintf(project, sizeof project, "%s%s%s", path, *path ? "/" : "", file) >= (int)sizeof project ||
	    snprintf(settings, sizeof settings, "%s%sProperties/launchSettings.json", path, *path ? "/" : "") >=
		    (int)sizeof settings ||
	    script_read_text(search->to, project, &text) != 0)
		return 0;
	snprintf(name, sizeof name, "%.*s", (int)(strrchr(file, '.') - file), file);
	own.source = project;
	own.prefix = "dotnet";
	search->found++;
	if (is_program(&text))
		result = script_add_words(&own, name, "dotnet", "run", "--project", project, NULL);
	if (is_program(&text) && result == 0)
		result = add_profiles(&own, project, name, settings);
	text_finish(&text);
	return result;
}

static int add_folder(void *arg, const char *path)
{
	struct search *search = arg;
	char **files = folder_files(search->to->dir_fd, path);
	int result = files ? 0 : -ENOMEM;

	for (size_t i = 0; files && files[i] && result == 0; i++)
		if (is_one_of(files[i], PROJECTS))
			result = add_project(search, path, files[i]);
	list_free(files);
	return result;
}

int dotnet_find(const struct finding *finding)
{
	struct search search = {.to = finding};
	char **files = folder_files(finding->dir_fd, "");
	int result = files ? 0 : -ENOMEM;
	bool is_dotnet = false;

	for (size_t i = 0; files && files[i]; i++)
		is_dotnet = is_dotnet || is_one_of(files[i], 0);
	list_free(files);
	for (size_t i = 0; is_dotnet && i < COUNT(places) && result == 0; i++)
		result = folders_match(finding->dir_fd, places[i], add_folder, &search, finding->report);
	return result < 0 ? result : search.found;
}
