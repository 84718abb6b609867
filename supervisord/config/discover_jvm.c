/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "config/scripts.h"

/* Maven and Gradle: the goals and tasks that run something, by the plugins that a build names. */

struct plugin {
	const char *text; /* in the build's file */
	const char *task; /* what runs, and the script's name */
};

static const struct plugin maven_plugins[] = {
	{"spring-boot-maven-plugin", "spring-boot:run"},
	{"quarkus-maven-plugin", "quarkus:dev"},
	{"jetty-maven-plugin", "jetty:run"},
	{"exec-maven-plugin", "exec:java"},
	{"javafx-maven-plugin", "javafx:run"},
	{"micronaut-maven-plugin", "mn:run"},
};

static const struct plugin gradle_plugins[] = {
	{"org.springframework.boot", "bootRun"},
	{"io.quarkus", "quarkusDev"},
	{"io.ktor.plugin", "run"},
	{"io.micronaut.application", "run"},
	{"id 'application'", "run"},
	{"id(\"application\")", "run"},
	{"id \"application\"", "run"},
	{"`application`", "run"},
	{"plugins {\n    application", "run"},
	{"plugin: 'application'", "run"},
	{"com.android.application", "installDebug"},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static bool has(const struct text *text, const char *what)
{
	return memmem(text->bytes, text->length, what, strlen(what)) != NULL;
}

/* What lies between two texts from *at on, which moves behind it; false when there is no more, or it is long. */
static bool between(const struct text *text, size_t *at, const char *open, const char *close, char *out, size_t size)
{
	const char *end = text->bytes + text->length;
	const char *from = memmem(text->bytes + *at, text->length - *at, open, strlen(open)), *to;

	if (!from)
		return false;
	from += strlen(open);
	to = memmem(from, (size_t)(end - from), close, strlen(close));
	if (!to || (size_t)(to - from) >= size)
		return false;
	snprintf(out, size, "%.*s", (int)(to - from), from);
	*at = (size_t)(to - text->bytes);
	return true;
}

static int add_maven(const struct finding *finding, const struct text *text, const char *module)
{
	const char *program = script_has_file(finding, "mvnw") ? "./mvnw" : "mvn";
	char name[BRM_NAME_MAX + 1];
	int result = 0;

	for (size_t i = 0; i < COUNT(maven_plugins) && result == 0; i++) {
		const struct plugin *plugin = &maven_plugins[i];

		if (!has(text, plugin->text))
			continue;
		snprintf(name, sizeof name, "%s%s%s", module, *module ? ":" : "", plugin->task);
		result = *module ? script_add_words(finding, name, program, "-pl", module, plugin->task, NULL)
				 : script_add_words(finding, name, program, plugin->task, NULL);
	}
	return result;
}

int maven_read(struct text *text, const struct finding *finding)
{
	struct text below;
	char module[128], file[160];
	size_t at = 0;
	bool is_parent = has(text, "<modules>");
	int result = is_parent ? 0 : add_maven(finding, text, "");

	while (result == 0 && is_parent && between(text, &at, "<module>", "</module>", module, sizeof module)) {
		struct finding own = *finding;

		snprintf(file, sizeof file, "%s/pom.xml", module);
		own.source = file;
		if (strstr(module, "..") || script_read_text(finding, file, &below) != 0)
			continue;
		result = add_maven(&own, &below, module);
		text_finish(&below);
	}
	return result;
}

static int add_gradle(const struct finding *finding, const struct text *text, const char *project)
{
	const char *program = script_has_file(finding, "gradlew") ? "./gradlew" : "gradle";
	char name[BRM_NAME_MAX + 1];
	const char *last = "";
	int result = 0;

	for (size_t i = 0; i < COUNT(gradle_plugins) && result == 0; i++) {
		if (!has(text, gradle_plugins[i].text) || strcmp(last, gradle_plugins[i].task) == 0)
			continue;
		last = gradle_plugins[i].task;
		snprintf(name, sizeof name, "%s%s%s", project, *project ? ":" : "", last);
		result = script_add_words(finding, *project ? name + 1 : name, program, name, NULL);
	}
	return result;
}

/* ":app:core" lies in app/core. */
static int add_project(const struct finding *finding, const char *project)
{
	static const char *const builds[] = {"build.gradle.kts", "build.gradle"};
	struct finding own = *finding;
	char file[160], path[BRM_NAME_MAX];
	struct text text;
	int result = 0;

	snprintf(path, sizeof path, "%s", project + (*project == ':'));
	for (char *colon = path; (colon = strchr(colon, ':'));)
		*colon = '/';
	for (size_t i = 0; i < COUNT(builds) && result == 0; i++) {
		char name[BRM_NAME_MAX + 1];

		if (strstr(path, "..") || snprintf(file, sizeof file, "%s/%s", path, builds[i]) >= (int)sizeof file ||
		    script_read_text(finding, file, &text) != 0)
			continue;
		own.source = file;
		snprintf(name, sizeof name, "%s%s", *project == ':' ? "" : ":", project);
		result = add_gradle(&own, &text, name);
		text_finish(&text);
	}
	return result;
}

/* include(":app", ":core"), include 'app': what is in quotes behind an include. */
static int add_projects(const struct finding *finding, const struct text *settings)
{
	char line[4096];
	size_t at = 0;
	int result = 0;

	while (result == 0 && script_line(settings, &at, line, sizeof line)) {
		char *p = line + strspn(line, " \t");

		if (strncmp(p, "include", 7) != 0 || !strchr(" \t(", p[7]) || !p[7])
			continue;
		for (p = strpbrk(p, "'\""); p && result == 0; p = p ? strpbrk(p, "'\"") : NULL) {
			char *end = strchr(p + 1, *p);

			if (!end)
				break;
			*end = '\0';
			result = end - p > 1 && end - p < 100 ? add_project(finding, p + 1) : 0;
			p = end + 1;
		}
	}
	return result;
}

int gradle_read(struct text *text, const struct finding *finding)
{
	static const char *const files[] = {"settings.gradle.kts", "settings.gradle"};
	struct text settings;
	int result = strncmp(finding->source, "settings", 8) == 0 ? 0 : add_gradle(finding, text, "");

	for (size_t i = 0; i < COUNT(files) && result == 0; i++) {
		if (script_read_text(finding, files[i], &settings) != 0)
			continue;
		result = add_projects(finding, &settings);
		text_finish(&settings);
	}
	return result;
}
