/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/model.h"
#include "control/rpc.h"
#include "tests/check_main.h"

/* Messages of strangers: bounded before they are decoded, whatever is in them. */

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static int scan_whole(const uint8_t *bytes, size_t length, size_t *used)
{
	struct rpc_scan scan = {0};
	int rc = rpc_scan(&scan, bytes, length);

	*used = scan.at;
	return rc;
}

START_TEST(a_whole_message_is_found_and_what_follows_is_left)
{
	static const struct {
		const char *bytes;
		size_t length;
		size_t used;
	} messages[] = {
		{"\x05\x06", 2, 1},
		{"\xff", 1, 1},
		{"\xc0", 1, 1},
		{"\xa3"
		 "abc\x01",
		 5, 4},
		{"\x92\x01\x92\x02\x03\x04", 6, 5},
		{"\x81\xa1k\x90\x90", 5, 4},
		{"\x80\x80", 2, 1},
		{"\x90", 1, 1},
		{"\xdc\x00\x02\x01\x02", 5, 5},
		{"\xdf\x00\x00\x00\x01\x01\x02", 7, 7},
		{"\xc4\x02zz\x00", 5, 4},
		{"\xc7\x01\x05z\x00", 5, 4},
		{"\xd4\x05z\x00", 4, 3},
		{"\xcb\x00\x00\x00\x00\x00\x00\x00\x00", 9, 9},
		{"\xd8\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 18, 18},
	};

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		size_t used;

		ck_assert_int_eq(scan_whole((const uint8_t *)messages[i].bytes, messages[i].length, &used), 1);
		ck_assert_uint_eq(used, messages[i].used);
		/* A prefix is never whole. */
		for (size_t cut = 0; cut < messages[i].used; cut++)
			ck_assert_int_eq(scan_whole((const uint8_t *)messages[i].bytes, cut, &used), 0);
	}
}
END_TEST

START_TEST(pieces_are_as_good_as_the_whole)
{
	static const char bytes[] = "\x94\x00\x07\xa5start\x91\x81\xa5names\x92\xa3web\xdb\x00\x00\x00\x03"
				    "api";
	struct rpc_scan scan = {0};

	for (size_t length = 0; length < sizeof bytes - 1; length++)
		ck_assert_int_eq(rpc_scan(&scan, (const uint8_t *)bytes, length), 0);
	ck_assert_int_eq(rpc_scan(&scan, (const uint8_t *)bytes, sizeof bytes - 1), 1);
	ck_assert_uint_eq(scan.at, sizeof bytes - 1);
}
END_TEST

START_TEST(what_is_too_deep_too_long_or_too_many_is_refused_at_once)
{
	uint8_t deep[BRM_CONTROL_DEPTH_MAX + 1];
	size_t used;

	memset(deep, 0x91, sizeof deep);
	ck_assert_int_eq(scan_whole(deep, BRM_CONTROL_DEPTH_MAX, &used), 0);
	ck_assert_int_eq(scan_whole(deep, BRM_CONTROL_DEPTH_MAX + 1, &used), -EMSGSIZE);
	ck_assert_int_eq(scan_whole(BYTES("\xdd\xff\xff\xff\xff"), &used), -EMSGSIZE);
	ck_assert_int_eq(scan_whole(BYTES("\xdf\xff\xff\xff\xff"), &used), -EMSGSIZE);
	ck_assert_int_eq(scan_whole(BYTES("\xdf\x80\x00\x00\x00"), &used), -EMSGSIZE);
	ck_assert_int_eq(scan_whole(BYTES("\xc6\xff\xff\xff\xff"), &used), -EMSGSIZE);
	ck_assert_int_eq(scan_whole(BYTES("\xc9\xff\xff\xff\xff\x01"), &used), -EMSGSIZE);
	ck_assert_int_eq(scan_whole(BYTES("\xdb\x00\x10\x00\x00"), &used), -EMSGSIZE);
	ck_assert_int_eq(scan_whole(BYTES("\xc1"), &used), -EBADMSG);
	ck_assert_int_eq(scan_whole(BYTES("\x92\x01\xc1"), &used), -EBADMSG);
}
END_TEST

START_TEST(the_number_of_objects_is_bounded_over_all_levels)
{
	uint8_t *bytes = malloc(2 * RPC_OBJECTS_MAX);
	struct rpc_scan scan = {0};
	size_t length = 0;
	int rc = 0;

	ck_assert_ptr_nonnull(bytes);
	memcpy(bytes, "\xdc\xff\xff", 3); /* many small maps */
	for (length = 3; length + 3 < 2 * RPC_OBJECTS_MAX && rc == 0; length += 3) {
		memcpy(bytes + length, "\x81\x01\x02", 3);
		rc = rpc_scan(&scan, bytes, length + 3);
	}
	ck_assert_int_eq(rc, -EMSGSIZE);
	free(bytes);
}
END_TEST

