/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/toml.h"
#include "tests/check_main.h"
#include "tests/config_fixture.h"

static int parse(const char *bytes, struct toml *out)
{
	struct text text = help_text("x.toml", bytes);

	return toml_parse(&text, out, &report);
}

/* The document as JSON in one line. */
static void expect(const char *bytes, const char *json)
{
	struct toml toml;
	char *dumped;

	if (parse(bytes, &toml) != 0)
		ck_abort_msg("%s\n%s", bytes, report.errors ? report.errors[0] : "no memory");
	dumped = json_dumps(toml.root, JSON_COMPACT | JSON_REAL_PRECISION(6));
	ck_assert_str_eq(dumped, json);
	free(dumped);
	toml_finish(&toml);
}

static void refuse(const char *bytes, const char *error)
{
	struct toml toml;
	char line[256];

	ck_assert_msg(parse(bytes, &toml) == -EINVAL, "accepted: %s", bytes);
	ck_assert_ptr_null(toml.root);
	snprintf(line, sizeof line, "x.toml:%s", error);
	help_lines(report.errors, line, NULL);
	report_finish(&report);
}

START_TEST(values_of_every_kind_are_read)
{
	expect("", "{}");
	expect("\xef\xbb\xbf# only words", "{}");
	expect("a = 1\r\nb = -0\nc = +1_000\nd = 0xdead_BEEF\ne = 0o755\nf = 0b1101",
	       "{\"a\":1,\"b\":0,\"c\":1000,\"d\":3735928559,\"e\":493,\"f\":13}");
	expect("a = 1.5\nb = -2e3\nc = 6.6e-2\nd = 1_0.0_1\ne = inf\nf = -inf\ng = +nan",
	       "{\"a\":1.5,\"b\":-2000.0,\"c\":0.066,\"d\":10.01,\"e\":\"inf\",\"f\":\"-inf\",\"g\":\"nan\"}");
	expect("a = true\nb = false", "{\"a\":true,\"b\":false}");
	expect("a = 1979-05-27T07:32:00Z\nb = 1979-05-27 00:32:00.999-07:00\nc = 2024-02-29\nd = 07:32:00",
	       "{\"a\":\"1979-05-27T07:32:00Z\",\"b\":\"1979-05-27 00:32:00.999-07:00\",\"c\":\"2024-02-29\","
	       "\"d\":\"07:32:00\"}");
	expect("a = [1, [2, 3],\n # why\n 'x', ] # end\nb = []", "{\"a\":[1,[2,3],\"x\"],\"b\":[]}");
	expect("a = { b = 1, c.d = 'x', e = {} }", "{\"a\":{\"b\":1,\"c\":{\"d\":\"x\"},\"e\":{}}}");
}
END_TEST

START_TEST(strings_are_what_they_say)
{
	expect("a = \"\\\"\\\\ \\t \\u00e9 \\U0001F600\"", "{\"a\":\"\\\"\\\\ \\t \xc3\xa9 \xf0\x9f\x98\x80\"}");
	expect("a = 'C:\\path\\n'", "{\"a\":\"C:\\\\path\\\\n\"}");
	expect("a = ''", "{\"a\":\"\"}");
	expect("a = \"\"\"\none\ntwo \\\n\n   three\"\"\"", "{\"a\":\"one\\ntwo three\"}");
	expect("a = \"\"\"x\"\" y\"\"\"\"", "{\"a\":\"x\\\"\\\" y\\\"\"}");
	expect("a = '''\nI'm '' it'''''", "{\"a\":\"I'm '' it''\"}");
	expect("a = \"\"\"\\\"\"\"\"", "{\"a\":\"\\\"\"}");
}
END_TEST

START_TEST(tables_are_put_together)
{
	expect("a.b.c = 1\na.b.d = 2\na.e = 3", "{\"a\":{\"b\":{\"c\":1,\"d\":2},\"e\":3}}");
	expect("[x.y.z]\na = 1\n[x]\nb = 2", "{\"x\":{\"y\":{\"z\":{\"a\":1}},\"b\":2}}");
	expect("[[bin]]\nname = 'a'\n[bin.sub]\nx = 1\n[[bin]]\nname = 'b'",
	       "{\"bin\":[{\"name\":\"a\",\"sub\":{\"x\":1}},{\"name\":\"b\"}]}");
	expect("[fruit]\napple.color = 1\n[fruit.apple.taste]\nsweet = true",
	       "{\"fruit\":{\"apple\":{\"color\":1,\"taste\":{\"sweet\":true}}}}");
	expect("\"quoted key\" = 1\n'x.y' = 2\n3.14 = 3\n[ a . \"b c\" ] # here\nd = 4",
	       "{\"quoted key\":1,\"x.y\":2,\"3\":{\"14\":3},\"a\":{\"b c\":{\"d\":4}}}");
	expect("\"\" = 1", "{\"\":1}");
}
END_TEST

