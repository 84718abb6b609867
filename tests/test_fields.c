/* SPDX-License-Identifier: MIT */
#include "clients/common/fields.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <brummer/writer.h>

#include "clients/common/source.h"
#include "tests/check_main.h"
#include "tests/shm_help.h"

/*
 * A region with a process of every kind, and what is said of it. The golden file is the promise of `ls -o json`; set
 * BRUMMER_UPDATE_GOLDEN=1 to write it anew, and say in NEWS why.
 */

#define S    1000000000ull
#define BOOT (5000 * S)
#define REAL (1795178647ull * S) /* 2026-11-20T12:44:07Z */

static struct brm_writer *writer;
static struct source *source;
static struct snapshot snapshot;

static const struct brm_now then = {.real_ns = REAL - 60 * S, .boot_ns = BOOT - 60 * S};
static const struct brm_now later = {.real_ns = REAL - 30 * S, .boot_ns = BOOT - 30 * S};

static uint32_t add(const struct brm_identity *identity, uint32_t order)
{
	struct brm_state state = {.head = brm_head_make(0, 0, BRM_PENDING), .order = order};
	uint32_t entry;

	ck_assert_int_eq(brm_writer_add(writer, identity, &state, &entry), 0);
	return entry;
}

static void add_web(void)
{
	static const char args[] = "-D\0data\0\"quoted\"";
	static const uint16_t ports[] = {80, 3000};
	static const struct brm_strings urls = {"http://127.0.0.1:3000/\0http://[::1]:3000/", 2, 42};
	struct brm_identity identity = {.name = "web",
					.script = "web",
					.command = "server",
					.dir = "/srv/shop/web",
					.source = "Procfile",
					.args = {args, 3, sizeof args},
					.env = {"PORT\0NODE_ENV", 2, 14},
					.labels = {"tier=front\0zone=a=b", 2, 20}};
	struct brm_metrics metrics = {.time_ns = REAL, .memory_bytes = 438304768, .cpu_permille = 381};
	struct brm_log_mark mark = {.lines = 12, .bytes = {300, 45}};
	uint32_t entry = add(&identity, 0);
	struct brm_state state = shm_state(writer, entry);

	state.run = 3;
	state.restarts = 2;
	state = brm_state_with_run(&state, 4711, 99, then);
	state = brm_state_with_ready(&state, later);
	state = brm_state_with_last_error(&state, "Error: \"it\" broke", 17);
	ck_assert_int_eq(brm_writer_urls(writer, &urls, &state.urls), 0);
	ck_assert_int_eq(brm_writer_ports(writer, ports, 2, &state.ports), 0);
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
	brm_writer_metrics(writer, entry, &metrics);
	brm_writer_log_mark(writer, entry, &mark);
}

/* A process that has come to an end. */
static void add_ended(const char *name, uint32_t order, struct brm_exit how, bool asked)
{
	struct brm_identity identity = {.name = name, .script = name, .command = "exit", .dir = "/srv/shop"};
	uint32_t entry = add(&identity, order);
	struct brm_state state = shm_state(writer, entry);

	state = brm_state_with_run(&state, 4712, 99, then);
	if (asked)
		state = brm_state_with_stop_requested(&state);
	state = brm_state_with_exit(&state, how, later);
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
}

static void add_others(void)
{
	struct brm_identity never = {.name = "never started", .script = "never started", .command = "true"};
	struct brm_identity broken = {.name = "br\xc3\xb6ken", .command = "nonono", .source = "command line"};
	struct brm_identity again = {.name = "again", .command = "flaky"};
	struct brm_state state;
	uint32_t entry;

	add(&never, 1);
	add_ended("lint", 2, (struct brm_exit){.code = 2}, false);
	add_ended("killed", 3, (struct brm_exit){.signal = SIGKILL}, false);
	add_ended("asked", 4, (struct brm_exit){.code = 143}, true);
	add_ended("done", 5, (struct brm_exit){.code = 0}, false);
	entry = add(&broken, UINT32_MAX);
	state = shm_state(writer, entry);
	state = brm_state_with_spawn_error(&state, "cannot run nonono: no such file or directory", later);
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
	entry = add(&again, 6);
	state = shm_state(writer, entry);
	state = brm_state_with_run(&state, 4713, 99, then);
	state = brm_state_with_backoff(&state, (struct brm_exit){.code = 1}, REAL + S, later);
	ck_assert_int_eq(brm_writer_publish(writer, entry, &state), 0);
}

