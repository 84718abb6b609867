# The screen: its parts one by one, and the whole of it in a terminal.
check_PROGRAMS += fake_region test_tui_input test_tui_cells
TESTS += test_tui_input test_tui_cells

fake_region_SOURCES = %D%/fake_region.c
fake_region_CPPFLAGS = $(TEST_CPPFLAGS)
fake_region_CFLAGS = $(AM_CFLAGS)
fake_region_LDADD = libshm.la

TEST_TUI_CFLAGS = $(TEST_CFLAGS) $(MSGPACK_CFLAGS)
TEST_TUI_LIBS = $(TUI_LIBS) $(TEST_LIBS)

test_tui_input_SOURCES = %D%/test_tui_input.c
test_tui_input_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_input_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_input_LDADD = $(TEST_TUI_LIBS)

test_tui_cells_SOURCES = %D%/test_tui_cells.c
test_tui_cells_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_cells_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_cells_LDADD = $(TEST_TUI_LIBS)

check_PROGRAMS += test_tui_layout
TESTS += test_tui_layout
test_tui_layout_SOURCES = %D%/test_tui_layout.c
test_tui_layout_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_layout_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_layout_LDADD = $(TEST_TUI_LIBS) -lm

check_PROGRAMS += test_tui_logs
TESTS += test_tui_logs
test_tui_logs_SOURCES = %D%/test_tui_logs.c %D%/tui_help.c %D%/tui_help.h
test_tui_logs_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_logs_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_logs_LDADD = $(TEST_TUI_LIBS)

check_PROGRAMS += test_tui_commands
TESTS += test_tui_commands
test_tui_commands_SOURCES = %D%/test_tui_commands.c %D%/tui_help.c %D%/tui_help.h
test_tui_commands_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_commands_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_commands_LDADD = $(TEST_TUI_LIBS)

check_PROGRAMS += test_tui_views
TESTS += test_tui_views
test_tui_views_SOURCES = %D%/test_tui_views.c %D%/tui_help.c %D%/tui_help.h
test_tui_views_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_views_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_views_LDADD = $(TEST_TUI_LIBS)

check_PROGRAMS += test_tui_events
TESTS += test_tui_events
test_tui_events_SOURCES = %D%/test_tui_events.c %D%/tui_help.c %D%/tui_help.h
test_tui_events_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_events_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_events_LDADD = $(TEST_TUI_LIBS)

check_PROGRAMS += test_tui_keys
TESTS += test_tui_keys
test_tui_keys_SOURCES = %D%/test_tui_keys.c %D%/tui_help.c %D%/tui_help.h
test_tui_keys_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_keys_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_keys_LDADD = $(TEST_TUI_LIBS)

check_PROGRAMS += test_tui_errors
TESTS += test_tui_errors
test_tui_errors_SOURCES = %D%/test_tui_errors.c %D%/tui_help.c %D%/tui_help.h
test_tui_errors_CPPFLAGS = $(TEST_CPPFLAGS)
test_tui_errors_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_errors_LDADD = $(TEST_TUI_LIBS)

check_PROGRAMS += test_tui_term
TESTS += test_tui_term
test_tui_term_SOURCES = %D%/test_tui_term.c %D%/tui_help.c %D%/tui_help.h
test_tui_term_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_builddir)
test_tui_term_CFLAGS = $(TEST_TUI_CFLAGS)
test_tui_term_LDADD = $(TEST_TUI_LIBS)
