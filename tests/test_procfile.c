/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/sources.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

#define NOT_AN_ENTRY "not an entry, expected NAME: COMMAND with letters, digits, _ and - in the name"

static int parse_text(struct text *text)
{
	const struct finding finding = help_finding("Procfile", "procfile");

	return procfile_parse(text, &finding);
}

static int parse(const char *bytes)
{
	struct text text = help_text("Procfile", bytes);

	return parse_text(&text);
}

START_TEST(entries_are_named_commands)
{
	ck_assert_int_eq(parse("# processes\n"
			       "\n"
			       "web: bundle exec rails server -p $PORT\r\n"
			       "worker:node worker.js   \n"
			       "   # indented comment\n"
			       "css-watch_2:\t\tyarn build:css --watch # kept: the shell's\n"
			       "clock: while true; do date; sleep 1; done"),
			 0);
	help_lines(report.errors, NULL);
	ck_assert_uint_eq(config.count, 4);
	ck_assert_str_eq(help_spec(&config, "web")->command, "bundle exec rails server -p $PORT");
	ck_assert_str_eq(help_spec(&config, "worker")->command, "node worker.js");
	ck_assert_str_eq(help_spec(&config, "css-watch_2")->command, "yarn build:css --watch # kept: the shell's");
	ck_assert_str_eq(help_spec(&config, "clock")->command, "while true; do date; sleep 1; done");
	ck_assert_str_eq(help_spec(&config, "web")->source, "Procfile");
	ck_assert_str_eq(help_spec(&config, "web")->script, "web");
	help_lines(help_spec(&config, "clock")->shell, "/bin/sh", "-c", SHELL_GUARD, "sh", NULL);
	help_lines(help_spec(&config, "web")->shell, "/bin/sh", "-c", shell_for("x"), "sh", NULL);
	ck_assert_str_eq(help_spec(&config, "web")->dir, "/project");
	ck_assert(help_spec(&config, "web")->autostart);
	ck_assert_uint_eq(help_spec(&config, "clock")->order, 3);
	finish();
}
END_TEST

START_TEST(every_wrong_line_is_named_and_the_rest_is_kept)
{
	ck_assert_int_eq(parse("web: a\n"
			       "no entry\n"
			       "empty:\n"
			       "blank:   \n"
			       "b\xc3\xa4r: x\n"
			       "two words: x\n"
			       ": x\n"
			       " web2: x\n"
			       "web: again\n"
			       "last: z\n"),
			 0);
	help_lines(report.errors, "Procfile:2:1: " NOT_AN_ENTRY,
		   "Procfile:3:1: an entry without a command, expected NAME: COMMAND",
		   "Procfile:4:1: an entry without a command, expected NAME: COMMAND", "Procfile:5:1: " NOT_AN_ENTRY,
		   "Procfile:6:1: " NOT_AN_ENTRY, "Procfile:7:1: " NOT_AN_ENTRY, "Procfile:8:1: " NOT_AN_ENTRY,
		   "Procfile:9:1: the second entry of this name, expected another", NULL);
	ck_assert_uint_eq(config.count, 2);
	ck_assert_str_eq(help_spec(&config, "web")->command, "a");
	ck_assert_str_eq(help_spec(&config, "last")->command, "z");
	finish();
}
END_TEST

START_TEST(text_that_is_none_is_refused)
{
	struct text text = {.file = "Procfile", .bytes = "a: b\nc: \0d\n", .length = 11};

	ck_assert_int_eq(parse_text(&text), -EINVAL);
	ck_assert_int_eq(parse("a: b\nc: d\xe9t\xe9\n"), -EINVAL);
	help_lines(report.errors, "Procfile:2:4: a NUL byte, expected text",
		   "Procfile:2:5: byte 0xe9 is not UTF-8, expected UTF-8 text", NULL);
	ck_assert_uint_eq(config.count, 0);
	finish();
}
END_TEST

