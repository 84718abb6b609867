/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <ctype.h>
#include <string.h>

#include <brummer/control.h>

START_TEST(every_method_has_a_row_and_is_found_by_its_name)
{
	const struct brm_method_info *info = brm_method_info((enum brm_method)_i);
	enum brm_method method = BRM_METHOD_COUNT;

	ck_assert_ptr_nonnull(info);
	ck_assert_ptr_nonnull(info->name);
	ck_assert_ptr_eq(brm_method_find(info->name, &method), info);
	ck_assert_int_eq(method, _i);
	ck_assert(isupper((unsigned char)info->help[0]));
	ck_assert_int_eq(info->help[strlen(info->help) - 1], '.');
}
END_TEST

START_TEST(what_is_no_method_is_not_found)
{
	ck_assert_ptr_null(brm_method_find("", NULL));
	ck_assert_ptr_null(brm_method_find("Start", NULL));
	ck_assert_ptr_null(brm_method_info(BRM_METHOD_COUNT));
	ck_assert_ptr_nonnull(brm_method_find("start", NULL));
}
END_TEST

START_TEST(only_asking_changes_nothing)
{
	static const bool asks[BRM_METHOD_COUNT] = {
		[BRM_HELLO] = true, [BRM_ATTACH] = true, [BRM_DETACH] = true, [BRM_STATUS] = true};

	for (int i = 0; i < BRM_METHOD_COUNT; i++)
		ck_assert_int_eq(brm_method_info((enum brm_method)i)->changes, !asks[i]);
}
END_TEST

START_TEST(refusals_go_both_ways)
{
	for (int i = 0; i < BRM_REFUSAL_COUNT; i++)
		ck_assert_int_eq(brm_refusal_parse(brm_refusal_word((enum brm_refusal)i)), i);
	ck_assert_int_eq(brm_refusal_parse("a word of a later version"), BRM_INTERNAL);
	ck_assert_str_eq(brm_refusal_word(BRM_REFUSAL_COUNT), "internal");
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("control");

	tcase_add_loop_test(tcase, every_method_has_a_row_and_is_found_by_its_name, 0, BRM_METHOD_COUNT);
	tcase_add_test(tcase, what_is_no_method_is_not_found);
	tcase_add_test(tcase, only_asking_changes_nothing);
	tcase_add_test(tcase, refusals_go_both_ways);
	suite_add_tcase(suite, tcase);
	return suite;
}
