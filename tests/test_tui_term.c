/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/check_main.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/actions.h"
#include "clients/tui/term.h"
#include "tests/tui_help.h"

#ifdef HAVE_VTERM

static struct term *term;
static struct cells cells;

static void setup(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	ck_assert_int_eq(term_open(5, 20, &term), 0);
	ck_assert_int_eq(cells_resize(&cells, 5, 20), 0);
}

static void teardown(void)
{
	term_close(term);
	cells_finish(&cells);
}

static void feed(const char *text)
{
	term_feed(term, text, strlen(text));
	cells_clear(&cells);
	term_draw(term, &cells, (struct area){0, 0, 5, 20});
}

static bool row_is(int row, const char *text)
{
	size_t length = strlen(text);

	for (int col = 0; col < 20; col++) {
		uint32_t want = (size_t)col < length ? (uint32_t)(unsigned char)text[col] : ' ';

		if (cells_get(&cells, row, col)->code != want)
			return false;
	}
	return true;
}

static bool takes(const char *text)
{
	char out[64];
	size_t n = term_take(term, out, sizeof out);

	return n == strlen(text) && memcmp(out, text, n) == 0;
}

START_TEST(test_a_program_draws)
{
	int row, col;

	feed("one\r\ntwo\033[31;1m red\033[0m\033[4;3Hdeep");
	ck_assert(row_is(0, "one") && row_is(1, "two red") && row_is(3, "  deep"));
	ck_assert_uint_eq(cells_get(&cells, 1, 4)->style & (STYLE_FG(0xff) | STYLE_BOLD), STYLE_FG(1) | STYLE_BOLD);
	ck_assert_uint_eq(cells_get(&cells, 0, 0)->style & (STYLE_HAS_FG | STYLE_HAS_BG), 0);
	ck_assert(term_cursor(term, &row, &col));
	ck_assert(row == 3 && col == 6);
	/* The other screen comes and goes; the cursor is hidden. */
	feed("\033[?1049h\033[2J\033[Hfull screen\033[?25l");
	ck_assert(row_is(0, "full screen") && row_is(3, ""));
	ck_assert(!term_cursor(term, &row, &col));
	feed("\033[?1049l");
	ck_assert(row_is(0, "one") && row_is(3, "  deep"));
}
END_TEST

START_TEST(test_wide_and_odd_text_stays_in_its_cells)
{
	feed("\xe6\xbc\xa2x\xcc\x81y\xff\033]0;title\007z\033P+q\033\\!");
	ck_assert_uint_eq(cells_get(&cells, 0, 0)->code, 0x6f22);
	ck_assert_uint_eq(cells_get(&cells, 0, 1)->code, 0);
	ck_assert_uint_eq(cells_get(&cells, 0, 2)->code, 'x');
	ck_assert_uint_eq(cells_get(&cells, 0, 3)->code, 'y');
}
END_TEST

START_TEST(test_keys_are_what_the_program_asked_for)
{
	term_key(term, 'a', 0);
	ck_assert(takes("a"));
	term_key(term, 'c', MOD_CTRL);
	ck_assert(takes("\003"));
	term_key(term, K_ENTER, 0);
	ck_assert(takes("\r"));
	term_key(term, K_UP, 0);
	ck_assert(takes("\033[A"));
	feed("\033[?1h");
	term_key(term, K_UP, 0);
	ck_assert(takes("\033OA"));
	term_key(term, K_F1, 0);
	ck_assert(takes("\033OP"));
	/* Paste and mouse only when it has asked. */
	term_paste(term, true);
	ck_assert(takes(""));
	feed("\033[?2004h");
	term_paste(term, true);
	ck_assert(takes("\033[200~"));
	ck_assert(!term_wants_mouse(term));
	feed("\033[?1000h\033[?1006h");
	ck_assert(term_wants_mouse(term));
	term_mouse(term, 2, 3, 1, true, 0);
	ck_assert(takes("\033[<0;4;3M"));
	/* Answers to questions come the same way. */
	feed("\033[6n");
	ck_assert(takes("\033[1;1R"));
}
END_TEST

START_TEST(test_sizes_change)
{
	feed("0123456789012345678 1\r\n2\r\n3\r\n4");
	for (int rows = 1; rows < 30; rows += 7)
		for (int cols = 1; cols < 90; cols += 11) {
			term_resize(term, rows, cols);
			feed("x\xe6\xbc\xa2\033[99;99H");
		}
	term_resize(term, 0, -1);
	feed("y");
}
END_TEST

#endif

static struct tui_help help;

START_TEST(test_what_has_no_terminal_says_so)
{
	help_tui_shop(&help, 32, 120);
	help_tui_keys(&help, "j a");
	ck_assert_int_ge(help_tui_find(&help, "cannot attach to web: it has no terminal; tty: true"), 0);
	help_tui_end(&help);
}
END_TEST

#ifdef HAVE_VTERM
START_TEST(test_the_terminal_shows_what_was_written)
{
	uint32_t shell;

	help_tui_begin(&help, 24, 80);
	help.tty = true;
	shell = help_tui_add(&help, "shell", BRM_RUNNING);
	help_tui_log(&help, shell, BRM_OUT, 0, "\033[2J\033[3;5Hin the \033[1mmiddle\033[0m\033[6n");
	help_tui_draw(&help);
	help_tui_keys(&help, "a");
	ck_assert(help.tui.overlay == &overlay_terminal);
	ck_assert_ptr_nonnull(strstr(help_tui_row(&help, 4), "    in the middle"));
	ck_assert_int_ge(help_tui_find(&help, "Ctrl-] d leaves"), 0);
	ck_assert(jobs_settle(help.tui.jobs, 5000, &help.tui));
	help_tui_draw(&help);
	ck_assert_int_ge(help_tui_find(&help, "shell: no supervisor runs here"), 0);
	/* Keys mean nothing here but that one. */
	help_tui_keys(&help, "q 1 Esc C-c");
	ck_assert(help.tui.overlay == &overlay_terminal && !help.tui.leaving);
	help_tui_keys(&help, "C-] d");
	ck_assert_ptr_null(help.tui.overlay);
	help_tui_keys(&help, "a C-] [");
	ck_assert(help.tui.view == &view_logs && !help.tui.overlay);
	for (int rows = 1; rows < 30; rows += 4) {
		help_tui_keys(&help, "1 a");
		ck_assert_int_eq(cells_resize(&help.tui.cells, rows, rows * 4), 0);
		help_tui_draw(&help);
		help_tui_keys(&help, "C-] d");
	}
	help_tui_end(&help);
}
END_TEST
#endif

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_term");
	TCase *inside = tcase_create("inside");

#ifdef HAVE_VTERM
	TCase *tcase = tcase_create("term");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_a_program_draws);
	tcase_add_test(tcase, test_wide_and_odd_text_stays_in_its_cells);
	tcase_add_test(tcase, test_keys_are_what_the_program_asked_for);
	tcase_add_test(tcase, test_sizes_change);
	suite_add_tcase(suite, tcase);
	tcase_add_test(inside, test_the_terminal_shows_what_was_written);
#endif
	tcase_set_timeout(inside, 20);
	tcase_add_test(inside, test_what_has_no_terminal_says_so);
	suite_add_tcase(suite, inside);
	return suite;
}