static void setup(void)
{
	struct brm_writer_options options = {.keeper_pid = 4241, .started_ns = REAL - 3600 * S};

	writer = shm_writer("fields", options);
	add_others();
	add_web();
	brm_writer_commit(writer);
	ck_assert_int_eq(source_open(shm_instance("fields"), READ_SHM, &source), 0);
	memset(&snapshot, 0, sizeof snapshot);
	ck_assert_int_eq(source_snapshot(source, &snapshot), 0);
	/* What differs from run to run. */
	snapshot.now = (struct brm_now){.real_ns = REAL, .boot_ns = BOOT};
	snapshot.info.engine_pid = 4242;
	snapshot.liveness = BRM_LIVE;
}

static void teardown(void)
{
	snapshot_finish(&snapshot);
	source_close(source);
	brm_writer_close(writer);
}

static json_t *parse(const struct json *json)
{
	json_error_t error;
	json_t *root = json_loads(json_text(json), 0, &error);

	ck_assert_msg(root != NULL, "not JSON: %s in %s", error.text, json_text(json));
	return root;
}

static json_t *whole(void)
{
	struct json json;
	json_t *root;

	json_init(&json);
	fields_json_instance(&json, &snapshot, READ_SHM);
	root = parse(&json);
	json_finish(&json);
	return root;
}

static char *read_file(const char *path)
{
	FILE *in = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!in || getdelim(&text, &size, '\0', in) < 0)
		ck_abort_msg("cannot read %s", path);
	fclose(in);
	return text;
}

START_TEST(the_list_is_as_promised)
{
	const char *top = getenv("top_srcdir");
	json_t *root = whole();
	char *said = json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	char path[4096];
	char *golden;

	snprintf(path, sizeof path, "%s/tests/data/ls.golden.json", top ? top : ".");
	if (getenv("BRUMMER_UPDATE_GOLDEN")) {
		FILE *out = fopen(path, "w");

		ck_assert_ptr_nonnull(out);
		fprintf(out, "%s\n", said);
		fclose(out);
	}
	golden = read_file(path);
	golden[strlen(golden) - 1] = '\0';
	ck_assert_str_eq(said, golden);
	free(golden);
	free(said);
	json_decref(root);
}
END_TEST

static json_t *find_process(json_t *root, const char *name)
{
	json_t *process;
	size_t i;

	json_array_foreach(json_object_get(root, "processes"), i, process)
	{
		if (strcmp(json_string_value(json_object_get(process, "name")), name) == 0)
			return process;
	}
	ck_abort_msg("no process %s", name);
	return NULL;
}

static const struct {
	const char *name;
	bool exit_code, signal;
} ends[] = {
	{"web", false, false},           {"never started", false, false}, {"lint", true, false},
	{"killed", false, true},         {"asked", true, false},          {"done", true, false},
	{"br\xc3\xb6ken", false, false}, {"again", true, false},
};

START_TEST(an_end_has_an_exit_code_or_a_signal)
{
	json_t *root = whole();
	json_t *process = find_process(root, ends[_i].name);

	ck_assert_int_eq(json_object_get(process, "exitCode") != NULL, ends[_i].exit_code);
	ck_assert_int_eq(json_object_get(process, "signal") != NULL, ends[_i].signal);
	json_decref(root);
}
END_TEST

START_TEST(what_is_not_known_is_absent)
{
	static const char *const unknown[] = {"pid",        "startTime",   "endTime",  "duration", "run",
					      "cpuPercent", "memoryBytes", "logLines", "logBytes", "lastError"};
	json_t *root = whole();
	json_t *process = find_process(root, "never started");

	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		ck_assert_ptr_null(json_object_get(process, unknown[i]));
	ck_assert_str_eq(json_string_value(json_object_get(process, "id")), "never started");
	json_decref(root);
}
END_TEST

START_TEST(the_order_is_that_of_the_configuration)
{
	ck_assert_str_eq(snapshot.processes[0].identity.name, "web");
	ck_assert_str_eq(snapshot.processes[snapshot.count - 1].identity.name, "br\xc3\xb6ken");
}
END_TEST

START_TEST(people_read_short_texts)
{
	static const struct {
		const char *column, *text;
	} cells[] = {{"NAME", "web"},
		     {"status", "running"},
		     {"PID", "4711"},
		     {"UPTIME", "1m0s"},
		     {"RESTARTS", "2"},
		     {"CPU", "38.1%"},
		     {"MEM", "418M"},
		     {"ports", "80 3000"},
		     {"ready", "yes"},
		     {"env", "PORT NODE_ENV"},
		     {"labels", "tier=front zone=a=b"},
		     {"exitCode", ""},
		     {"startTime", "2026-11-20T12:43:07.000Z"}};
	char text[200];

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		const struct field *field = field_find(cells[i].column);

		ck_assert_ptr_nonnull(field);
		ck_assert_uint_eq(field_text(field, &snapshot.processes[0], &snapshot, text, sizeof text),
				  strlen(cells[i].text));
		ck_assert_str_eq(text, cells[i].text);
	}
	ck_assert_ptr_null(field_find("nothing"));
}
END_TEST

