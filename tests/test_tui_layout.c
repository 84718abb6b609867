/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <math.h>
#include <string.h>

#include "clients/tui/layout.h"
#include "clients/tui/status.h"
#include "clients/tui/theme.h"
#include "clients/tui/ticker.h"

#define SECOND UINT64_C(1000000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

static bool is_within(struct area inner, struct area outer)
{
	return inner.rows == 0 ||
	       (inner.row >= outer.row && inner.col >= outer.col && inner.cols > 0 &&
		inner.row + inner.rows <= outer.row + outer.rows && inner.col + inner.cols <= outer.col + outer.cols);
}

static bool overlap(struct area a, struct area b)
{
	return a.rows > 0 && b.rows > 0 && a.row < b.row + b.rows && b.row < a.row + a.rows && a.col < b.col + b.cols &&
	       b.col < a.col + a.cols;
}

START_TEST(test_every_size_is_divided_without_overlap)
{
	for (int rows = 1; rows <= 40; rows++)
		for (int cols = 1; cols <= 150; cols++)
			for (int choice = 0; choice < 32; choice++) {
				struct panes panes = {
					.zoom = choice & 1,
					.on_log = choice & 2,
					.no_details = choice & 4,
					.details = choice & 8,
					.moved = {choice & 16 ? 1000 : -1000, choice & 16 ? 1000 : -1000}};
				struct area screen = {0, 0, rows, cols};
				struct frame frame;
				struct split split;

				layout_frame(rows, cols, choice % 3, &frame);
				layout_split(&frame, &panes, choice, &split);
				struct area parts[] = {frame.header, frame.banner, frame.message, frame.hints,
						       split.list,   split.log,    split.details};
				for (size_t i = 0; i < 7; i++) {
					ck_assert(is_within(parts[i], screen));
					for (size_t j = i + 1; j < 7; j++)
						ck_assert(!overlap(parts[i], parts[j]));
				}
				if (frame.shape > SHAPE_TINY)
					ck_assert_int_ge(frame.body.rows, 3);
			}
}
END_TEST

START_TEST(test_sizes_have_the_layouts_that_were_promised)
{
	static const struct {
		int rows, cols;
		enum shape shape;
	} sizes[] = {{60, 200, SHAPE_BESIDE},  {32, 120, SHAPE_BESIDE}, {20, 110, SHAPE_BESIDE},
		     {19, 110, SHAPE_STACKED}, {24, 80, SHAPE_STACKED}, {16, 60, SHAPE_STACKED},
		     {15, 60, SHAPE_SINGLE},   {8, 200, SHAPE_SINGLE},  {24, 59, SHAPE_SHORT},
		     {10, 40, SHAPE_SHORT},    {10, 29, SHAPE_NARROW},  {5, 20, SHAPE_NARROW},
		     {4, 80, SHAPE_TINY},      {24, 19, SHAPE_TINY},    {2, 10, SHAPE_TINY}};
	struct frame frame;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		layout_frame(sizes[i].rows, sizes[i].cols, 0, &frame);
		ck_assert_int_eq(frame.shape, sizes[i].shape);
	}
}
END_TEST

START_TEST(test_columns_leave_in_their_order)
{
	static const enum column order[] = {COLUMN_PID,    COLUMN_URL, COLUMN_RESTARTS, COLUMN_SPARK,
					    COLUMN_MEMORY, COLUMN_CPU, COLUMN_UPTIME,   COLUMN_STATUS};
	struct column_place columns[COLUMN_COUNT];
	bool gone[COLUMN_COUNT] = {false};

	for (int width = 200; width >= 30; width--) {
		layout_columns(width, 9, false, columns);
		for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
			bool shown = columns[order[i]].width > 0;

			ck_assert(!(gone[order[i]] && shown));
			gone[order[i]] = !shown;
			if (shown)
				ck_assert_int_le(columns[order[i]].col + columns[order[i]].width, width);
			/* One that came later in this order is there only if those before it are gone last. */
			for (size_t j = 0; j < i; j++)
				ck_assert(columns[order[j]].width == 0 || shown);
		}
		ck_assert_int_ge(columns[COLUMN_NAME].width, 6);
	}
	layout_columns(58, 9, false, columns);
	ck_assert_int_eq(columns[COLUMN_STATUS].col, 15);
	ck_assert_int_eq(columns[COLUMN_UPTIME].col, 25);
	ck_assert_int_eq(columns[COLUMN_SPARK].col, 33);
	ck_assert_int_eq(columns[COLUMN_MEMORY].col, 46);
	ck_assert_int_eq(columns[COLUMN_RESTARTS].col, 51);
	ck_assert_int_eq(columns[COLUMN_URL].width, 0);
}
END_TEST

