# What the viewers share: one test program a stem. Those of libread link neither msgpack nor jansson.
CLIENT_TEST_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_builddir)
CLIENT_TEST_CFLAGS = $(TEST_CFLAGS) $(MSGPACK_CFLAGS) $(JANSSON_CFLAGS)
READ_TEST_LIBS = libread.la libshmhelp.la $(TEST_LIBS)
CLIENT_TEST_LIBS = libcommon.la libshmhelp.la $(TEST_LIBS) $(MSGPACK_LIBS) $(JANSSON_LIBS)

CLIENT_TESTS = test_json test_when test_table test_find test_select test_fields test_source test_client test_match \
	test_program test_merge
check_PROGRAMS += $(CLIENT_TESTS)
TESTS += $(CLIENT_TESTS)
EXTRA_DIST += %D%/data/ls.golden.json

test_json_SOURCES = %D%/test_json.c
test_json_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_json_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_json_LDADD = $(READ_TEST_LIBS)

test_when_SOURCES = %D%/test_when.c
test_when_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_when_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_when_LDADD = $(READ_TEST_LIBS)

test_table_SOURCES = %D%/test_table.c
test_table_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_table_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_table_LDADD = $(READ_TEST_LIBS)

test_find_SOURCES = %D%/test_find.c
test_find_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_find_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_find_LDADD = $(READ_TEST_LIBS)

test_select_SOURCES = %D%/test_select.c
test_select_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_select_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_select_LDADD = $(READ_TEST_LIBS)

test_fields_SOURCES = %D%/test_fields.c
test_fields_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_fields_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_fields_LDADD = $(CLIENT_TEST_LIBS)

test_source_SOURCES = %D%/test_source.c
test_source_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_source_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_source_LDADD = $(CLIENT_TEST_LIBS)

test_client_SOURCES = %D%/test_client.c
test_client_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_client_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_client_LDADD = $(CLIENT_TEST_LIBS)

test_match_SOURCES = %D%/test_match.c
test_match_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_match_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_match_LDADD = $(CLIENT_TEST_LIBS)

test_program_SOURCES = %D%/test_program.c
test_program_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_program_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_program_LDADD = $(CLIENT_TEST_LIBS)

test_merge_SOURCES = %D%/test_merge.c clients/cli/mapped.c clients/cli/merge.c clients/cli/sieve.c
test_merge_CPPFLAGS = $(CLIENT_TEST_CPPFLAGS)
test_merge_CFLAGS = $(CLIENT_TEST_CFLAGS)
test_merge_LDADD = $(CLIENT_TEST_LIBS)

TESTS += %D%/manual_library.sh
dist_check_SCRIPTS += %D%/manual_library.sh
