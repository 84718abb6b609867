/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"
#include "tests/config_help.h"

START_TEST(a_new_spec_has_every_default)
{
	struct spec *spec = spec_new("web");

	ck_assert_str_eq(spec->name, "web");
	ck_assert_str_eq(spec->script, "");
	ck_assert_str_eq(spec->dir, "/");
	ck_assert_str_eq(spec->source, "");
	ck_assert_str_eq(spec->manager, "");
	ck_assert_ptr_null(spec->command);
	help_lines(spec->shell, "/bin/sh", "-c", NULL);
	help_lines(spec->argv, NULL);
	help_lines(spec->env, NULL);
	help_lines(spec->labels, NULL);
	ck_assert_ptr_nonnull(spec->argv);
	ck_assert_int_eq(spec->stdin_kind, BRM_STDIN_NULL);
	ck_assert_int_eq(spec->restart, RESTART_NEVER);
	ck_assert_int_eq(spec->stop_signal, SIGTERM);
	ck_assert_uint_eq(spec->stop_grace_ns, 10000000000u);
	ck_assert_uint_eq(spec->backoff_first_ns, 200000000u);
	ck_assert_uint_eq(spec->backoff_last_ns, 30000000000u);
	ck_assert(!spec->autostart && !spec->tty);
	spec_free(spec);
	spec_free(NULL);
}
END_TEST

/* A spec with something in every field. */
static struct spec *full_spec(void)
{
	struct spec *spec = spec_new("web");

	ck_assert_int_eq(string_set(&spec->script, "dev"), 0);
	ck_assert_int_eq(string_set(&spec->dir, "/srv"), 0);
	ck_assert_int_eq(string_set(&spec->source, "web/package.json"), 0);
	ck_assert_int_eq(list_append(&spec->argv, "node"), 0);
	ck_assert_int_eq(list_append(&spec->argv, "server.js"), 0);
	ck_assert_int_eq(list_append(&spec->argv, ""), 0);
	ck_assert_int_eq(env_set(&spec->env, "PORT", "3000"), 0);
	ck_assert_int_eq(env_set(&spec->env, "DEBUG", NULL), 0);
	ck_assert_int_eq(env_set(&spec->env, "EMPTY", ""), 0);
	ck_assert_int_eq(list_append(&spec->labels, "tier=front"), 0);
	spec->depends_on = realloc(spec->depends_on, 2 * sizeof *spec->depends_on);
	spec->depends_on[0] = (struct dependency){.name = strdup("db"), .condition = CONDITION_READY};
	spec->depends_on[1] = (struct dependency){.name = strdup("migrate"), .condition = CONDITION_SUCCESS};
	spec->depends_count = 2;
	spec->tty = true;
	return spec;
}

START_TEST(a_copy_shares_nothing)
{
	struct spec *spec = full_spec();
	struct spec *copy = spec_copy(spec);

	ck_assert_ptr_ne(copy->name, spec->name);
	ck_assert_ptr_ne(copy->argv, spec->argv);
	spec_free(spec);
	ck_assert_str_eq(copy->name, "web");
	ck_assert_str_eq(copy->source, "web/package.json");
	ck_assert_ptr_null(copy->command);
	help_lines(copy->argv, "node", "server.js", "", NULL);
	help_lines(copy->env, "PORT=3000", "DEBUG", "EMPTY=", NULL);
	help_lines(copy->labels, "tier=front", NULL);
	ck_assert_uint_eq(copy->depends_count, 2);
	ck_assert_str_eq(copy->depends_on[1].name, "migrate");
	ck_assert_int_eq(copy->depends_on[1].condition, CONDITION_SUCCESS);
	ck_assert(copy->tty);
	spec_free(copy);
}
END_TEST

START_TEST(a_shell_gets_out_of_the_way_of_one_program)
{
	static const char *const programs[] = {"x",
					       "vite",
					       " node server.js --port 3000",
					       "./bin/dev",
					       "mocha 'test/**' # all",
					       "npm run a \"b c\"",
					       "x >log <in",
					       "echoes a",
					       "docker-compose up",
					       "@acme/tool",
					       "node $(which x) $PORT",
					       "exec a",
					       " exec node server.js"};
	static const char *const others[] = {"",       " ",      "echo a",    "cd web",  "NODE_ENV=x node a",
					     "a; b",   "a && b", "a | b",     "a &",     "a\nb",
					     "a b\nc", "(a)",    "{ a",       "! a",     "if a",
					     "$X",     "'a b'",  "exec a; b", ". ./env", ": a",
					     "# a",    "a;",     "a>b",       "time a",  "exit 3",
					     "true;"};

	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
		ck_assert_msg(strcmp(shell_for(programs[i]), SHELL_GUARD) != 0, "%s", programs[i]);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		ck_assert_msg(strcmp(shell_for(others[i]), SHELL_GUARD) == 0, "%s", others[i]);
	ck_assert_str_eq(shell_for("exec a"), "eval \"shift; $1\""); /* not exec exec */
}
END_TEST

