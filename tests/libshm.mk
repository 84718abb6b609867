# The region: one test program a stem. shm_help makes regions and children.
LIBSHM_TESTS = test_state test_identity test_latch test_layout test_control test_instance test_writer \
	test_update test_reader test_cost test_map test_index test_events test_wait test_alive test_carry test_file \
	test_marks test_near test_oldkernel
check_PROGRAMS += $(LIBSHM_TESTS)
TESTS += $(LIBSHM_TESTS)
EXTRA_DIST += %D%/data/layout.golden
TESTS += %D%/symbols.sh %D%/model/cells.py
dist_check_SCRIPTS += %D%/symbols.sh %D%/model/cells.py

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

test_update_SOURCES = %D%/test_update.c
test_update_CPPFLAGS = $(TEST_CPPFLAGS)
test_update_CFLAGS = $(TEST_CFLAGS)
test_update_LDADD = $(SHM_LIBS)

test_reader_SOURCES = %D%/test_reader.c
test_reader_CPPFLAGS = $(TEST_CPPFLAGS)
test_reader_CFLAGS = $(TEST_CFLAGS)
test_reader_LDADD = $(SHM_LIBS)

test_cost_SOURCES = %D%/test_cost.c
test_cost_CPPFLAGS = $(TEST_CPPFLAGS)
test_cost_CFLAGS = $(TEST_CFLAGS)
test_cost_LDADD = $(SHM_LIBS)
test_cost_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

test_map_SOURCES = %D%/test_map.c
test_map_CPPFLAGS = $(TEST_CPPFLAGS)
test_map_CFLAGS = $(TEST_CFLAGS)
test_map_LDADD = $(SHM_LIBS)

test_index_SOURCES = %D%/test_index.c
test_index_CPPFLAGS = $(TEST_CPPFLAGS)
test_index_CFLAGS = $(TEST_CFLAGS)
test_index_LDADD = $(SHM_LIBS)

test_events_SOURCES = %D%/test_events.c
test_events_CPPFLAGS = $(TEST_CPPFLAGS)
test_events_CFLAGS = $(TEST_CFLAGS)
test_events_LDADD = $(SHM_LIBS)

test_wait_SOURCES = %D%/test_wait.c
test_wait_CPPFLAGS = $(TEST_CPPFLAGS)
test_wait_CFLAGS = $(TEST_CFLAGS)
test_wait_LDADD = $(SHM_LIBS)

test_alive_SOURCES = %D%/test_alive.c
test_alive_CPPFLAGS = $(TEST_CPPFLAGS)
test_alive_CFLAGS = $(TEST_CFLAGS)
test_alive_LDADD = $(SHM_LIBS)

test_carry_SOURCES = %D%/test_carry.c
test_carry_CPPFLAGS = $(TEST_CPPFLAGS)
test_carry_CFLAGS = $(TEST_CFLAGS)
test_carry_LDADD = $(SHM_LIBS)

test_file_SOURCES = %D%/test_file.c
test_file_CPPFLAGS = $(TEST_CPPFLAGS)
test_file_CFLAGS = $(TEST_CFLAGS)
test_file_LDADD = $(SHM_LIBS)

test_marks_SOURCES = %D%/test_marks.c
test_marks_CPPFLAGS = $(TEST_CPPFLAGS)
test_marks_CFLAGS = $(TEST_CFLAGS)
test_marks_LDADD = $(SHM_LIBS)

test_oldkernel_SOURCES = %D%/test_oldkernel.c
test_oldkernel_CPPFLAGS = $(TEST_CPPFLAGS)
test_oldkernel_CFLAGS = $(TEST_CFLAGS)
test_oldkernel_LDADD = $(SHM_LIBS)

test_near_SOURCES = %D%/test_near.c
test_near_CPPFLAGS = $(TEST_CPPFLAGS)
test_near_CFLAGS = $(TEST_CFLAGS)
test_near_LDADD = $(SHM_LIBS)
