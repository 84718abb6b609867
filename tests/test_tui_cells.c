/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/ansi.h"
#include "clients/tui/cells.h"
#include "clients/tui/field.h"
#include "clients/tui/finder.h"
#include "clients/tui/text.h"

static struct cells cells;
static struct area all;

static void setup(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	cells = (struct cells){0};
	ck_assert_int_eq(cells_resize(&cells, 4, 20), 0);
	all = (struct area){0, 0, 4, 20};
}

static void teardown(void)
{
	cells_finish(&cells);
}

/* A row as text, right halves of wide characters left out, blanks at the end too. */
static const char *row_text(int row)
{
	static char out[1024];
	size_t used = 0, end = 0;

	for (int col = 0; col < cells.cols; col++) {
		const struct cell *cell = cells_get(&cells, row, col);

		if (cell->code == 0)
			continue;
		used += text_encode(cell->code, out + used);
		for (int i = 0; i < CELL_MARKS && cell->mark[i]; i++)
			used += text_encode(cell->mark[i], out + used);
		end = cell->code != ' ' ? used : end;
	}
	out[end] = '\0';
	return out;
}

static const char *write_text(const char *text)
{
	struct pen pen = pen_at(&cells, all, 0, 0);

	cells_clear(&cells);
	pen_text(&pen, 0, text);
	return row_text(0);
}

START_TEST(test_text_fills_its_cells_and_no_others)
{
	struct area inner = {1, 5, 2, 6};
	struct pen pen = pen_at(&cells, inner, 0, 0);

	pen_text(&pen, ROLE_BAD, "0123456789");
	ck_assert_str_eq(row_text(1), "     012345");
	pen = pen_at(&cells, inner, 2, 0);
	pen_text(&pen, 0, "below");
	pen = pen_at(&cells, inner, 0, 6);
	pen_text(&pen, 0, "right");
	ck_assert_str_eq(row_text(1), "     012345");
	ck_assert_str_eq(row_text(3), "");
	ck_assert_uint_eq(cells_get(&cells, 1, 5)->style, ROLE_BAD);
}
END_TEST

START_TEST(test_wide_characters_take_two_cells_or_none)
{
	ck_assert_str_eq(write_text("中文"), "中文");
	ck_assert_uint_eq(cells_get(&cells, 0, 1)->code, 0);
	ck_assert_uint_eq(cells_get(&cells, 0, 2)->code, 0x6587);
	ck_assert_str_eq(write_text("0123456789012345678中"), "0123456789012345678");
	ck_assert_str_eq(write_text("中"), "中");
	/* Writing over one half leaves a blank in the place of the other. */
	struct pen pen = pen_at(&cells, all, 0, 1);
	pen_text(&pen, 0, "x");
	ck_assert_str_eq(row_text(0), " x");
}
END_TEST

START_TEST(test_nothing_hostile_reaches_a_cell)
{
	static const struct {
		const char *text;
		const char *shown;
	} hostile[] = {
		{"a\033[31mb", "a^[[31mb"},
		{"a\x07"
		 "b\x7f",
		 "a^Gb^?"},
		{"a\xc2\x9b"
		 "b",
		 "a\\x9bb"},
		{"a\xff\xfe"
		 "b",
		 "a\\xff\\xfeb"},
		{"\xc0\xaf", "\\xc0\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"a\u202e"
		 "b",
		 "a<U+202E>b"},
		{"a\u200d\u200d"
		 "b\ufe0f",
		 "ab"},
		{"a\u200b"
		 "b",
		 "a<U+200B>b"},
		{"\ufeff", "<U+FEFF>"},
		{"e\u0301x", "e\u0301x"},
		{"\u0301x", "x"},
		{"a\tb", "a       b"},
		{"\U000e0041", "<U+E0041>"},
	};

	for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
		ck_assert_str_eq(write_text(hostile[i].text), hostile[i].shown);
	for (int row = 0; row < 4; row++)
		for (int col = 0; col < 20; col++) {
			uint32_t code = cells_get(&cells, row, col)->code;

			ck_assert(code == 0 || (code >= 0x20 && code != 0x7f && (code < 0x80 || code >= 0xa0)));
		}
}
END_TEST

START_TEST(test_a_cell_keeps_few_combining_marks)
{
	write_text("e\u0301\u0302\u0303\u0304\u0305\u0306x");
	ck_assert_uint_eq(cells_get(&cells, 0, 0)->mark[CELL_MARKS - 1], 0x303);
	ck_assert_uint_eq(cells_get(&cells, 0, 1)->code, 'x');
}
END_TEST

START_TEST(test_ascii_shows_nothing_above_7e)
{
	cells.ascii = true;
	ck_assert_str_eq(write_text("●○◐◑↻■✗✓ ─│▌…×"), "*.ov~-X+ -|>~x");
	ck_assert_str_eq(write_text("中é\u0301"), "???");
}
END_TEST