static void expect_strings(const struct brm_strings *list, const char *bytes, uint32_t count, uint32_t size)
{
	ck_assert_uint_eq(list->count, count);
	ck_assert_uint_eq(list->size, size);
	ck_assert(size == 0 || memcmp(list->first, bytes, size) == 0);
}

START_TEST(an_identity_has_names_of_variables_but_no_values)
{
	struct spec *spec = full_spec();
	struct brm_identity identity;
	char *store;

	ck_assert_int_eq(spec_identity(spec, &identity, &store), 0);
	ck_assert_str_eq(identity.name, "web");
	ck_assert_str_eq(identity.script, "dev");
	ck_assert_str_eq(identity.command, "node");
	ck_assert_str_eq(identity.dir, "/srv");
	ck_assert_str_eq(identity.ready, "");
	ck_assert(identity.tty);
	expect_strings(&identity.args, "server.js\0", 2, 11);
	expect_strings(&identity.env, "PORT\0EMPTY", 2, 11);
	expect_strings(&identity.labels, "tier=front", 1, 11);
	expect_strings(&identity.depends_on, "db=ready\0migrate=success", 2, 25);
	free(store);
	spec_free(spec);
}
END_TEST

START_TEST(the_identity_of_a_shell_command_is_its_text)
{
	struct spec *spec = spec_new("dev");
	struct brm_identity identity;
	char *store;

	ck_assert_int_eq(string_set(&spec->script, "dev"), 0);
	spec->command = strdup("vite --host");
	ck_assert_int_eq(spec_identity(spec, &identity, &store), 0);
	ck_assert_str_eq(identity.command, "vite --host");
	expect_strings(&identity.args, "", 0, 0);
	free(store);
	spec_free(spec);
}
END_TEST

static void expect_name(const char *name, int expected, size_t expected_at)
{
	size_t at = 12345;

	ck_assert_msg(name_check(name, &at) == expected, "%s", name);
	ck_assert_int_eq(name_check(name, NULL), expected);
	ck_assert_uint_eq(at, expected == 0 ? 12345 : expected_at);
}

START_TEST(names_are_printable_text)
{
	char name[300];

	expect_name("web", 0, 0);
	expect_name("@acme/ui:dev", 0, 0);
	expect_name("test:unit (fast) #2", 0, 0);
	expect_name("b\xc3\xa4r \xf0\x9f\x90\xbb", 0, 0);
	expect_name("", -EINVAL, 0);
	expect_name("a\nb", -EINVAL, 1);
	expect_name("a\x7f", -EINVAL, 1);
	expect_name("ab\x1b[31m", -EINVAL, 2);
	expect_name("a\xc2\x85z", -EINVAL, 1); /* C1: next line */
	expect_name("a\xff", -EINVAL, 1);
	expect_name("\xc0\xaf", -EINVAL, 0);         /* overlong */
	expect_name("x\xed\xa0\x80", -EINVAL, 1);    /* a surrogate */
	expect_name("\xf4\x90\x80\x80", -EINVAL, 0); /* beyond U+10FFFF */
	expect_name("cut \xe2\x82", -EINVAL, 4);
	memset(name, 'x', sizeof name);
	name[255] = '\0';
	expect_name(name, 0, 0);
	name[255] = 'x';
	name[256] = '\0';
	expect_name(name, -EINVAL, 256);
}
END_TEST

static void add(struct config *config, const char *name)
{
	ck_assert_int_eq(config_add(config, spec_new(name), "npm"), 0);
}