/* Text is looked through eight bytes at a time, wherever it begins. */
START_TEST(a_byte_that_is_no_text_is_found_anywhere)
{
	char bytes[64], place[64];

	for (size_t before = 0; before < 9; before++) {
		for (size_t at = before; at < 30; at++) {
			memset(bytes, 'a', sizeof bytes);
			memcpy(bytes + before, "\xc3\xa4", 2);
			bytes[at + 2] = '\xe4';
			bytes[40] = '\0';
			ck_assert_int_eq(parse(bytes), -EINVAL);
			snprintf(place, sizeof place, "Procfile:1:%zu: byte 0xe4 is not UTF-8, expected UTF-8 text",
				 at + 2);
			help_lines(report.errors, place, NULL);
			finish();
		}
	}
}
END_TEST

START_TEST(sizes_are_bounded)
{
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	fprintf(out, "long: %0131001d\n%0256d: x\n", 0, 0);
	for (int i = 0; i < 1030; i++)
		fprintf(out, "p%d: x\n", i);
	fclose(out);
	ck_assert_int_eq(parse(bytes), 0);
	free(bytes);
	ck_assert_uint_eq(config.count, 1024);
	ck_assert_uint_eq(list_length(report.errors), 2 + 6);
	ck_assert_str_eq(report.errors[0], "Procfile:1:1: the command is too long, expected at most 131000 bytes");
	ck_assert_str_eq(report.errors[1], "Procfile:2:1: " NOT_AN_ENTRY);
	ck_assert_str_eq(report.errors[2], "Procfile:1027:1: too many entries, expected at most 1024");
	finish();
}
END_TEST

START_TEST(a_procfile_of_errors_ends_soon)
{
	char *bytes = malloc(1000001);

	for (size_t i = 0; i < 1000000; i++)
		bytes[i] = i % 2 == 0 ? '?' : '\n';
	bytes[1000000] = '\0';
	ck_assert_int_eq(parse(bytes), 0);
	ck_assert_uint_eq(list_length(report.errors), REPORT_LINES_MAX + 1);
	free(bytes);
	finish();
}
END_TEST

START_TEST(a_procfile_cut_anywhere_is_read_within_its_bytes)
{
	static const char whole[] = "\xef\xbb\xbf# c\r\nweb: a \xe2\x82\xac\r\n\t\n:\nx:\ny: \nz";

	for (size_t length = 0; length < sizeof whole; length++) {
		char *bytes = malloc(length + (length == 0));
		struct text text = {.file = "Procfile", .bytes = bytes, .length = length};

		memcpy(bytes, whole, length);
		parse_text(&text);
		free(bytes);
		finish();
	}
}
END_TEST

/* Discover the folder "p". */
static void discover(void)
{
	char *dir = help_folder("p");

	config_discover(&(struct config_request){.dir = dir}, &config, &report);
	free(dir);
}

static const char *variable(const char *name, const char *key)
{
	return env_get(help_spec(&config, name)->env, key);
}

START_TEST(ports_count_up_by_a_hundred)
{
	unsetenv("PORT");
	help_write("p/Procfile", "web: a\nworker: b\nclock: c\n");
	discover();
	ck_assert_str_eq(variable("web", "PORT"), "5000");
	ck_assert_str_eq(variable("worker", "PORT"), "5100");
	ck_assert_str_eq(variable("clock", "PORT"), "5200");
	ck_assert_str_eq(variable("clock", "PS"), "clock.1");
	finish();
	help_write("p/.env", "PORT=3000\n");
	discover();
	ck_assert_str_eq(variable("web", "PORT"), "3000");
	ck_assert_str_eq(variable("worker", "PORT"), "3100");
	finish();
	setenv("PORT", "65400", 1);
	discover();
	ck_assert_str_eq(variable("web", "PORT"), "65400");
	ck_assert_str_eq(variable("worker", "PORT"), "65500");
	ck_assert_ptr_null(variable("clock", "PORT"));
	help_lines(report.warnings, "Procfile: no PORT is left for clock, expected at most 65535", NULL);
	finish();
}
END_TEST