START_TEST(test_a_long_name_leaves_room_for_the_load)
{
	struct column_place columns[COLUMN_COUNT];

	for (int width = 57; width <= 130; width++) {
		layout_columns(width, 60, false, columns);
		ck_assert_int_ge(columns[COLUMN_NAME].width, 20);
		ck_assert(columns[COLUMN_CPU].width > 0 && columns[COLUMN_MEMORY].width > 0);
	}
	layout_columns(80, 60, false, columns);
	ck_assert_int_eq(columns[COLUMN_NAME].width, 41);
	ck_assert_int_gt(columns[COLUMN_SPARK].width, 0);
}
END_TEST

/* ---- themes ---- */

/* Relative luminance of one of the 256 colours, from 16 up, as WCAG has it. */
static double luminance(int color)
{
	static const int steps[] = {0, 95, 135, 175, 215, 255};
	int rgb[3];
	double sum = 0, weights[] = {0.2126, 0.7152, 0.0722};

	for (int i = 0; i < 3; i++)
		rgb[i] = 8 + 10 * (color - 232);
	if (color < 232) {
		rgb[0] = steps[(color - 16) / 36];
		rgb[1] = steps[(color - 16) / 6 % 6];
		rgb[2] = steps[(color - 16) % 6];
	}
	for (int i = 0; i < 3; i++) {
		double c = rgb[i] / 255.0;

		sum += weights[i] * (c <= 0.03928 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
	}
	return sum;
}

static double contrast(double a, double b)
{
	return a > b ? (a + 0.05) / (b + 0.05) : (b + 0.05) / (a + 0.05);
}

START_TEST(test_both_themes_can_be_read)
{
	const double dark = luminance(234), light = 1.0; /* #1c1c1c, #ffffff */

	for (uint32_t role = ROLE_TEXT; role < ROLE_COUNT; role++) {
		struct look look = theme_look(THEME_DARK, 256, role), other = theme_look(THEME_LIGHT, 256, role);
		double least = role == ROLE_RULE ? 1.5 : 4.4;

		if (look.fg >= 16)
			ck_assert_msg(contrast(luminance(look.fg), look.bg < 0 ? dark : luminance(look.bg)) >= least,
				      "dark, role %u", role);
		if (other.fg >= 16)
			ck_assert_msg(contrast(luminance(other.fg), other.bg < 0 ? light : luminance(other.bg)) >=
					      least,
				      "light, role %u", role);
	}
}
END_TEST

START_TEST(test_no_colour_means_none)
{
	for (uint32_t role = ROLE_TEXT; role < ROLE_COUNT; role++)
		for (int i = 0; i < 2; i++) {
			struct look look = theme_look(i ? THEME_DARK : THEME_NONE, i ? 2 : 256,
						      role | STYLE_FG(1) | STYLE_BG(2) | STYLE_BAR);

			ck_assert_int_eq(look.fg, -1);
			ck_assert_int_eq(look.bg, -1);
			ck_assert(look.attributes & STYLE_REVERSE);
		}
	ck_assert(theme_look(THEME_NONE, 256, ROLE_BAD_WORD).attributes & STYLE_REVERSE);
}
END_TEST

START_TEST(test_few_colours_are_never_exceeded)
{
	for (uint32_t role = ROLE_TEXT; role < ROLE_COUNT; role++)
		for (int theme = 0; theme < THEME_COUNT; theme++) {
			struct look look = theme_look((enum theme)theme, 8, role | STYLE_FG(200) | STYLE_BG(9));

			ck_assert_int_lt(look.fg, 8);
			ck_assert_int_lt(look.bg, 8);
		}
}
END_TEST

START_TEST(test_the_bar_is_seen_in_every_theme)
{
	for (int theme = 0; theme < THEME_COUNT; theme++) {
		struct look plain = theme_look((enum theme)theme, 256, ROLE_TEXT);
		struct look bar = theme_look((enum theme)theme, 256, ROLE_TEXT | STYLE_BAR);
		struct look idle = theme_look((enum theme)theme, 256, ROLE_TEXT | STYLE_BAR_IDLE);

		ck_assert(memcmp(&plain, &bar, sizeof bar) != 0);
		ck_assert(memcmp(&plain, &idle, sizeof idle) != 0);
		ck_assert(memcmp(&bar, &idle, sizeof bar) != 0);
	}
}
END_TEST

START_TEST(test_a_name_has_its_colour_for_ever)
{
	ck_assert_int_eq(theme_name_role("web"), theme_name_role("web"));
	ck_assert_int_ge(theme_name_role(""), ROLE_NAME0);
	ck_assert_int_le(theme_name_role("a very long name"), ROLE_NAME7);
	ck_assert(theme_is_dark(0x1e1e, 0x1e1e, 0x1e1e));
	ck_assert(!theme_is_dark(0xffff, 0xffff, 0xf000));
}
END_TEST

/* ---- times ---- */

static struct ticker at(uint64_t boot_ns)
{
	struct ticker ticker;

	ticker_begin(&ticker, (struct brm_now){.real_ns = boot_ns + 1000 * HOUR, .boot_ns = boot_ns});
	return ticker;
}

/* What is read now, and that it stays so until the ticker says, and is another then. */
static void check_ticks(uint64_t now, uint64_t start, const char *expected)
{
	struct ticker ticker = at(now), later;
	char text[WHEN_MAX], then[WHEN_MAX];

	ck_assert_str_eq(ticker_since_boot(&ticker, start, text), expected);
	ck_assert_uint_gt(ticker.next_boot_ns, now);
	later = at(ticker.next_boot_ns - 1);
	ck_assert_str_eq(ticker_since_boot(&later, start, then), expected);
}

START_TEST(test_times_change_when_the_ticker_says)
{
	uint64_t start = 5 * HOUR + 123456789;
	static const struct {
		uint64_t age;
		const char *text;
	} ages[] = {{0, "0s"},
		    {12 * SECOND, "12s"},
		    {59 * SECOND, "59s"},
		    {3 * MINUTE + 12 * SECOND, "3m12s"},
		    {9 * MINUTE + 59 * SECOND, "9m59s"},
		    {10 * MINUTE, "10m"},
		    {41 * MINUTE + 30 * SECOND, "41m"},
		    {2 * HOUR + 14 * MINUTE + 30 * SECOND, "2h14m"},
		    {76 * HOUR + 30 * MINUTE, "3d4h"}};

	for (size_t i = 0; i < sizeof ages / sizeof *ages; i++)
		check_ticks(start + ages[i].age, start, ages[i].text);
}
END_TEST

START_TEST(test_times_tick_together_on_the_whole_second_and_minute)
{
	struct ticker ticker = at(5 * HOUR + 30 * SECOND + 500);
	char text[WHEN_MAX];

	ticker_since_boot(&ticker, 5 * HOUR + 17 * SECOND + 777, text);
	ck_assert_uint_eq(ticker.next_boot_ns, 5 * HOUR + 31 * SECOND);
	ticker = at(5 * HOUR + 30 * SECOND + 500);
	ticker_since_boot(&ticker, 4 * HOUR + 17 * SECOND, text);
	ticker_since_boot(&ticker, 3 * HOUR + 44 * SECOND, text);
	ck_assert_uint_eq(ticker.next_boot_ns, 5 * HOUR + MINUTE);
	ck_assert_uint_eq(ticker_until(&ticker, 0), 0);
	ck_assert_uint_eq(ticker.next_boot_ns, 5 * HOUR + MINUTE);
	ck_assert_uint_eq(ticker_until(&ticker, ticker.now.real_ns + 3 * SECOND - 600), 3);
	ck_assert_uint_eq(ticker.next_boot_ns, 5 * HOUR + 31 * SECOND);
}
END_TEST

START_TEST(test_every_state_has_its_own_shape_and_word)
{
	for (unsigned a = BRM_PENDING; a < BRM_STATUS_COUNT; a++) {
		ck_assert_str_eq(status_look(a).word, brm_status_word((enum brm_status)a));
		for (unsigned b = a + 1; b < BRM_STATUS_COUNT; b++)
			ck_assert_str_ne(status_look(a).shape, status_look(b).shape);
	}
	ck_assert_str_eq(status_look(99).shape, "?");
	ck_assert_uint_lt(status_trouble(BRM_FAILED), status_trouble(BRM_BACKOFF));
	ck_assert_uint_lt(status_trouble(BRM_STARTING), status_trouble(BRM_RUNNING));
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_layout");
	TCase *tcase = tcase_create("layout");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, test_every_size_is_divided_without_overlap);
	tcase_add_test(tcase, test_sizes_have_the_layouts_that_were_promised);
	tcase_add_test(tcase, test_columns_leave_in_their_order);
	tcase_add_test(tcase, test_a_long_name_leaves_room_for_the_load);
	tcase_add_test(tcase, test_both_themes_can_be_read);
	tcase_add_test(tcase, test_no_colour_means_none);
	tcase_add_test(tcase, test_few_colours_are_never_exceeded);
	tcase_add_test(tcase, test_the_bar_is_seen_in_every_theme);
	tcase_add_test(tcase, test_a_name_has_its_colour_for_ever);
	tcase_add_test(tcase, test_times_change_when_the_ticker_says);
	tcase_add_test(tcase, test_times_tick_together_on_the_whole_second_and_minute);
	tcase_add_test(tcase, test_every_state_has_its_own_shape_and_word);
	suite_add_tcase(suite, tcase);
	return suite;
}
