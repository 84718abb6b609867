/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "config/scripts.h"

/* composer.json and artisan. */

/* Scripts that composer runs by itself begin so. */
static bool is_event(const char *name)
{
	return strncmp(name, "pre-", 4) == 0 || strncmp(name, "post-", 5) == 0;
}

int composer_read(struct text *text, const struct finding *finding)
{
	const char *name;
	json_t *json, *value;
	struct finding own = *finding;
	int result = json_read(text, &json, finding->report);

	own.json = text;

	if (result != 0)
		return result;
	json_object_foreach((json_t *)script_object(&own, json, "scripts"), name, value)
	{
		const struct script script = {
			.name = name, .manager = "composer", .words = {"composer", "run-script", "--timeout=0", name}};

		if (!json_is_string(value) && !json_is_array(value))
			script_wrong_type(&own, NULL, "scripts", name, value, "a command or a list of them");
		else if (!is_event(name) && result == 0)
			result = script_add(finding, &script);
	}
	json_decref(json);
	return result;
}

int artisan_read(struct text *text, const struct finding *finding)
{
	static const char *const commands[] = {"serve", "queue:work", "schedule:work"};
	const struct script tinker = {.name = "tinker", .words = {"php", "artisan", "tinker"}, .tty = true};
	int result = 0;

	(void)text;
	for (size_t i = 0; i < sizeof commands / sizeof *commands && result == 0; i++)
		result = script_add_words(finding, commands[i], "php", "artisan", commands[i], NULL);
	return result == 0 ? script_add(finding, &tinker) : result;
}