START_TEST(a_port_that_is_no_number_stays)
{
	unsetenv("PORT");
	help_write("p/Procfile", "web: a\nworker: b\n");
	help_write("p/.env", "PORT=/run/web.sock\n");
	discover();
	ck_assert_str_eq(variable("web", "PORT"), "/run/web.sock");
	ck_assert_str_eq(variable("worker", "PORT"), "/run/web.sock");
	help_lines(report.warnings,
		   "PORT is /run/web.sock, the same for every entry; expected 1 to 65535 to count up from", NULL);
	finish();
}
END_TEST

START_TEST(the_supervisors_environment_wins_over_dotenv)
{
	setenv("BRUMMER_TEST_OWN", "own", 1);
	unsetenv("BRUMMER_TEST_NEW");
	help_write("p/Procfile", "web: a\n");
	help_write("p/.env", "BRUMMER_TEST_OWN=file\nexport BRUMMER_TEST_NEW='from # file'\n");
	discover();
	ck_assert_ptr_null(variable("web", "BRUMMER_TEST_OWN"));
	ck_assert_str_eq(variable("web", "BRUMMER_TEST_NEW"), "from # file");
	finish();
}
END_TEST

START_TEST(a_wrong_dotenv_is_an_error_and_no_entry_counts)
{
	help_write("p/Procfile", "web: a\nno entry\n");
	help_write("p/.env", "GOOD=1\nnonsense\n");
	discover();
	ck_assert_uint_eq(config.count, 0);
	help_lines(report.errors, "Procfile:2:1: " NOT_AN_ENTRY, ".env:2:1: not an assignment, expected NAME=value",
		   NULL);
	finish();
}
END_TEST

START_TEST(what_settings_name_in_vain_is_a_warning)
{
	help_write("p/Procfile", "web: a\nworker: b\n");
	help_write("p/.overmind.env",
		   "OVERMIND_FORMATION=web=two,wrker=2,all=1\nOVERMIND_STOP_SIGNALS=web=INT,api=HUP\n"
		   "OVERMIND_TIMEOUT=soon\n");
	help_write("p/.foreman", "---\n# ours\nport: 3000\nprocfile: Procfile.dev\nnonsense\n");
	discover();
	help_lines(report.errors, NULL);
	help_lines(report.warnings, ".foreman:4:1: procfile has no effect", ".foreman:5:1: nonsense has no effect",
		   "Procfile: FORMATION names wrker, which is no entry",
		   "Procfile: STOP_SIGNALS names api, which is no entry", "Procfile: TIMEOUT is soon, expected seconds",
		   "Procfile: FORMATION has two of web, expected 0 to 1000",
		   "Procfile: TIMEOUT is soon, expected seconds", NULL);
	ck_assert_str_eq(variable("web", "PORT"), "3000");
	ck_assert_int_eq(help_spec(&config, "web")->stop_signal, 2);
	ck_assert_uint_eq(config.count, 2);
	finish();
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("procfile");
	TCase *tcase = tcase_create("procfile");

	tcase_set_timeout(tcase, 30);
	tcase_add_checked_fixture(tcase, help_clean, NULL);
	tcase_add_test(tcase, entries_are_named_commands);
	tcase_add_test(tcase, every_wrong_line_is_named_and_the_rest_is_kept);
	tcase_add_test(tcase, text_that_is_none_is_refused);
	tcase_add_test(tcase, a_byte_that_is_no_text_is_found_anywhere);
	tcase_add_test(tcase, sizes_are_bounded);
	tcase_add_test(tcase, a_procfile_of_errors_ends_soon);
	tcase_add_test(tcase, a_procfile_cut_anywhere_is_read_within_its_bytes);
	tcase_add_test(tcase, ports_count_up_by_a_hundred);
	tcase_add_test(tcase, a_port_that_is_no_number_stays);
	tcase_add_test(tcase, the_supervisors_environment_wins_over_dotenv);
	tcase_add_test(tcase, a_wrong_dotenv_is_an_error_and_no_entry_counts);
	tcase_add_test(tcase, what_settings_name_in_vain_is_a_warning);
	suite_add_tcase(suite, tcase);
	return suite;
}
