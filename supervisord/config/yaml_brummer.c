/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "config/drafts.h"
#include "config/explain.h"
#include "config/sources.h"
#include "config/yaml_files.h"

/* What all files together say, while they are read. */
struct reading {
	struct drafts drafts;
	struct yaml_files files;
};

/* Take a key of the file itself, of all files in order, into *field. */
static int take_top(struct reading *r, const char *name, void *field)
{
	const struct schema_key *row = schema_find(schema_file, name);
	int result = 0;

	for (size_t i = 0; i < r->files.count && result != -ENOMEM; i++) {
		const struct yaml_node *value = yaml_get(r->files.documents[i].root, name);

		if (value && !yaml_is_null(value))
			result = worse(schema_take_row(&r->drafts.take, value, row, field), result);
	}
	return result;
}

static void check_keys(struct reading *r)
{
	for (size_t i = 0; i < r->files.count; i++) {
		const struct yaml_node *root = r->files.documents[i].root;

		for (size_t k = 0; root && k < root->count; k++) {
			const struct yaml_node *key = root->pairs[k].key;

			if (!schema_find(schema_file, key->text) && strncmp(key->text, "x-", 2) != 0)
				schema_unknown(&r->drafts.take, key, schema_file);
		}
	}
}

static int take_process(struct drafts *drafts, const struct yaml_pair *pair)
{
	struct explanation *explanation = drafts->finding->request->explanation;
	struct schema_take *take = &drafts->take;
	int result = drafts_get(drafts, pair->key, &take->draft);

	if (result != 0 || yaml_is_null(pair->value))
		return result;
	take->explanation = explanation && explanation_is_of(explanation, pair->key->text) ? explanation : NULL;
	return drafts_take(drafts, pair->value, schema_process);
}

static int take_processes(struct reading *r)
{
	struct drafts *drafts = &r->drafts;
	int result = 0;

	for (size_t i = 0; i < r->files.count; i++) {
		const struct yaml_node *all = yaml_get(r->files.documents[i].root, "processes");

		if (all && !yaml_is_null(all) && all->kind != YAML_MAP)
			result = worse(schema_wrong(&drafts->take, all, schema_find(schema_file, "processes")), result);
		for (size_t p = 0; all && all->kind == YAML_MAP && p < all->count; p++) {
			result = worse(take_process(drafts, &all->pairs[p]), result);
			if (result == -ENOMEM || report_is_full(drafts->finding->report))
				return result;
		}
	}
	return result;
}

/* Variables first: values of everything else may refer to them. */
static int take_all(struct reading *r)
{
	struct drafts *drafts = &r->drafts;
	int result = take_top(r, "env_file", &drafts->file_env);

	drafts->take.file_env = drafts->file_env;
	result = worse(take_top(r, "env", &drafts->env), result);
	drafts->take.env = drafts->env;
	result = worse(take_top(r, "shell", &drafts->shell), result);
	if (result == -ENOMEM)
		return result;
	check_keys(r);
	return worse(take_processes(r), result);
}

int brummer_read(struct text *text, const struct finding *finding)
{
	struct reading r = {0};
	int read, result;

	drafts_init(&r.drafts, finding);
	read = result = yaml_files_read(&r.files, text, finding, "include");
	if (result != -ENOMEM)
		result = worse(take_all(&r), result);
	if (read == 0 && result != -ENOMEM)
		result = worse(drafts_add(&r.drafts), result);
	drafts_finish(&r.drafts);
	yaml_files_finish(&r.files);
	return result;
}