START_TEST(the_first_keeps_its_name)
{
	struct config config = {0};
	char name[BRM_NAME_MAX];
	struct spec *spec;

	add(&config, "web");
	add(&config, "web");
	add(&config, "npm:web");
	add(&config, "other");
	ck_assert_str_eq(config.specs[1]->name, "npm:web");
	ck_assert_str_eq(config.specs[2]->name, "npm:npm:web");
	ck_assert_uint_eq(help_spec(&config, "other")->order, 3);
	ck_assert_ptr_null(config_find(&config, "npm"));
	memset(name, 'x', sizeof name);
	name[251] = '\0';
	add(&config, name);
	add(&config, name);
	ck_assert_uint_eq(strlen(config.specs[5]->name), 255);
	name[251] = 'x';
	name[252] = '\0';
	add(&config, name);
	spec = spec_new(name);
	ck_assert_int_eq(config_add(&config, spec, "npm"), -ENAMETOOLONG);
	spec_free(spec);
	ck_assert_uint_eq(config.count, 7);
	config_finish(&config);
	ck_assert_uint_eq(config.count, 0);
}
END_TEST

static void expect_nearest(const struct config *config, const char *wrong, const char *first, const char *second)
{
	const char *found[2] = {NULL, NULL};
	size_t count = config_nearest(config, wrong, found, 2);

	ck_assert_uint_eq(count, (first != NULL) + (second != NULL));
	ck_assert_pstr_eq(found[0], first);
	ck_assert_pstr_eq(found[1], second);
}

START_TEST(a_wrong_name_has_near_ones)
{
	static const char *const names[] = {"dev",           "build", "test",  "test:unit",
					    "@acme/ui:lint", "start", "serve", "x"};
	struct config config = {0};
	const char *all[64];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		add(&config, names[i]);
	expect_nearest(&config, "biuld", "build", NULL);
	expect_nearest(&config, "DEV", "dev", NULL);
	expect_nearest(&config, "tset", "test", NULL);
	expect_nearest(&config, "lint", "@acme/ui:lint", NULL);
	expect_nearest(&config, "unit", "test:unit", NULL);
	expect_nearest(&config, "sertve", "serve", NULL);
	expect_nearest(&config, "sert", "test", "start");
	expect_nearest(&config, "dest", "test", "dev");
	expect_nearest(&config, "postgres", NULL, NULL);
	expect_nearest(&config, "", NULL, NULL);
	expect_nearest(&config, "y", NULL, NULL);
	ck_assert_uint_eq(config_nearest(&config, "sert", all, 0), 0);
	ck_assert_uint_eq(config_nearest(&config, "sert", all, 64), 3);
	config_finish(&config);
}
END_TEST

START_TEST(a_report_line_is_one_clean_line)
{
	struct report report = {0};
	char *line;

	ck_assert(!report.failed && !report_is_full(&report));
	report_warning(&report, "%s", "odd \x1b[31m\n\xff\xc2\x85 name");
	help_lines(report.warnings, "odd ?[31m???? name", NULL);
	ck_assert(!report.failed);
	line = malloc(5001);
	memset(line, 'x', 5000);
	line[5000] = '\0';
	memcpy(line + 999, "\xc3\xa4", 2);
	report_error(&report, "%s", line);
	ck_assert(report.failed);
	ck_assert_uint_eq(strlen(report.errors[0]), 1000);
	ck_assert_int_eq(report.errors[0][999], '?');
	free(line);
	report_finish(&report);
}
END_TEST

START_TEST(a_report_is_bounded)
{
	struct report report = {0};

	for (int i = 0; i < REPORT_LINES_MAX + 50; i++) {
		ck_assert(report_is_full(&report) == (i > REPORT_LINES_MAX));
		report_error(&report, "line %d", i);
	}
	ck_assert_uint_eq(list_length(report.errors), REPORT_LINES_MAX + 1);
	ck_assert_str_eq(report.errors[REPORT_LINES_MAX], "there is more of this kind; the rest is left out");
	report_finish(&report);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("model");
	TCase *tcase = tcase_create("model");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_new_spec_has_every_default);
	tcase_add_test(tcase, a_copy_shares_nothing);
	tcase_add_test(tcase, an_identity_has_names_of_variables_but_no_values);
	tcase_add_test(tcase, the_identity_of_a_shell_command_is_its_text);
	tcase_add_test(tcase, a_shell_gets_out_of_the_way_of_one_program);
	tcase_add_test(tcase, names_are_printable_text);
	tcase_add_test(tcase, the_first_keeps_its_name);
	tcase_add_test(tcase, a_wrong_name_has_near_ones);
	tcase_add_test(tcase, a_report_line_is_one_clean_line);
	tcase_add_test(tcase, a_report_is_bounded);
	suite_add_tcase(suite, tcase);
	return suite;
}