START_TEST(a_request_is_decoded)
{
	static const char bytes[] = "\x94\x00\x07\xa4stop\x91\x84\xa5names\x92\xa3web\xa3"
				    "api\xa3run\x03\xa4text\xc4\x02"
				    "a\x00\xa4"
				    "exec\xc3";
	struct rpc_request request;
	const char *wrong = NULL, *text;
	uint64_t run = 0;
	size_t length;
	char **names;
	bool exec = false;

	ck_assert_int_eq(rpc_decode(BYTES(bytes), &request), 0);
	ck_assert_uint_eq(request.id, 7);
	ck_assert_str_eq(request.method, "stop");
	ck_assert(rpc_list(request.params, "names", &names, &wrong));
	ck_assert_str_eq(names[0], "web");
	ck_assert_str_eq(names[1], "api");
	ck_assert_ptr_null(names[2]);
	list_free(names);
	ck_assert(rpc_uint(request.params, "run", UINT32_MAX, &run, &wrong));
	ck_assert_uint_eq(run, 3);
	ck_assert(rpc_bytes(request.params, "text", &text, &length, &wrong));
	ck_assert_uint_eq(length, 2);
	ck_assert(rpc_bool(request.params, "exec", &exec, &wrong));
	ck_assert(exec);
	ck_assert(!rpc_uint(request.params, "absent", 1, &run, &wrong));
	ck_assert_ptr_null(wrong);
	rpc_finish(&request);
}
END_TEST

START_TEST(parameters_of_another_type_are_named)
{
	static const char bytes[] = "\x94\x00\x07\xa4stop\x91\x84\xa1"
				    "a\x92\xa3web\x01\xa1"
				    "b\xff\xa1"
				    "c\xa3x\x00y\xa1"
				    "d\xcd\x01\x00";
	struct rpc_request request;
	const char *wrong;
	uint64_t number;
	char **list;
	char *text;
	bool flag;

	ck_assert_int_eq(rpc_decode(BYTES(bytes), &request), 0);
	wrong = NULL;
	ck_assert(!rpc_list(request.params, "a", &list, &wrong));
	ck_assert_str_eq(wrong, "a");
	wrong = NULL;
	ck_assert(!rpc_uint(request.params, "b", 9, &number, &wrong));
	ck_assert_str_eq(wrong, "b");
	wrong = NULL;
	ck_assert(!rpc_string(request.params, "c", &text, &wrong));
	ck_assert_str_eq(wrong, "c");
	wrong = NULL;
	ck_assert(!rpc_uint(request.params, "d", 255, &number, &wrong));
	ck_assert_str_eq(wrong, "d");
	wrong = NULL;
	ck_assert(!rpc_bool(request.params, "d", &flag, &wrong));
	ck_assert_str_eq(wrong, "d");
	rpc_finish(&request);
}
END_TEST

START_TEST(what_is_no_request_is_refused)
{
	static const struct {
		const char *bytes;
		size_t length;
	} messages[] = {
		{"\x01", 1},
		{"\x93\x00\x01\xa1x", 5},
		{"\x94\x01\x01\xc0\xc0", 5},
		{"\x94\x00\xff\xa1x\x90", 6},
		{"\x94\x00\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1x\x90", 14},
		{"\x94\x00\x01\x05\x90", 5},
		{"\x94\x00\x01\xa1x\x80", 6},
		{"\x94\x00\x01\xa1x\x91\x01", 7},
		{"\x94\x00\x01\xa1x\x92\x80\x80", 8},
	};

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		struct rpc_request request;

		ck_assert_int_eq(rpc_decode((const uint8_t *)messages[i].bytes, messages[i].length, &request),
				 -EBADMSG);
		rpc_finish(&request);
	}
}
END_TEST

START_TEST(any_change_of_a_byte_is_survived)
{
	static const char bytes[] = "\x94\x00\x07\xa4stop\x91\x82\xa5names\x92\xa3web\xa3"
				    "api\xa3run\x03";
	uint8_t mutated[sizeof bytes - 1];

	for (size_t at = 0; at < sizeof mutated; at++) {
		for (int value = 0; value < 256; value++) {
			struct rpc_request request;
			size_t used;

			memcpy(mutated, bytes, sizeof mutated);
			mutated[at] = (uint8_t)value;
			if (scan_whole(mutated, sizeof mutated, &used) != 1)
				continue;
			ck_assert_uint_le(used, sizeof mutated);
			(void)rpc_decode(mutated, used, &request);
			rpc_finish(&request);
		}
	}
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("rpc");
	TCase *tcase = tcase_create("rpc");

	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_whole_message_is_found_and_what_follows_is_left);
	tcase_add_test(tcase, pieces_are_as_good_as_the_whole);
	tcase_add_test(tcase, what_is_too_deep_too_long_or_too_many_is_refused_at_once);
	tcase_add_test(tcase, the_number_of_objects_is_bounded_over_all_levels);
	tcase_add_test(tcase, a_request_is_decoded);
	tcase_add_test(tcase, parameters_of_another_type_are_named);
	tcase_add_test(tcase, what_is_no_request_is_refused);
	tcase_add_test(tcase, any_change_of_a_byte_is_survived);
	suite_add_tcase(suite, tcase);
	return suite;
}
