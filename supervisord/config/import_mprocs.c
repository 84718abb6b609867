/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/drafts.h"
#include "config/import_process_compose.h"
#include "config/yaml_files.h"

#define SPEC(field) offsetof(struct draft, spec.field)

/* What a {$select: os, linux: ..., $else: ...} stands for here; any other node is itself, nothing is null. */
static const struct yaml_node *selected(const struct yaml_node *node)
{
	const struct yaml_node *choice = yaml_get(node, "$select");

	while (choice) {
		const struct yaml_node *own = yaml_get(node, "linux");

		own = own ? own : yaml_get(node, "$else");
		if (!own)
			return NULL;
		node = own;
		choice = yaml_get(node, "$select");
	}
	return node;
}

/* Take what is selected by another type. */
static int take_selected(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			 void *base, const struct schema_type *type)
{
	const struct yaml_node *own = selected(node);
	struct schema_key row = *key;

	if (!own || yaml_is_null(own))
		return 0;
	row.type = type;
	return type->take(take, own, &row, base);
}

#define SELECTED(name, type)                                                                                  \
	static int name(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, \
			void *base)                                                                           \
	{                                                                                                     \
		return take_selected(take, node, key, base, type);                                            \
	}

SELECTED(take_shell, &type_shell_text)
SELECTED(take_autostart, &type_bool)

static const struct schema_type type_mp_shell = {"a command", "", false, take_shell, NULL};
static const struct schema_type type_mp_bool = {"true or false", "", false, take_autostart, NULL};

static int take_cmd(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	const struct yaml_node *own = selected(node);

	if (!own || own->kind != YAML_LIST)
		return own ? schema_wrong(take, own, key) : 0;
	return type_command.take(take, own, key, base);
}

static const struct schema_type type_mp_cmd = {"a list of a program and its arguments", "", false, take_cmd, NULL};

/* A path, where <CONFIG_DIR> is the file's folder. */
static int take_cwd(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	static const char folder[] = "<CONFIG_DIR>";
	const struct yaml_node *own = selected(node);
	char *text, *whole;
	int result;

	(void)base;
	if (!own || yaml_is_null(own))
		return 0;
	result = schema_text(take, own, key, &text);
	if (result != 0)
		return result;
	if (strncmp(text, folder, sizeof folder - 1) == 0)
		memmove(text, text + sizeof folder - 1 + (text[sizeof folder - 1] == '/'),
			strlen(text + sizeof folder - 1 + (text[sizeof folder - 1] == '/')) + 1);
	whole = schema_path(node->folder, text);
	free(text);
	if (!whole)
		return -ENOMEM;
	free(take->draft->spec.dir);
	take->draft->spec.dir = whole;
	return 0;
}

static const struct schema_type type_mp_cwd = {"a path", "", false, take_cwd, NULL};

static int take_env(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	const struct yaml_node *own = selected(node);
	int result = 0;

	(void)base;
	if (!own || own->kind != YAML_MAP)
		return own ? schema_wrong(take, own, key) : 0;
	if (own->count > SCHEMA_MEMBERS_MAX)
		return schema_too_many(take, own, key);
	for (size_t i = 0; i < own->count && result == 0; i++) {
		const struct yaml_node *value = selected(own->pairs[i].value);

		if (!schema_is_key(own->pairs[i].key->text) || (value && value->kind != YAML_SCALAR))
			return schema_wrong(take, own->pairs[i].key, key);
		result = env_set(&take->draft->spec.env, own->pairs[i].key->text,
				 value && !yaml_is_null(value) ? value->text : NULL);
	}
	return result;
}

static const struct schema_type type_mp_env = {"a mapping of names to values", "", false, take_env, NULL};

/* Folders in front of PATH. */
static int take_add_path(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			 void *base)
{
	const struct yaml_node *own = selected(node);
	struct spec *spec = &take->draft->spec;
	char **folders = NULL;
	int result = 0;

	(void)base;
	if (!own || yaml_is_null(own))
		return 0;
	result = schema_list(take, own, key, &folders);
	for (size_t i = list_length(folders); i > 0 && result == 0; i--) {
		const char *before = env_get(spec->env, "PATH");
		char *whole = schema_path(own->folder, folders[i - 1]), *path = NULL;

		before = before ? before : getenv("PATH");
		if (!whole || asprintf(&path, "%s%s%s", whole, before ? ":" : "", before ? before : "") < 0)
			result = -ENOMEM;
		else
			result = env_set(&spec->env, "PATH", path);
		free(whole);
		free(result == 0 ? path : NULL);
	}
	list_free(folders);
	return result;
}

static const struct schema_type type_mp_add_path = {"a path or a list of paths", "", false, take_add_path, NULL};

static int take_autorestart(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key,
			    void *base)
{
	struct schema_key row = *key;
	bool again = false;
	int result;

	(void)base;
	row.offset = 0;
	result = take_selected(take, node, &row, &again, &type_bool);
	if (result == 0)
		take->draft->spec.restart = again ? RESTART_ALWAYS : RESTART_NEVER;
	return result;
}

static const struct schema_type type_mp_restart = {"true or false", "", false, take_autorestart, NULL};