START_TEST(test_text_is_cut_with_an_ellipsis_to_its_width)
{
	struct pen pen = pen_at(&cells, all, 0, 0);

	pen_cut(&pen, 0, "storybook", 6);
	pen_cut(&pen, 0, "db", 4);
	pen_right(&pen, 0, "9M", 4);
	pen_text(&pen, 0, "|");
	ck_assert_str_eq(row_text(0), "story…db    9M|");
	pen = pen_at(&cells, all, 1, 0);
	pen_cut(&pen, 0, "中文中文", 6);
	pen_text(&pen, 0, "|");
	ck_assert_str_eq(row_text(1), "中文 …|");
	ck_assert_int_eq(text_cells("中文", 6), 4);
	ck_assert_int_eq(text_cells("a\tb\033", 4), 11);
}
END_TEST

START_TEST(test_thousands_are_told_apart)
{
	static const struct {
		uint64_t count;
		const char *text;
		const char *brief;
	} known[] = {{0, "0", "0"},
		     {999, "999", "999"},
		     {1204, "1,204", "1,204"},
		     {9999, "9,999", "9,999"},
		     {98400, "98,400", "98.4k"},
		     {999999, "999,999", "999.9k"},
		     {19988024, "19,988,024", "19.9M"},
		     {UINT64_MAX, "18,446,744,073,709,551,615", "18446744073709.5M"}};
	char text[TEXT_COUNT_MAX];

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		ck_assert_str_eq(text_count(known[i].count, text), known[i].text);
		ck_assert_str_eq(text_count_brief(known[i].count, text), known[i].brief);
	}
}
END_TEST

START_TEST(test_a_line_hashes_differently_when_anything_in_it_does)
{
	struct pen pen = pen_at(&cells, all, 0, 3);
	uint64_t blank = cells_hash(&cells, 0), text, styled;

	ck_assert(blank == cells_hash(&cells, 1));
	pen_text(&pen, ROLE_OK, "x");
	text = cells_hash(&cells, 0);
	cells_tint(&cells, (struct area){0, 3, 1, 1}, STYLE_BAR);
	styled = cells_hash(&cells, 0);
	ck_assert(blank != text && text != styled && blank != styled);
	ck_assert(blank == cells_hash(&cells, 1));
}
END_TEST

/* ---- log lines ---- */

static struct ansi ansi;

static const char *parse(const char *bytes)
{
	static char text[ANSI_TEXT + 1];

	ansi_parse(bytes, strlen(bytes), &ansi);
	memcpy(text, ansi.text, ansi.length);
	text[ansi.length] = '\0';
	return text;
}

START_TEST(test_a_log_line_colours_its_text_and_nothing_else)
{
	size_t end;

	ck_assert_str_eq(parse("\033[31mred\033[0m plain \033[1;38;5;200mpink"), "red plain pink");
	ck_assert_uint_eq(ansi_style(&ansi, 0, &end), STYLE_FG(1));
	ck_assert_uint_eq(end, 3);
	ck_assert_uint_eq(ansi_style(&ansi, 4, &end), 0);
	ck_assert_uint_eq(ansi_style(&ansi, 11, &end), STYLE_BOLD | STYLE_FG(200));
	ck_assert_uint_eq(end, ansi.length);
	parse("\033[38;2;255;0;0mtrue\033[39m");
	ck_assert_uint_eq(ansi_style(&ansi, 0, &end), STYLE_FG(196));
	parse("\033[30;40mhidden");
	ck_assert_uint_eq(ansi_style(&ansi, 0, &end), 0);
}
END_TEST

START_TEST(test_other_sequences_are_dropped_whole)
{
	static const struct {
		const char *bytes;
		const char *text;
	} dropped[] = {
		{"a\033[2Jb\033[10;10Hc", "abc"},
		{"a\033]0;title\007b", "ab"},
		{"a\033]52;c;aGVsbG8=\033\\b", "ab"},
		{"a\033]8;;http://x\033\\link\033]8;;\033\\b", "alinkb"},
		{"a\033]0;never ended", "a"},
		{"a\033P+q\033\\b\033_x\033\\c\033^y\033\\d", "abcd"},
		{"a\033[?2026hb\033[?1049lc", "abc"},
		{"a\033(Bb\033=c\033Md", "abcd"},
		{"a\033", "a"},
		{"a\033[", "a"},
		{"a\033[31", "a"},
		{"10%\r20%\r100%\r", "100%"},
		{"\033[31m10%\r20%", "20%"},
		{"a\033[\033[31mb", "ab"},
	};

	for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
		ck_assert_str_eq(parse(dropped[i].bytes), dropped[i].text);
}
END_TEST

