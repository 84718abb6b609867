/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stdlib.h>
#include <string.h>

#include <brummer/logs.h>

struct sample {
	const char *text;
	const char *clean;
};

#define BAD "\357\277\275"

static const struct sample plain[] = {
	{"", ""},
	{"hello", "hello"},
	{"a\tb", "a\tb"},
	{"gr\303\274n \342\202\254 \360\237\232\200", "gr\303\274n \342\202\254 \360\237\232\200"},
	{"\357\273\277bom", "\357\273\277bom"},
};

static const struct sample escapes[] = {
	{"\033[31mred\033[0m", "red"},
	{"\033[1;38;5;196mx\033[m", "x"},
	{"\033[?25lhidden cursor\033[?25h", "hidden cursor"},
	{"a\033[2Kb\033[1;1Hc", "abc"},
	{"\033[38:2::1:2:3mcolons", "colons"},
	{"\033[ qspace", "space"},
	{"\033]0;title\007text", "text"},
	{"\033]0;title\033\\text", "text"},
	{"\033]8;;http://example.com\033\\link\033]8;;\033\\", "link"},
	{"\033Pdevice\033\\text", "text"},
	{"\033Pbell is data\007still\033\\text", "text"},
	{"\033Xstart\033\\text", "text"},
	{"\033^privacy\033\\text", "text"},
	{"\033_application\033\\text", "text"},
	{"\033(Bcharset", "charset"},
	{"\0337save\0338restore", "saverestore"},
	{"\033=\033>keypad", "keypad"},
	{"\033\033[31mtwice", "twice"},
	{"\302\23331mone byte CSI", "one byte CSI"},
	{"\302\2350;title\302\234text", "text"},
	{"\302\220dcs\302\234text", "text"},
};

/* A sequence that was cut, or never was one, takes what could belong to it and no more. */
static const struct sample broken[] = {
	{"\033", ""},
	{"x\033[", "x"},
	{"x\033[31", "x"},
	{"x\033[31;\303\274y", "x\303\274y"},
	{"x\033[31\033[32my", "xy"},
	{"x\033]0;never ends", "x"},
	{"x\033]0;ends\033[32m with another", "x with another"},
	{"x\033]0;cancelled\030y", "xy"},
	{"x\033Pnever ends\033", "x"},
	{"x\033(", "x"},
	{"x\033\303\274", "x\303\274"},
	{"x\033\001y", "xy"},
	{"x\033]0;title\302", "x"},
};

static const struct sample controls[] = {
	{"a\001b\002c\177d", "abcd"},
	{"bell\007", "bell"},
	{"back\010space", "backspace"},
	{"vertical\013tab", "verticaltab"},
	{"a\302\205b", "ab"},
	{"no-break\302\240space", "no-break\302\240space"},
	{"a\nb", "ab"},
};

static const struct sample returns[] = {
	{"windows\r", "windows"},
	{"windows\r\r", "windows"},
	{"10%\r20%\r30%", "30%"},
	{"10%\r20%\r30%\r", "30%"},
	{"50%\r\033[K", "50%"},
	{"50%\r\033[Kdone", "done"},
	{"\rx", "x"},
	{"\r", ""},
	{"long line\rx", "x"},
};

static const struct sample invalid[] = {
	{"a\377b", "a" BAD "b"},
	{"\200", BAD},
	{"\303", BAD},
	{"\303x", BAD "x"},
	{"\342\202", BAD},
	{"\342\202x", BAD "x"},
	{"\360\237\232", BAD},
	{"\360\237\232x", BAD "x"},
	{"\300\257", BAD BAD},                 /* overlong */
	{"\340\200\257", BAD BAD BAD},         /* overlong */
	{"\355\240\200", BAD BAD BAD},         /* surrogate */
	{"\364\220\200\200", BAD BAD BAD BAD}, /* beyond U+10FFFF */
	{"\370\210\200\200\200", BAD BAD BAD BAD BAD},
	{"\376\377", BAD BAD},
	{"\302\302\240", BAD "\302\240"},
};

