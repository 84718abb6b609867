/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/commands.h"
#include "clients/tui/found.h"
#include "tests/tui_help.h"

static struct tui_help help;

static void setup(void)
{
	help_tui_shop(&help, 32, 120);
}

static void teardown(void)
{
	help_tui_end(&help);
}

START_TEST(test_every_command_is_whole)
{
	const struct command *command = &commands[_i];
	char key[KEY_TEXT_MAX];

	ck_assert_str_ne(command->name, "");
	ck_assert_str_ne(command->help, "");
	ck_assert_uint_ne(command->views, 0);
	ck_assert_ptr_nonnull(command->run);
	ck_assert(command_key(command, 0, key) || !command->label); /* one without a key is in the palette */
	ck_assert_ptr_null(strchr(command->help, '\n'));
	if (command->hint)
		ck_assert_int_gt((int)strlen(command->hint), 0);
}
END_TEST

START_TEST(test_no_key_means_two_things_in_one_view)
{
	for (int i = 0; views[i]; i++)
		for (size_t c = 0; c < command_count; c++)
			for (const char *at = commands[c].keys; *at;) {
				size_t length = strcspn(at, " ");
				uint32_t key;
				unsigned mods;

				ck_assert_msg(key_parse(at, length, &key, &mods), "%s", at);
				if (commands[c].views & views[i]->bit)
					ck_assert_msg(command_of_key(views[i]->bit, key, mods) == &commands[c],
						      "%.*s in %s is both \"%s\" and \"%s\"", (int)length, at,
						      views[i]->name, commands[c].name,
						      command_of_key(views[i]->bit, key, mods)->name);
				at += length;
				at += *at == ' ';
			}
}
END_TEST

/* What the hint line shows is what the keys do: every key there is found in the table, with its hint. */
START_TEST(test_hints_come_from_the_table)
{
	for (int i = 0; views[i]; i++) {
		help.tui.view = views[i];
		help_tui_draw(&help);
		for (unsigned s = 0; s < help.tui.spot_count; s++) {
			const struct spot *spot = &help.tui.spots[s];
			bool known = spot->row != help.tui.frame.hints.row;

			for (size_t c = 0; !known && c < command_count; c++)
				known = commands[c].run == spot->act && commands[c].views & views[i]->bit;
			ck_assert(known);
		}
		ck_assert_ptr_nonnull(strstr(help_tui_row(&help, 31), "? all keys"));
		ck_assert_ptr_nonnull(strstr(help_tui_row(&help, 31), "q leave"));
	}
}
END_TEST

/* Every command can be found in the help by its name, shows its key, and says why it cannot be done. */
START_TEST(test_help_lists_every_command_of_its_view)
{
	const struct command *command = &commands[_i];
	char key[KEY_TEXT_MAX] = "", typed[256] = "?";
	int row;

	for (int i = 0; views[i]; i++)
		if (command->views & views[i]->bit) {
			help.tui.view = views[i];
			break;
		}
	help_tui_draw(&help);
	for (const char *at = command->name; *at; at++)
		snprintf(typed + strlen(typed), sizeof typed - strlen(typed), " %.*s", *at == ' ' ? 5 : 1,
			 *at == ' ' ? "Space" : at);
	help_tui_keys(&help, typed);
	command_key(command, 0, key);
	for (row = 0; row < 32; row++)
		if (strstr(help_tui_row(&help, row), command->name) && strstr(help_tui_row(&help, row), key))
			break;
	ck_assert_int_lt(row, 32);
	if (command_why_not(&help.tui, command))
		ck_assert_int_ge(help_tui_find(&help, command_why_not(&help.tui, command)), 0);
}
END_TEST

START_TEST(test_help_is_found_by_key_and_does_what_is_chosen)
{
	help_tui_keys(&help, "? ^ F");
	ck_assert_int_ge(help_tui_find(&help, "show only processes whose name"), 0);
	help_tui_keys(&help, "Esc ? t r o u b l e");
	ck_assert_int_lt(help_tui_find(&help, "nothing"), 0);
	help_tui_keys(&help, "Esc ? p r o b l e m s Enter");
	ck_assert(help.tui.list.problems);
	ck_assert_ptr_null(help.tui.overlay);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_commands");
	TCase *tcase = tcase_create("commands");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_every_command_is_whole, 0, (int)command_count);
	tcase_add_test(tcase, test_no_key_means_two_things_in_one_view);
	tcase_add_test(tcase, test_hints_come_from_the_table);
	tcase_add_loop_test(tcase, test_help_lists_every_command_of_its_view, 0, (int)command_count);
	tcase_add_test(tcase, test_help_is_found_by_key_and_does_what_is_chosen);
	suite_add_tcase(suite, tcase);
	return suite;
}