/* SIGINT, SIGTERM, SIGKILL, hard-kill, {cmd: [...]} or {send-keys: [...]}. */
static int take_stop(struct schema_take *take, const struct yaml_node *node, const struct schema_key *key, void *base)
{
	const struct yaml_node *own = selected(node);

	(void)base;
	if (!own || yaml_is_null(own))
		return 0;
	if (own->kind == YAML_MAP && yaml_get(own, "send-keys")) {
		yaml_warning(take->report, own, "stop with send-keys has no effect: a signal stops it");
		return 0;
	}
	if (own->kind == YAML_MAP && yaml_get(own, "cmd")) {
		const struct yaml_node *cmd = yaml_get(own, "cmd");

		if (cmd->kind == YAML_SCALAR && *cmd->text)
			return string_set(&take->draft->spec.stop_command, cmd->text);
		yaml_warning(take->report, own, "stop with a list has no effect: a signal stops it");
		return 0;
	}
	if (own->kind == YAML_SCALAR && strcmp(own->text, "hard-kill") == 0) {
		take->draft->spec.stop_signal = 9;
		return 0;
	}
	return type_signal.take(take, own, key, take->draft);
}

static const struct schema_type type_mp_stop = {"SIGINT, SIGTERM, SIGKILL, hard-kill or {cmd: ...}", "", false,
						take_stop, NULL};

#define SCREEN "passed over, it is of its own screen"

const struct schema_key mprocs_process[] = {
	{"shell", &type_mp_shell, SPEC(command), HONOURED, "", NULL, NULL, 0, 0},
	{"cmd", &type_mp_cmd, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"cwd", &type_mp_cwd, 0, HONOURED, "with <CONFIG_DIR>", NULL, NULL, 0, 0},
	{"env", &type_mp_env, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"add_path", &type_mp_add_path, 0, HONOURED, "", NULL, NULL, 0, 0},
	{"autostart", &type_mp_bool, SPEC(autostart), HONOURED, "", NULL, NULL, 0, 0},
	{"autorestart", &type_mp_restart, 0, APPROXIMATED, "also when it ended within a second, after a wait.", NULL,
	 NULL, 0, 0},
	{"stop", &type_mp_stop, SPEC(stop_signal), APPROXIMATED, "not send-keys", NULL, NULL, 0, 0},
	{"log", &type_refused, 0, REFUSED, "use brummer-cli logs: the log store keeps all output.", NULL, NULL, 0, 0},
	{"scrollback", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{"mouse_scroll_speed", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{0},
};

const struct schema_key mprocs_project[] = {
	{"procs", &type_processes, 0, HONOURED, "a text, a list or a mapping each, with $select", mprocs_process, NULL,
	 0, 0},
	{"server", &type_refused, 0, REFUSED, "use brummer-cli.", NULL, NULL, 0, 0},
	{"log", &type_refused, 0, REFUSED, "use brummer-cli logs: the log store keeps all output.", NULL, NULL, 0, 0},
	{"on_init", &type_refused, 0, REFUSED, "say depends_on in a brummer.yaml.", NULL, NULL, 0, 0},
	{"on_all_finished", &type_refused, 0, REFUSED, "there is no such hook.", NULL, NULL, 0, 0},
	{"hide_keymap_window", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{"keymap_procs", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{"keymap_term", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{"keymap_copy", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{"proc_list_width", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{"proc_list_title", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{"scrollback", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{"mouse_scroll_speed", &type_passed, 0, HONOURED, SCREEN, NULL, NULL, 0, 0},
	{0},
};

/* Nothing in such a file is replaced. */
static int make_text(struct schema_take *take, const struct yaml_node *node, char **out)
{
	(void)take;
	*out = strdup(node->text);
	return *out ? 0 : -ENOMEM;
}

static int take_process(struct drafts *drafts, const struct yaml_pair *pair)
{
	const struct yaml_node *value = selected(pair->value);
	struct schema_take *take = &drafts->take;
	int result;

	if (!value || yaml_is_null(value))
		return 0;
	result = drafts_get(drafts, pair->key, &take->draft);
	if (result != 0)
		return result;
	take->draft->spec.tty = true;
	return drafts_take(drafts, value, mprocs_process);
}

static int take_all(struct drafts *drafts, const struct yaml_node *root)
{
	const struct yaml_node *all = yaml_get(root, "procs");
	int result = 0;

	for (size_t i = 0; root && i < root->count; i++) {
		const struct schema_key *row = schema_find(mprocs_project, root->pairs[i].key->text);

		if (!row)
			schema_unknown(&drafts->take, root->pairs[i].key, mprocs_project);
		else if (row->type == &type_refused && !yaml_is_null(root->pairs[i].value))
			row->type->take(&drafts->take, root->pairs[i].value, row, NULL);
	}
	all = all ? selected(all) : NULL;
	if (all && !yaml_is_null(all) && all->kind != YAML_MAP)
		return schema_wrong(&drafts->take, all, schema_find(mprocs_project, "procs"));
	for (size_t i = 0; all && i < all->count && result != -ENOMEM; i++)
		result = worse(take_process(drafts, &all->pairs[i]), result);
	return result;
}

int mprocs_read(struct text *text, const struct finding *finding)
{
	struct yaml_files files = {0};
	struct drafts drafts;
	int read, result;

	drafts_init(&drafts, finding);
	drafts.take.explanation = NULL; /* it is of the keys of brummer.yaml */
	drafts.take.lenient = true;
	drafts.take.text = make_text;
	read = result = yaml_files_read(&files, text, finding, NULL);
	for (size_t i = 0; i < files.count && result != -ENOMEM; i++)
		result = worse(take_all(&drafts, files.documents[i].root), result);
	if (read == 0 && result != -ENOMEM)
		result = worse(drafts_add(&drafts), result);
	drafts_finish(&drafts);
	yaml_files_finish(&files);
	return result;
}
