check_PROGRAMS += test_loglevel test_logmodel test_logread test_logrecover test_logstore test_logtext
TESTS += test_loglevel test_logmodel test_logread test_logrecover test_logstore test_logtext

test_loglevel_SOURCES = %D%/test_loglevel.c
test_loglevel_CPPFLAGS = $(TEST_CPPFLAGS)
test_loglevel_CFLAGS = $(TEST_CFLAGS)
test_loglevel_LDADD = $(TEST_LIBS)

test_logtext_SOURCES = %D%/test_logtext.c
test_logtext_CPPFLAGS = $(TEST_CPPFLAGS)
test_logtext_CFLAGS = $(TEST_CFLAGS)
test_logtext_LDADD = $(TEST_LIBS)

test_logread_SOURCES = %D%/test_logread.c %D%/log_help.c %D%/log_help.h
test_logread_CPPFLAGS = $(TEST_CPPFLAGS)
test_logread_CFLAGS = $(TEST_CFLAGS)
test_logread_LDADD = $(TEST_LIBS)

test_logrecover_SOURCES = %D%/test_logrecover.c %D%/log_help.c %D%/log_help.h
test_logrecover_CPPFLAGS = $(TEST_CPPFLAGS)
test_logrecover_CFLAGS = $(TEST_CFLAGS)
test_logrecover_LDADD = $(TEST_LIBS)

test_logstore_SOURCES = %D%/test_logstore.c %D%/log_help.c %D%/log_help.h
test_logstore_CPPFLAGS = $(TEST_CPPFLAGS)
test_logstore_CFLAGS = $(TEST_CFLAGS)
test_logstore_LDADD = $(TEST_LIBS)

test_logmodel_SOURCES = %D%/test_logmodel.c %D%/log_help.c %D%/log_help.h
test_logmodel_CPPFLAGS = $(TEST_CPPFLAGS)
test_logmodel_CFLAGS = $(TEST_CFLAGS)
test_logmodel_LDADD = $(TEST_LIBS)