static const struct {
	const struct sample *samples;
	size_t count;
} groups[] = {
	{plain, sizeof plain / sizeof *plain},       {escapes, sizeof escapes / sizeof *escapes},
	{broken, sizeof broken / sizeof *broken},    {controls, sizeof controls / sizeof *controls},
	{returns, sizeof returns / sizeof *returns}, {invalid, sizeof invalid / sizeof *invalid},
};

START_TEST(test_text_is_cleaned)
{
	for (size_t i = 0; i < groups[_i].count; i++) {
		const struct sample *sample = &groups[_i].samples[i];
		char out[256] = "";
		size_t length = brm_text_clean(sample->text, strlen(sample->text), out, sizeof out - 1);

		out[length] = '\0';
		ck_assert_str_eq(out, sample->clean);
	}
}
END_TEST

START_TEST(test_nul_bytes_are_dropped)
{
	char out[8];

	ck_assert_uint_eq(brm_text_clean("a\0b\0\0c", 6, out, sizeof out), 3);
	ck_assert_mem_eq(out, "abc", 3);
}
END_TEST

START_TEST(test_text_is_cut_at_a_character)
{
	static const char text[] = "a\303\274\342\202\254\360\237\232\200z";
	static const size_t lengths[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};

	for (size_t size = 0; size < sizeof lengths / sizeof *lengths; size++) {
		char out[16];

		memset(out, '#', sizeof out);
		ck_assert_uint_eq(brm_text_clean(text, strlen(text), out, size), lengths[size]);
		ck_assert_mem_eq(out, text, lengths[size]);
		ck_assert_int_eq(out[lengths[size]], '#');
	}
}
END_TEST

START_TEST(test_what_follows_a_return_counts_even_if_the_line_was_cut)
{
	char out[4];

	ck_assert_uint_eq(brm_text_clean("much too long\rok", 16, out, sizeof out), 2);
	ck_assert_mem_eq(out, "ok", 2);
}
END_TEST

/* Valid UTF-8 without controls but for tabs, whatever went in. */
static void check_shown_safely(const char *text, size_t length)
{
	char again[256];

	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];

		ck_assert(byte == '\t' || (byte >= 0x20 && byte != 0x7f));
		ck_assert(byte != 0xc2 || (unsigned char)text[i + 1] >= 0xa0);
	}
	ck_assert_uint_eq(brm_text_clean(text, length, again, sizeof again), length);
	ck_assert_mem_eq(text, again, length);
}

START_TEST(test_anything_becomes_safe_and_stays_as_it_is_then)
{
	static const unsigned char alphabet[] = {0x1b, '[',  ']',  'm',  ';',  '0',  '\\', 7,
						 '\r', '\t', 0,    'x',  0xc2, 0x9b, 0x9c, 0xe2,
						 0x82, 0xac, 0xf0, 0x9f, 0x9a, 0x80, 0xff, 0x18};
	unsigned seed = 5;

	for (int round = 0; round < 50000; round++) {
		size_t length = (size_t)rand_r(&seed) % 64;
		size_t size = (size_t)rand_r(&seed) % 80;
		char *text = malloc(length + 1), *out = malloc(size + 1);
		size_t n;

		for (size_t i = 0; i < length; i++)
			text[i] = (char)alphabet[(size_t)rand_r(&seed) % sizeof alphabet];
		n = brm_text_clean(text, length, out, size);
		ck_assert_uint_le(n, size);
		check_shown_safely(out, n);
		free(text);
		free(out);
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("logtext");
	TCase *tcase = tcase_create("clean");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_text_is_cleaned, 0, sizeof groups / sizeof *groups);
	tcase_add_test(tcase, test_nul_bytes_are_dropped);
	tcase_add_test(tcase, test_text_is_cut_at_a_character);
	tcase_add_test(tcase, test_what_follows_a_return_counts_even_if_the_line_was_cut);
	tcase_add_test(tcase, test_anything_becomes_safe_and_stays_as_it_is_then);
	suite_add_tcase(suite, tcase);
	return suite;
}
