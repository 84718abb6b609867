/* SPDX-License-Identifier: MIT */
/* Print the parts of brummer.yaml(5) that are made of tables: manual_keys file | process | compose | mprocs */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "config/import_process_compose.h"
#include "config/schema.h"

#define WIDTH 78

/* One sentence a line, cut at blanks; a word that mdoc would take for its own is kept from it. */
static void print_text(const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " ");
		bool ends = length > 1 && text[length - 1] == '.' && text[length] &&
			    isupper((unsigned char)text[length + 1]);

		if (column > 0 && column + 1 + length > WIDTH) {
			putchar('\n');
			column = 0;
		}
		column +=
			(size_t)printf("%s%s", column > 0 ? " " : "", column == 0 && strchr(".'", *text) ? "\\&" : "");
		for (size_t i = 0; i < length; i++, column++)
			printf("%c%s", text[i], text[i] == '\\' ? "e" : "");
		if (ends) {
			putchar('\n');
			column = 0;
		}
		text += length;
		text += strspn(text, " ");
	}
	if (column > 0)
		putchar('\n');
}

static void print_sentence(const char *before, const char *text)
{
	char line[4200];

	snprintf(line, sizeof line, "%s%s.", before, text);
	print_text(line);
}

/* A key, what it takes, what it is without, and its own keys. */
static void print_key(const struct schema_key *key)
{
	char expected[200];
	bool counts = key->type == &type_count || key->type == &type_files || key->type == &type_replicas;

	printf(".It Cm %s\n", key->name);
	print_text(key->help);
	snprintf(expected, sizeof expected, "%s", key->type->expected);
	if (counts)
		snprintf(expected, sizeof expected, "a number of %llu to %llu", (unsigned long long)key->min,
			 (unsigned long long)key->max);
	if (!key->inner && key->type != &type_ignored)
		print_sentence("Takes ", expected);
	if (key->brief)
		print_sentence("Anything but a mapping is its ", key->brief);
	if (*key->initial)
		print_sentence("Default: ", key->initial);
	if (!key->inner || key->type == &type_processes)
		return;
	puts(".Bl -tag -width Ds");
	for (const struct schema_key *inner = key->inner; inner->name; inner++)
		print_key(inner);
	puts(".El");
}

#define IS_PLAIN(key) (strcmp((key)->initial, "honoured") == 0 && !*(key)->help)

/* Keys of a table and, with their names before them, those of inner tables; each inner table once. */
static void walk_fates(const struct schema_key *table, const char *outer, bool plain, char *line, size_t size)
{
	const struct schema_key *before = NULL;

	for (const struct schema_key *key = table; key->name; key++) {
		char name[96];

		snprintf(name, sizeof name, "%s%s%s", outer, *outer ? "." : "", key->name);
		if (plain && IS_PLAIN(key) && !key->inner)
			snprintf(line + strlen(line), size - strlen(line), "%s%s", *line ? ", " : "", name);
		if (!plain && !IS_PLAIN(key)) {
			printf(".It Cm %s\n", name);
			snprintf(line, size, "%s: %s", key->initial, key->help);
			line[strlen(line) - (line[strlen(line) - 1] == '.')] = '\0';
			print_sentence("", line);
		}
		if (key->inner && key->inner != before)
			walk_fates(key->inner, key->type == &type_processes ? "" : name, plain, line, size);
		before = key->inner ? key->inner : before;
	}
}

static void print_fates(const struct schema_key *table)
{
	char line[4096] = "";

	walk_fates(table, "", true, line, sizeof line);
	puts("Honoured as they are:");
	print_sentence("", line);
	puts("The others:");
	puts(".Pp\n.Bl -tag -width Ds -compact");
	walk_fates(table, "", false, line, sizeof line);
	puts(".El");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		const struct schema_key *table;
		bool foreign;
	} parts[] = {{"file", schema_file, false},
		     {"process", schema_process, false},
		     {"compose", compose_project, true},
		     {"mprocs", mprocs_project, true}};

	for (size_t i = 0; argc == 2 && i < sizeof parts / sizeof *parts; i++) {
		if (strcmp(parts[i].name, argv[1]) != 0)
			continue;
		if (parts[i].foreign) {
			print_fates(parts[i].table);
			return 0;
		}
		puts(".Bl -tag -width Ds");
		for (const struct schema_key *key = parts[i].table; key->name; key++)
			print_key(key);
		puts(".El");
		return 0;
	}
	return 1;
}
