/* SPDX-License-Identifier: MIT */
#include "config/import_process_compose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/dotenv.h"
#include "config/drafts.h"
#include "config/interpolate.h"
#include "config/yaml_files.h"

/* A project while it is read. */
struct project {
	struct drafts drafts; /* `env` and `file_env` are also where variables of the text come from */
	struct yaml_files files;
	const struct yaml_node *own_vars; /* of the process that is read */
	bool keeps_variables;             /* disable_env_expansion */
	bool keeps_templates;             /* is_template_disabled, of the process that is read */
	bool has_replicas;                /* of the process that is read, in any file */
};

/* A variable of the text: the supervisor's environment, then .env. */
static const char *variable(const void *arg, const char *name)
{
	const struct project *p = arg;
	const char *value = getenv(name);

	return value ? value : env_get(p->drafts.file_env, name);
}

/* The value of {{.NAME}}: the process's own, or the last file's. NULL: there is none. */
static const struct yaml_node *find_var(const struct project *p, const char *name)
{
	const struct yaml_node *value = yaml_get(p->own_vars, name);

	for (size_t i = p->files.count; !value && i > 0; i--)
		value = yaml_get(yaml_get(p->files.documents[i - 1].root, "vars"), name);
	return value && value->kind == YAML_SCALAR ? value : NULL;
}

/* One template from its {{ on: what stands for it, and how long it is. NULL: it is none that is known. */
static const char *template(const struct project *p, const char *text, size_t *length)
{
	static const char number[] = "PC_REPLICA_NUM";
	const char *start = text + 2 + strspn(text + 2, " "), *end;
	const struct yaml_node *value;
	char name[128];
	size_t size;

	if (*start++ != '.')
		return NULL;
	size = strcspn(start, " }");
	end = start + size + strspn(start + size, " ");
	if (size == 0 || size >= sizeof name || strncmp(end, "}}", 2) != 0)
		return NULL;
	memcpy(name, start, size);
	name[size] = '\0';
	*length = (size_t)(end + 2 - text);
	if (strcmp(name, number) == 0) /* each replica's shell knows its own */
		return p->has_replicas ? "${PC_REPLICA_NUM}" : "0";
	value = find_var(p, name);
	return value ? value->text : NULL;
}

/* The text with its templates replaced, to be freed; NULL: no memory. */
static char *fill_templates(struct schema_take *take, const struct yaml_node *node, const char *text)
{
	char *out = NULL;
	size_t size, length;
	FILE *to = open_memstream(&out, &size);

	if (!to)
		return NULL;
	for (const char *next; (next = strstr(text, "{{")); text = next + length) {
		const char *value = template(take->owner, next, &length);

		if (!value) {
			yaml_warning(take->report, node, "a template that stays as it is, expected {{.NAME}} of vars");
			length = 2;
			value = "{{";
		}
		fprintf(to, "%.*s%s", (int)(next - text), text, value);
	}
	fputs(text, to);
	if (fclose(to) == 0)
		return out;
	free(out);
	return NULL;
}

/* A scalar as process-compose has it: $NAME and ${NAME} first, then templates. */
static int make_text(struct schema_take *take, const struct yaml_node *node, char **out)
{
	const struct project *p = take->owner;
	struct interpolation with = {.value = variable, .arg = p, .bare = true};
	char *text = p->keeps_variables ? strdup(node->text) : interpolate(&with, node->text);

	if (!text && errno == EINVAL)
		yaml_error(take->report, node, "%s", with.error);
	if (!text)
		return errno == EINVAL ? -EINVAL : -ENOMEM;
	*out = p->keeps_templates ? strdup(text) : fill_templates(take, node, text);
	free(text);
	return *out ? 0 : -ENOMEM;
}

/* Does the project say so, in any of its files? */
static bool is_set(const struct project *p, const char *key)
{
	bool value = false;

	for (size_t i = 0; i < p->files.count; i++) {
		const struct yaml_node *node = yaml_get(p->files.documents[i].root, key);

		if (node)
			yaml_is_bool(node, &value);
	}
	return value;
}

/* The .env of the project. */
static int read_dotenv(struct project *p)
{
	const struct finding *finding = p->drafts.finding;
	struct text text;
	int result;

	if (finding->dir_fd < 0 || is_set(p, "is_dotenv_disabled"))
		return 0;
	result = text_read(finding->dir_fd, ".env", DOTENV_BYTES_MAX, &text, finding->report);
	if (result != 0)
		return result == -ENOENT ? 0 : result;
	result = dotenv_parse(&text, &p->drafts.file_env, finding->report);
	text_finish(&text);
	return result;
}

/* {shell_command, shell_argument} */
static int take_shell(struct project *p, const struct yaml_node *root)
{
	const struct yaml_node *shell = yaml_get(root, "shell");
	const struct yaml_node *command = yaml_get(shell, "shell_command"),
			       *argument = yaml_get(shell, "shell_argument");

	if (!command || command->kind != YAML_SCALAR || !*command->text)
		return 0;
	list_free(p->drafts.shell);
	p->drafts.shell = NULL;
	if (list_append(&p->drafts.shell, command->text) != 0)
		return -ENOMEM;
	if (argument && argument->kind == YAML_SCALAR && *argument->text)
		return list_append(&p->drafts.shell, argument->text);
	return list_append(&p->drafts.shell, "-c");
}