START_TEST(test_lines_wrap_at_a_blank_or_at_the_cell)
{
	size_t at;

	parse("TypeError: Cannot read properties");
	at = ansi_wrap(&ansi, 0, 20);
	ck_assert_uint_eq(at, strlen("TypeError: Cannot "));
	ck_assert_uint_eq(ansi_wrap(&ansi, at, 20), ansi.length);
	parse("0123456789abcdefghij");
	ck_assert_uint_eq(ansi_wrap(&ansi, 0, 8), 8);
	parse("中文中文");
	ck_assert_uint_eq(ansi_wrap(&ansi, 0, 5), 6);
	ck_assert_uint_eq(ansi_wrap(&ansi, 0, 1), 3);
	parse("");
	ck_assert_uint_eq(ansi_wrap(&ansi, 0, 8), 0);
}
END_TEST

/* ---- finding, typing ---- */

START_TEST(test_search_is_literal_or_a_regex_and_capitals_count_when_typed)
{
	struct finder finder = {0};
	size_t begin, end;

	ck_assert(!finder_next(&finder, "abc", 3, 0, &begin, &end));
	ck_assert_int_eq(finder_set(&finder, "err", false), 0);
	ck_assert(finder_next(&finder, "an ERROR, an error", 18, 0, &begin, &end));
	ck_assert_uint_eq(begin, 3);
	ck_assert_uint_eq(end, 6);
	ck_assert(finder_next(&finder, "an ERROR, an error", 18, 6, &begin, &end));
	ck_assert_uint_eq(begin, 13);
	ck_assert_int_eq(finder_set(&finder, "Err", false), 0);
	ck_assert(!finder_next(&finder, "an ERROR, an error", 18, 0, &begin, &end));
	ck_assert_int_eq(finder_set(&finder, "e[rx]+", true), 0);
	ck_assert(finder_next(&finder, "an ERROR", 8, 0, &begin, &end));
	ck_assert_uint_eq(end, 6);
	ck_assert_int_lt(finder_set(&finder, "e[", true), 0);
	ck_assert_str_eq(finder.text, "e[rx]+");
	ck_assert_int_eq(finder_set(&finder, "x*", true), 0);
	ck_assert(!finder_next(&finder, "abc", 3, 0, &begin, &end));
	finder_finish(&finder);
}
END_TEST

static bool type(struct field *field, const char *keys)
{
	bool any = false, changed;

	for (const char *at = keys; *at;) {
		struct event event = {.kind = EVENT_KEY};
		size_t length = strcspn(at, " ");

		ck_assert(key_parse(at, length, &event.key, &event.mods));
		field_event(field, &event, &changed);
		any = any || changed;
		at += length;
		at += *at == ' ';
	}
	return any;
}

START_TEST(test_a_field_is_edited_as_people_expect)
{
	struct field field = {0};

	ck_assert(type(&field, "a b Space c é"));
	ck_assert_str_eq(field.text, "ab cé");
	ck_assert(type(&field, "BS BS Left x"));
	ck_assert_str_eq(field.text, "abx ");
	ck_assert(type(&field, "C-w"));
	ck_assert_str_eq(field.text, " ");
	ck_assert(type(&field, "C-e a b C-a Del z"));
	ck_assert_str_eq(field.text, "zab");
	ck_assert(!type(&field, "C-a BS Left C-u"));
	ck_assert(type(&field, "C-e C-u"));
	ck_assert_str_eq(field.text, "");
	for (int i = 0; i < 400; i++)
		type(&field, "中");
	ck_assert_uint_lt(field.length, FIELD_MAX);
	ck_assert_uint_eq(field.length % 3, 0);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_cells");
	TCase *tcase = tcase_create("cells");

	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_text_fills_its_cells_and_no_others);
	tcase_add_test(tcase, test_wide_characters_take_two_cells_or_none);
	tcase_add_test(tcase, test_nothing_hostile_reaches_a_cell);
	tcase_add_test(tcase, test_a_cell_keeps_few_combining_marks);
	tcase_add_test(tcase, test_ascii_shows_nothing_above_7e);
	tcase_add_test(tcase, test_text_is_cut_with_an_ellipsis_to_its_width);
	tcase_add_test(tcase, test_thousands_are_told_apart);
	tcase_add_test(tcase, test_a_line_hashes_differently_when_anything_in_it_does);
	tcase_add_test(tcase, test_a_log_line_colours_its_text_and_nothing_else);
	tcase_add_test(tcase, test_other_sequences_are_dropped_whole);
	tcase_add_test(tcase, test_lines_wrap_at_a_blank_or_at_the_cell);
	tcase_add_test(tcase, test_search_is_literal_or_a_regex_and_capitals_count_when_typed);
	tcase_add_test(tcase, test_a_field_is_edited_as_people_expect);
	suite_add_tcase(suite, tcase);
	return suite;
}
