# The keeper: hand-over, crashes, housekeeping. What is preloaded into a supervisor has to be a shared object.
check_LTLIBRARIES += fault.la
fault_la_SOURCES = %D%/fault.c %D%/fault.h
fault_la_CPPFLAGS = $(TEST_CPPFLAGS)
fault_la_CFLAGS = $(TEST_CFLAGS)
fault_la_LDFLAGS = -module -avoid-version -shared -rpath $(abs_builddir)

check_PROGRAMS += it_keeper
TESTS += it_keeper
it_keeper_SOURCES = %D%/it_keeper.c %D%/fault.h
it_keeper_CPPFLAGS = $(IT_CPPFLAGS)
it_keeper_CFLAGS = $(IT_CFLAGS)
it_keeper_LDADD = $(IT_LIBS)

check_PROGRAMS += it_time
TESTS += it_time
it_time_SOURCES = %D%/it_time.c %D%/fault.h
it_time_CPPFLAGS = $(IT_CPPFLAGS)
it_time_CFLAGS = $(IT_CFLAGS)
it_time_LDADD = $(IT_LIBS)

check_PROGRAMS += it_upgrade
TESTS += it_upgrade
it_upgrade_SOURCES = %D%/it_upgrade.c
it_upgrade_CPPFLAGS = $(IT_CPPFLAGS) -I$(top_builddir)
it_upgrade_CFLAGS = $(IT_CFLAGS)
it_upgrade_LDADD = $(IT_LIBS)

check_PROGRAMS += test_image
TESTS += test_image
test_image_SOURCES = %D%/test_image.c
test_image_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_image_CFLAGS = $(TEST_CFLAGS)
test_image_LDADD = $(MECHANICS_LIBS)
