# The region: one test program a stem. shm_help makes regions, shm_count counts what a read costs.
LIBSHM_TESTS = test_state test_identity test_latch test_layout test_control test_instance test_writer
check_PROGRAMS += $(LIBSHM_TESTS)
TESTS += $(LIBSHM_TESTS)
EXTRA_DIST += %D%/data/layout.golden

check_LTLIBRARIES += libshmhelp.la
libshmhelp_la_SOURCES = %D%/shm_help.c %D%/shm_help.h
libshmhelp_la_CPPFLAGS = $(TEST_CPPFLAGS)
libshmhelp_la_CFLAGS = $(TEST_CFLAGS)
SHM_LIBS = libshmhelp.la $(TEST_LIBS)

test_state_SOURCES = %D%/test_state.c
test_state_CPPFLAGS = $(TEST_CPPFLAGS)
test_state_CFLAGS = $(TEST_CFLAGS)
test_state_LDADD = $(SHM_LIBS)

test_identity_SOURCES = %D%/test_identity.c
test_identity_CPPFLAGS = $(TEST_CPPFLAGS)
test_identity_CFLAGS = $(TEST_CFLAGS)
test_identity_LDADD = $(SHM_LIBS)

test_latch_SOURCES = %D%/test_latch.c
test_latch_CPPFLAGS = $(TEST_CPPFLAGS)
test_latch_CFLAGS = $(TEST_CFLAGS)
test_latch_LDADD = $(SHM_LIBS)

test_layout_SOURCES = %D%/test_layout.c
test_layout_CPPFLAGS = $(TEST_CPPFLAGS)
test_layout_CFLAGS = $(TEST_CFLAGS)
test_layout_LDADD = $(SHM_LIBS)

test_control_SOURCES = %D%/test_control.c
test_control_CPPFLAGS = $(TEST_CPPFLAGS)
test_control_CFLAGS = $(TEST_CFLAGS)
test_control_LDADD = $(SHM_LIBS)

test_instance_SOURCES = %D%/test_instance.c
test_instance_CPPFLAGS = $(TEST_CPPFLAGS)
test_instance_CFLAGS = $(TEST_CFLAGS)
test_instance_LDADD = $(SHM_LIBS)

test_writer_SOURCES = %D%/test_writer.c
test_writer_CPPFLAGS = $(TEST_CPPFLAGS)
test_writer_CFLAGS = $(TEST_CFLAGS)
test_writer_LDADD = $(SHM_LIBS)

