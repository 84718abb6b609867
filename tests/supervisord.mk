# The keeper and the engine's mechanics, compiled once for all their tests.
SUPERVISORD_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)/supervisord
check_LTLIBRARIES += libmechanics.la
libmechanics_la_SOURCES = $(brummerd_mechanics_sources)
libmechanics_la_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
libmechanics_la_CFLAGS = $(TEST_CFLAGS)
MECHANICS_LIBS = libmechanics.la $(TEST_LIBS)

check_PROGRAMS += test_spawn
TESTS += test_spawn
test_spawn_SOURCES = %D%/test_spawn.c %D%/run_help.c %D%/run_help.h
test_spawn_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_spawn_CFLAGS = $(TEST_CFLAGS)
test_spawn_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += test_stop
TESTS += test_stop
test_stop_SOURCES = %D%/test_stop.c %D%/run_help.c %D%/run_help.h
test_stop_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_stop_CFLAGS = $(TEST_CFLAGS)
test_stop_LDADD = $(MECHANICS_LIBS)