START_TEST(a_text_is_cut_at_a_character)
{
	const struct process *last = &snapshot.processes[snapshot.count - 1];
	char text[5];

	field_text(field_find("name"), last, &snapshot, text, 4);
	ck_assert_str_eq(text, "br");
	field_text(field_find("name"), last, &snapshot, text, 5);
	ck_assert_str_eq(text, "br\xc3\xb6");
}
END_TEST

/* Does a value have the type that the schema gives its key? */
static void check_value(const char *key, json_t *value, json_t *schema)
{
	static const struct {
		const char *word;
		json_type type;
	} types[] = {
		{"string", JSON_STRING}, {"integer", JSON_INTEGER}, {"array", JSON_ARRAY}, {"object", JSON_OBJECT}};
	const char *word = json_string_value(json_object_get(schema, "type"));

	ck_assert_msg(word != NULL, "%s is not in the schema", key);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].word, word) == 0)
			ck_assert_msg(json_typeof(value) == types[i].type, "%s is no %s", key, word);
	if (strcmp(word, "number") == 0)
		ck_assert_msg(json_is_number(value), "%s is no number", key);
	if (strcmp(word, "boolean") == 0)
		ck_assert_msg(json_is_boolean(value), "%s is no boolean", key);
}

START_TEST(the_schema_fits_every_process)
{
	json_t *root = whole(), *schema, *process, *value, *required;
	struct json json;
	const char *key;
	size_t i, r;

	json_init(&json);
	fields_json_schema(&json);
	schema = parse(&json);
	json_array_foreach(json_object_get(root, "processes"), i, process)
	{
		json_object_foreach(process, key, value)
		{
			check_value(key, value, json_object_get(json_object_get(schema, "properties"), key));
		}
		json_array_foreach(json_object_get(schema, "required"), r, required)
		{
			ck_assert_ptr_nonnull(json_object_get(process, json_string_value(required)));
		}
	}
	json_decref(schema);
	json_finish(&json);
	json_decref(root);
}
END_TEST

static const struct {
	int signal;
	const char *word;
} signals[] = {{SIGKILL, "SIGKILL"}, {SIGTERM, "SIGTERM"}, {SIGUSR1, "SIGUSR1"}, {SIGCHLD, "SIGCHLD"}};

START_TEST(signals_have_names_both_ways)
{
	int signal;

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		ck_assert_str_eq(signal_word(signals[i].signal), signals[i].word);
		ck_assert_int_eq(signal_parse(signals[i].word, &signal), 0);
		ck_assert_int_eq(signal, signals[i].signal);
		ck_assert_int_eq(signal_parse(signals[i].word + 3, &signal), 0);
	}
	for (int i = 1; i <= SIGRTMAX; i++) {
		char word[24];

		snprintf(word, sizeof word, "%s", signal_word(i));
		if (strncmp(word, "SIG", 3) != 0)
			continue;
		ck_assert_int_eq(signal_parse(word, &signal), 0);
		ck_assert_int_eq(signal, i);
	}
	ck_assert_int_eq(signal_parse("hup", &signal), 0);
	ck_assert_int_eq(signal_parse("9", &signal), 0);
	ck_assert_int_eq(signal, 9);
	ck_assert_int_ne(signal_parse("0", &signal), 0);
	ck_assert_int_ne(signal_parse("65", &signal), 0);
	ck_assert_int_ne(signal_parse("9x", &signal), 0);
	ck_assert_int_ne(signal_parse("NOPE", &signal), 0);
	ck_assert_int_ne(signal_parse("", &signal), 0);
	ck_assert_int_ne(signal_parse("SIG", &signal), 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("fields");
	TCase *tcase = tcase_create("table");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, the_list_is_as_promised);
	tcase_add_loop_test(tcase, an_end_has_an_exit_code_or_a_signal, 0, sizeof ends / sizeof *ends);
	tcase_add_test(tcase, what_is_not_known_is_absent);
	tcase_add_test(tcase, the_order_is_that_of_the_configuration);
	tcase_add_test(tcase, people_read_short_texts);
	tcase_add_test(tcase, a_text_is_cut_at_a_character);
	tcase_add_test(tcase, the_schema_fits_every_process);
	suite_add_tcase(suite, tcase);
	tcase = tcase_create("signals");
	tcase_add_test(tcase, signals_have_names_both_ways);
	suite_add_tcase(suite, tcase);
	return suite;
}
