/* SPDX-License-Identifier: MIT */
#include "clients/mcp/schema.h"

#include <string.h>

#include "tests/check_main.h"

static const struct slot members[] = {
	{.name = "until", .kind = KIND_STRING, .required = true, .words = "ready|exit"},
	{0},
};

static const struct slot slots[] = {
	{.name = "name", .kind = KIND_STRING, .required = true, .least = 1, .most = 5, .help = "Whose."},
	{.name = "count", .kind = KIND_INT, .least = 1, .most = 10, .absent = 3},
	{.name = "flag", .kind = KIND_BOOL},
	{.name = "list", .kind = KIND_STRINGS},
	{.name = "map", .kind = KIND_MAP},
	{.name = "wait", .kind = KIND_OBJECT, .members = members},
	{0},
};

static const char *why_not(const char *text)
{
	static char why[256];
	json_t *args = json_loads(text, JSON_ALLOW_NUL, NULL);
	bool good;

	ck_assert_ptr_nonnull(args);
	good = args_check(args, slots, why, sizeof why);
	json_decref(args);
	return good ? "" : why;
}

START_TEST(accepts_what_fits)
{
	static const char *const good[] = {
		"{\"name\":\"a\"}",
		"{\"name\":\"abcde\",\"count\":10,\"flag\":false,\"list\":[],\"map\":{},\"wait\":{\"until\":\"exit\"}}",
		"{\"name\":\"a\",\"count\":2.0}",
		"{\"name\":\"a\",\"count\":null,\"wait\":null}",
		"{\"name\":\"a\",\"list\":[\"x\",\"\"],\"map\":{\"K\":\"v\"}}",
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_str_eq(why_not(good[i]), "");
}
END_TEST

START_TEST(says_what_does_not_fit)
{
	static const char *const cases[][2] = {
		{"{}", "\"name\" is missing: Whose."},
		{"{\"name\":null}", "\"name\" is missing: Whose."},
		{"{\"name\":7}", "\"name\" must be a string"},
		{"{\"name\":\"\"}", "\"name\" must not be empty"},
		{"{\"name\":\"abcdef\"}", "\"name\" is longer than 5 bytes"},
		{"{\"name\":\"a\\u0000\"}", "\"name\" must not hold a NUL character"},
		{"{\"name\":\"a\",\"count\":0}", "\"count\" must be between 1 and 10"},
		{"{\"name\":\"a\",\"count\":1.5}", "\"count\" must be an integer"},
		{"{\"name\":\"a\",\"count\":\"1\"}", "\"count\" must be an integer"},
		{"{\"name\":\"a\",\"count\":1e300}", "\"count\" must be an integer"},
		{"{\"name\":\"a\",\"flag\":1}", "\"flag\" must be true or false"},
		{"{\"name\":\"a\",\"list\":\"x\"}", "\"list\" must be a list of strings"},
		{"{\"name\":\"a\",\"list\":[1]}", "\"list\" must be a string"},
		{"{\"name\":\"a\",\"map\":{\"K\":1}}", "\"map\" must be a string"},
		{"{\"name\":\"a\",\"wait\":7}", "\"wait\" must be an object"},
		{"{\"name\":\"a\",\"wait\":{}}", "\"until\" is missing"},
		{"{\"name\":\"a\",\"wait\":{\"until\":\"read\"}}", "\"until\" must be one of ready|exit"},
		{"{\"name\":\"a\",\"wait\":{\"until\":\"ready|exit\"}}", "\"until\" must be one of ready|exit"},
		{"{\"nam\":\"a\"}", "no argument \"nam\"; there are name, count, flag, list, map, wait"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_str_eq(why_not(cases[i][0]), cases[i][1]);
}
END_TEST

START_TEST(what_was_not_given_has_its_default)
{
	json_t *args = json_loads("{\"count\":7,\"flag\":true}", 0, NULL);

	ck_assert_int_eq(arg_int(args, slots, "count"), 7);
	ck_assert_int_eq(arg_int(NULL, slots, "count"), 3);
	ck_assert(arg_bool(args, "flag", false));
	ck_assert(!arg_bool(NULL, "flag", false));
	ck_assert(arg_bool(NULL, "flag", true));
	ck_assert_ptr_null(arg_string(args, "name"));
	json_decref(args);
}
END_TEST

START_TEST(writes_the_schema_of_the_same_table)
{
	struct json json;

	json_init(&json);
	schema_put(&json, slots);
	ck_assert_str_eq(json_text(&json),
			 "{\"type\":\"object\",\"properties\":{"
			 "\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":5,\"description\":\"Whose.\"},"
			 "\"count\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":10,\"default\":3},"
			 "\"flag\":{\"type\":\"boolean\"},"
			 "\"list\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
			 "\"map\":{\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}},"
			 "\"wait\":{\"type\":\"object\",\"properties\":{\"until\":{\"type\":\"string\",\"enum\":["
			 "\"ready\",\"exit\"]}},"
			 "\"required\":[\"until\"],\"additionalProperties\":false}},"
			 "\"required\":[\"name\"],\"additionalProperties\":false}");
	json_finish(&json);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("schema");
	TCase *tcase = tcase_create("slots");

	tcase_add_test(tcase, accepts_what_fits);
	tcase_add_test(tcase, says_what_does_not_fit);
	tcase_add_test(tcase, what_was_not_given_has_its_default);
	tcase_add_test(tcase, writes_the_schema_of_the_same_table);
	suite_add_tcase(suite, tcase);
	return suite;
}