START_TEST(what_is_wrong_has_a_place)
{
	refuse("a = 1\na = 2", "2:1: the second of this name, expected another");
	refuse("[a]\n[a]", "2:2: the second of this name, expected another");
	refuse("a.b = 1\n[a]", "2:2: the second of this name, expected another");
	refuse("[a.b]\nx = 1\n[a]\nb.y = 2", "4:1: the key has a value already, expected a new one");
	refuse("a = {b = 1}\na.c = 2", "2:1: the key has a value already, expected a new one");
	refuse("a = {b = 1}\n[a.c]", "2:2: the key has a value already, expected a table");
	refuse("a = [1]\n[[a]]", "2:3: the second of this name, expected another");
	refuse("a = 1 b = 2", "1:7: more text in the line, expected its end");
	refuse("= 1", "1:1: no key, expected NAME = VALUE or [NAME]");
	refuse("a", "1:2: no =, expected NAME = VALUE");
	refuse("[a", "1:3: the header is not closed, expected ]");
	refuse("[[a]", "1:4: the header is not closed, expected ]]");
	refuse("\n  a = \"x", "2:7: the string is not closed, expected another quote");
	refuse("a = \"x\ny\"", "1:5: the string is not closed, expected another quote");
	refuse("a = \"\"\"x", "1:5: the string is not closed, expected another quote");
	refuse("a = \"\\q\"", "1:6: no such escape, expected one of \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX");
	refuse("a = \"\\ud800\"", "1:8: no character has this number, expected one of Unicode");
	refuse("a = \"\\u12g4\"", "1:10: not a hexadecimal digit, expected \\uXXXX or \\UXXXXXXXX");
	refuse("a = 'x\001'", "1:7: a control character in a string, expected an escape");
	refuse("# \001", "1:3: a control character in a comment, expected printable text");
	refuse("a = [1 2]", "1:8: the list goes on without a comma, expected , or ]");
	refuse("a = {b = 1,}", "1:12: no key, expected NAME = VALUE or [NAME]");
	refuse("a = {b = 1 c = 2}", "1:12: the table goes on without a comma, expected , or }");
	refuse("\"\"\"k\"\"\" = 1", "1:1: a string of several lines, expected one of one line");
	refuse("a = \xff", "1:5: byte 0xff is not UTF-8, expected UTF-8 text");
}
END_TEST

START_TEST(what_is_no_value_is_refused)
{
	static const char *const words[] = {
		"",
		"01",
		"1__0",
		"_1",
		"1_",
		"0x",
		"0xg",
		"+0x1",
		"0b2",
		"1.",
		".5",
		"1.e3",
		"1e",
		"0_1",
		"tru",
		"TRUE",
		"Inf",
		"--1",
		"1e1_",
		"1,5",
		"2023-02-29",
		"2024-13-01",
		"24:00:00",
		"12:60:00",
		"12:00",
		"x",
		"1979-5-1",
		"0xffffffffffffffff",
		"99999999999999999999",
		"1e999",
		"1979-05-27T07:32:00+25:00",
		"1979-05-27Tx",
	};
	char text[64];

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		struct toml toml;

		snprintf(text, sizeof text, "a = %s", words[i]);
		ck_assert_msg(parse(text, &toml) == -EINVAL, "accepted: %s", text);
		report_finish(&report);
	}
}
END_TEST

START_TEST(depth_has_a_limit)
{
	char text[4096] = "a = ";
	struct toml toml;

	memset(text + 4, '[', 2000);
	ck_assert_int_eq(parse(text, &toml), -EINVAL);
	help_lines(report.errors, "x.toml:1:69: lists and tables too deep in each other, expected at most 64", NULL);
	report_finish(&report);
	for (size_t i = 0; i < 2000; i++)
		memcpy(text + 2 * i, "a.", 2);
	memcpy(text + 4000, "b = 1", 6);
	ck_assert_int_eq(parse(text, &toml), -EINVAL);
	help_lines(report.errors, "x.toml:1:129: a key of too many parts, expected at most 64", NULL);
	report_finish(&report);
}
END_TEST

START_TEST(a_key_has_a_place)
{
	struct toml toml;
	const json_t *table;

	ck_assert_int_eq(parse("[a]\nb.c = 1\n[[d]]\n\"e\\u0041\" = 2\n", &toml), 0);
	table = json_object_get(json_object_get(toml.root, "a"), "b");
	ck_assert_uint_eq(toml_where(&toml, table, "c"), 6);
	table = json_array_get(json_object_get(toml.root, "d"), 0);
	ck_assert_uint_eq(toml_where(&toml, table, "eA"), 18);
	ck_assert_uint_eq(toml_where(&toml, table, "none"), 0);
	toml_finish(&toml);
}
END_TEST

START_TEST(a_large_text_takes_no_longer_than_its_size)
{
	size_t size = 4u << 20, at = 0;
	char *bytes = malloc(size + 64);
	struct text text = {.file = "x.toml", .bytes = bytes};
	struct toml toml;

	for (unsigned i = 0; at < size; i++)
		at += (size_t)sprintf(bytes + at, i % 3 ? "k%u = \"v\"\n" : "[t%u.x]\n", i);
	text.length = at;
	ck_assert_int_eq(toml_parse(&text, &toml, &report), 0);
	toml_finish(&toml);
	memset(bytes, '"', size);
	memcpy(bytes, "a = [", 5);
	for (size_t i = 5; i + 3 < size; i += 3)
		memcpy(bytes + i, "'',", 3);
	text.length = size - size % 3;
	ck_assert_int_eq(toml_parse(&text, &toml, &report), -EINVAL);
	report_finish(&report);
	free(bytes);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("toml");
	TCase *tcase = tcase_create("toml");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, values_of_every_kind_are_read);
	tcase_add_test(tcase, strings_are_what_they_say);
	tcase_add_test(tcase, tables_are_put_together);
	tcase_add_test(tcase, what_is_wrong_has_a_place);
	tcase_add_test(tcase, what_is_no_value_is_refused);
	tcase_add_test(tcase, depth_has_a_limit);
	tcase_add_test(tcase, a_key_has_a_place);
	tcase_add_test(tcase, a_large_text_takes_no_longer_than_its_size);
	suite_add_tcase(suite, tcase);
	return suite;
}
