/* SPDX-License-Identifier: MIT */
#include "clients/common/json.h"

#include <stdlib.h>
#include <string.h>

#include "tests/check_main.h"

static struct json json;

static void setup(void)
{
	json_init(&json);
}

static void teardown(void)
{
	json_finish(&json);
}

#define EXPECT(text) ck_assert_str_eq(json_text(&json), text)

START_TEST(commas_and_levels_are_the_writers)
{
	json_open_object(&json);
	json_key(&json, "a");
	json_open_array(&json);
	json_int(&json, 1);
	json_int(&json, -2);
	json_open_object(&json);
	json_close_object(&json);
	json_open_array(&json);
	json_close_array(&json);
	json_close_array(&json);
	json_key(&json, "b");
	json_bool(&json, true);
	json_key(&json, "c");
	json_put_null(&json);
	json_key(&json, "d");
	json_raw(&json, "{\"e\":1}", 7);
	json_close_object(&json);
	EXPECT("{\"a\":[1,-2,{},[]],\"b\":true,\"c\":null,\"d\":{\"e\":1}}");
}
END_TEST

static const struct {
	const char *bytes;
	size_t length;
	const char *json;
} strings[] = {
	{"plain", 5, "\"plain\""},
	{"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
	{"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
	{"\0\x1b\x7f", 3, "\"\\u0000\\u001b\\u007f\""},
	{"h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\xba", 12, "\"h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8d\xba\""},
	/* a lone continuation, an overlong '/', a surrogate, beyond U+10FFFF, cut in the middle, impossible bytes */
	{"\x80", 1, "\"\xef\xbf\xbd\""},
	{"\xc0\xaf", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
	{"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	{"\xf4\x90\x80\x80", 4, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	{"a\xe2\x82", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
	{"\xfe\xff", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
};

START_TEST(any_bytes_make_a_string)
{
	json_put_string_n(&json, strings[_i].bytes, strings[_i].length);
	EXPECT(strings[_i].json);
}
END_TEST

/* Eight bytes are looked at together: each byte must be seen at each of the eight places, and behind them. */
START_TEST(a_byte_is_quoted_the_same_at_every_place)
{
	char alone[16], want[64], text[20];
	size_t length;

	text[0] = (char)_i;
	json_put_string_n(&json, text, 1);
	length = json.length - 2;
	memcpy(alone, json_text(&json) + 1, length);
	for (size_t at = 0; at < sizeof text; at++) {
		memset(text, 'x', sizeof text);
		text[at] = (char)_i;
		memset(want, 'x', sizeof want);
		want[0] = '"';
		memcpy(want + 1 + at, alone, length);
		want[length + sizeof text] = '"';
		want[length + sizeof text + 1] = '\0';
		json_reset(&json);
		json_put_string_n(&json, text, sizeof text);
		EXPECT(want);
	}
}
END_TEST

static const struct {
	int64_t value;
	unsigned decimals;
	const char *text;
} fixed[] = {
	{0, 3, "0"},      {1500, 3, "1.5"}, {1, 3, "0.001"},  {-1500, 3, "-1.5"},
	{-1, 2, "-0.01"}, {380, 1, "38"},   {381, 1, "38.1"}, {INT64_MIN, 0, "-9223372036854775808"},
	{120, 0, "120"},
};

START_TEST(fixed_numbers_have_no_trailing_zeros)
{
	json_fixed(&json, fixed[_i].value, fixed[_i].decimals);
	EXPECT(fixed[_i].text);
}
END_TEST

START_TEST(large_numbers_are_whole)
{
	json_open_array(&json);
	json_uint(&json, UINT64_MAX);
	json_int(&json, INT64_MIN);
	json_close_array(&json);
	EXPECT("[18446744073709551615,-9223372036854775808]");
}
END_TEST

START_TEST(a_buffer_grows_and_is_used_again)
{
	char *long_text = malloc(100001);

	memset(long_text, 'x', 100000);
	long_text[100000] = '\0';
	json_put_string(&json, long_text);
	ck_assert_uint_eq(json.length, 100002);
	json_reset(&json);
	ck_assert_uint_ge(json.size, 100002);
	json_open_array(&json);
	json_int(&json, 1);
	json_close_array(&json);
	EXPECT("[1]");
	free(long_text);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("writer");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, commas_and_levels_are_the_writers);
	tcase_add_loop_test(tcase, a_byte_is_quoted_the_same_at_every_place, 0, 256);
	tcase_add_loop_test(tcase, any_bytes_make_a_string, 0, sizeof strings / sizeof *strings);
	tcase_add_loop_test(tcase, fixed_numbers_have_no_trailing_zeros, 0, sizeof fixed / sizeof *fixed);
	tcase_add_test(tcase, large_numbers_are_whole);
	tcase_add_test(tcase, a_buffer_grows_and_is_used_again);
	suite_add_tcase(suite, tcase);
	return suite;
}