/* Is a process more than one? */
static bool has_replicas(const struct project *p, const char *name)
{
	for (size_t i = 0; i < p->files.count; i++) {
		const struct yaml_node *process = yaml_get(yaml_get(p->files.documents[i].root, "processes"), name);
		const struct yaml_node *replicas = yaml_get(process, "replicas");

		if (replicas && replicas->kind == YAML_SCALAR && strcmp(replicas->text, "1") != 0)
			return true;
	}
	return false;
}

static int take_process(struct project *p, const struct yaml_pair *pair)
{
	const struct finding *finding = p->drafts.finding;
	struct schema_take *take = &p->drafts.take;
	const struct yaml_node *keeps = yaml_get(pair->value, "is_template_disabled");
	bool is_new = !config_find(&p->drafts.all, pair->key->text);
	int result = drafts_get(&p->drafts, pair->key, &take->draft);

	if (result != 0 || yaml_is_null(pair->value))
		return result;
	if (is_new && string_set(&take->draft->spec.dir, finding->dir) != 0)
		return -ENOMEM;
	if (pair->value->kind != YAML_MAP) {
		yaml_error(finding->report, pair->value, "%s is no mapping, expected the keys of a process",
			   pair->key->text);
		take->draft->is_wrong = true;
		return -EINVAL;
	}
	p->keeps_templates = false;
	if (keeps)
		yaml_is_bool(keeps, &p->keeps_templates);
	p->has_replicas = has_replicas(p, pair->key->text);
	p->own_vars = yaml_get(pair->value, "vars");
	result = drafts_take(&p->drafts, pair->value, compose_process);
	p->own_vars = NULL;
	return result;
}

/* What a file says besides processes, and then those. */
static int take_file(struct project *p, const struct yaml_node *root)
{
	const struct yaml_node *environment = yaml_get(root, "environment"), *all = yaml_get(root, "processes");
	const struct schema_key *row = schema_find(compose_project, "environment");
	int result = take_shell(p, root);

	p->drafts.take.draft = NULL;
	if (environment && !yaml_is_null(environment))
		result = worse(row->type->take(&p->drafts.take, environment, row, &p->drafts.env), result);
	if (all && !yaml_is_null(all) && all->kind != YAML_MAP) {
		yaml_error(p->drafts.finding->report, all, "processes is no mapping, expected one");
		return -EINVAL;
	}
	for (size_t i = 0; all && i < all->count && result != -ENOMEM; i++)
		result = worse(take_process(p, &all->pairs[i]), result);
	return result;
}

/* Keys of the project that have no effect, each once. */
static void check_keys(struct project *p)
{
	struct schema_take *take = &p->drafts.take;

	for (size_t i = 0; i < p->files.count; i++) {
		const struct yaml_node *root = p->files.documents[i].root;

		for (size_t k = 0; root && k < root->count; k++) {
			const struct schema_key *row = schema_find(compose_project, root->pairs[k].key->text);

			if (!row && strncmp(root->pairs[k].key->text, "x-", 2) != 0)
				schema_unknown(take, root->pairs[k].key, compose_project);
			else if (row && row->type == &type_refused && !yaml_is_null(root->pairs[k].value))
				row->type->take(take, root->pairs[k].value, row, NULL);
		}
	}
}

/* Each replica is told its number. */
static int number_replicas(const struct finding *finding, size_t first)
{
	int result = 0;

	for (size_t i = first; i < finding->config->count && result == 0; i++) {
		struct spec *spec = finding->config->specs[i];
		char number[16];

		snprintf(number, sizeof number, "%u", spec->replica > 0 ? (unsigned)spec->replica - 1 : 0);
		result = env_set(&spec->env, "PC_PROC_NAME", *spec->family ? spec->family : spec->name);
		if (result == 0)
			result = env_set(&spec->env, "PC_REPLICA_NUM", number);
	}
	return result;
}

static int take_all(struct project *p)
{
	int result = read_dotenv(p);

	p->keeps_variables = is_set(p, "disable_env_expansion");
	check_keys(p);
	for (size_t i = 0; i < p->files.count && result != -ENOMEM; i++)
		result = worse(take_file(p, p->files.documents[i].root), result);
	return result;
}

/* The file that people put beside the main one for what is theirs alone. */
static int read_override(struct project *p, const struct text *text)
{
	const struct finding *finding = p->drafts.finding;
	int result = 0;

	if (strcmp(text->file, "process-compose.yaml") != 0 && strcmp(text->file, "process-compose.yml") != 0)
		return 0;
	result = yaml_files_read_beside(&p->files, "process-compose.override.yaml", finding, "extends");
	return worse(yaml_files_read_beside(&p->files, "process-compose.override.yml", finding, "extends"), result);
}

/* Commands are written for bash there. */
static const char *default_shell(void)
{
	static const char bash[] = "/bin/bash";

	return access(bash, X_OK) == 0 ? bash : NULL;
}

int process_compose_read(struct text *text, const struct finding *finding)
{
	size_t first = finding->config->count;
	struct project p = {0};
	int read, result;

	drafts_init(&p.drafts, finding);
	p.drafts.take.explanation = NULL; /* it is of the keys of brummer.yaml */
	p.drafts.program = default_shell();
	p.drafts.take.lenient = true;
	p.drafts.take.text = make_text;
	p.drafts.take.owner = &p;
	read = yaml_files_read(&p.files, text, finding, "extends");
	if (read != -ENOMEM)
		read = worse(read_override(&p, text), read);
	result = read == -ENOMEM ? read : worse(take_all(&p), read);
	if (read == 0 && result != -ENOMEM)
		result = worse(drafts_add(&p.drafts), result);
	if (result == 0)
		result = number_replicas(finding, first);
	drafts_finish(&p.drafts);
	yaml_files_finish(&p.files);
	return result;
}
