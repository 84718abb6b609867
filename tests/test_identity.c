/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <brummer/state.h>

#include "libshm/tlv.h"

static const struct brm_identity whole = {
	.name = "web \xc3\xa9",
	.script = "dev",
	.command = "npm run dev\n&& echo",
	.dir = "/srv/shop",
	.source = "package.json",
	.ready = "tcp 3000",
	.args = {.first = "-x\0\0y z", .count = 3, .size = 8},
	.env = {.first = "HOME\0PATH", .count = 2, .size = 10},
	.labels = {.first = "tier=front", .count = 1, .size = 11},
	.depends_on = {.first = "db=ready\0cache", .count = 2, .size = 15},
	.stdin_kind = BRM_STDIN_TTY,
	.tty = true,
};

static _Alignas(8) unsigned char buf[BRM_IDENTITY_MAX];

static void same_list(const struct brm_strings *a, const struct brm_strings *b)
{
	ck_assert_uint_eq(a->count, b->count);
	ck_assert_uint_eq(a->size, b->size);
	ck_assert_mem_eq(a->first, b->first, a->size);
}

START_TEST(everything_comes_back)
{
	size_t length = brm_identity_encode(&whole, buf, sizeof buf);
	struct brm_identity out;

	ck_assert_uint_le(length, sizeof buf);
	ck_assert_uint_eq(brm_identity_encode(&whole, NULL, 0), length);
	ck_assert_int_eq(brm_identity_decode(buf, length, &out), 0);
	ck_assert_str_eq(out.name, whole.name);
	ck_assert_str_eq(out.script, whole.script);
	ck_assert_str_eq(out.command, whole.command);
	ck_assert_str_eq(out.dir, whole.dir);
	ck_assert_str_eq(out.source, whole.source);
	ck_assert_str_eq(out.ready, whole.ready);
	same_list(&out.args, &whole.args);
	same_list(&out.env, &whole.env);
	same_list(&out.labels, &whole.labels);
	same_list(&out.depends_on, &whole.depends_on);
	ck_assert_int_eq(out.stdin_kind, BRM_STDIN_TTY);
	ck_assert(out.tty);
}
END_TEST

START_TEST(what_is_not_set_is_empty_never_null)
{
	struct brm_identity out;
	size_t length = brm_identity_encode(&(struct brm_identity){.name = "a"}, buf, sizeof buf);

	ck_assert_uint_eq(length, tlv_size(2));
	ck_assert_int_eq(brm_identity_decode(buf, length, &out), 0);
	ck_assert_str_eq(out.script, "");
	ck_assert_str_eq(out.ready, "");
	ck_assert_uint_eq(out.args.count, 0);
	ck_assert_ptr_null(brm_strings_next(&out.args, NULL));
}
END_TEST

START_TEST(too_much_is_cut_from_args_first_and_marked)
{
	struct brm_identity identity = whole;
	struct brm_identity out;
	char *many = calloc(1, 80000);
	char *long_command = calloc(1, 20001);
	size_t length;

	memset(long_command, 'c', 20000);
	for (size_t i = 0; i < 80000; i += 10)
		memcpy(many + i, "argument9", 9);
	identity.args = (struct brm_strings){.first = many, .count = 8000, .size = 80000};
	identity.command = long_command;
	length = brm_identity_encode(&identity, buf, sizeof buf);
	ck_assert_uint_le(length, BRM_IDENTITY_MAX);
	ck_assert_int_eq(brm_identity_decode(buf, length, &out), 0);
	ck_assert_uint_lt(out.args.count, 8000);
	ck_assert_uint_gt(out.args.count, 4000);
	ck_assert_str_eq(out.source, "package.json\xe2\x80\xa6");
	same_list(&out.env, &whole.env);
	ck_assert_uint_eq(strlen(out.command), 16383);
	ck_assert_str_eq(out.command + 16380, "\xe2\x80\xa6");
	identity.source = NULL;
	length = brm_identity_encode(&identity, buf, sizeof buf);
	ck_assert_int_eq(brm_identity_decode(buf, length, &out), 0);
	ck_assert_str_eq(out.source, "\xe2\x80\xa6");
	free(many);
	free(long_command);
}
END_TEST

START_TEST(unknown_tags_are_skipped)
{
	struct brm_identity out;
	size_t length = brm_identity_encode(&whole, buf, sizeof buf);
	unsigned char *end = buf + length;

	memcpy(tlv_put(&end, (enum tlv_tag)999, 5), "hello", 5);
	ck_assert_int_eq(brm_identity_decode(buf, (size_t)(end - buf), &out), 0);
	ck_assert_str_eq(out.name, whole.name);
}
END_TEST

START_TEST(broken_bytes_are_refused)
{
	const size_t length = brm_identity_encode(&whole, buf, sizeof buf);
	struct brm_identity out;

	for (size_t cut = 1; cut < length; cut++)
		if (brm_identity_decode(buf, cut, &out) == 0)
			ck_assert_uint_eq(cut % 8, 0);
	buf[4] = 0xff; /* the name's length */
	ck_assert_int_eq(brm_identity_decode(buf, length, &out), -EBADMSG);
	brm_identity_encode(&whole, buf, sizeof buf);
	buf[8] = '\n';
	ck_assert_int_eq(brm_identity_decode(buf, length, &out), -EBADMSG);
	buf[8] = 0xff;
	ck_assert_int_eq(brm_identity_decode(buf, length, &out), -EBADMSG);
	buf[8] = '\0';
	ck_assert_int_eq(brm_identity_decode(buf, length, &out), -EBADMSG);
	ck_assert_int_eq(brm_identity_decode(buf, 0, &out), -EBADMSG);
}
END_TEST

/* Whatever the bytes are, what comes out lies within them. */
START_TEST(random_damage_never_leads_outside)
{
	const size_t length = brm_identity_encode(&whole, buf, sizeof buf);
	unsigned char *copy = malloc(length);
	unsigned seed = 1;

	for (int round = 0; round < 200000; round++) {
		struct brm_identity out;

		memcpy(copy, buf, length);
		for (int i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 8) % length] = (unsigned char)(seed >> 24);
		}
		if (brm_identity_decode(copy, length, &out) != 0)
			continue;
		ck_assert_uint_lt(strlen(out.command), length);
		for (const char *s = NULL; (s = brm_strings_next(&out.args, s)) != NULL;)
			ck_assert(s >= (char *)copy && s < (char *)copy + length);
	}
	free(copy);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("identity");
	TCase *tcase = tcase_create("identity");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, everything_comes_back);
	tcase_add_test(tcase, what_is_not_set_is_empty_never_null);
	tcase_add_test(tcase, too_much_is_cut_from_args_first_and_marked);
	tcase_add_test(tcase, unknown_tags_are_skipped);
	tcase_add_test(tcase, broken_bytes_are_refused);
	tcase_add_test(tcase, random_damage_never_leads_outside);
	suite_add_tcase(suite, tcase);
	return suite;
}
