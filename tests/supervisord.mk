# The keeper and the engine's mechanics, compiled once for all their tests.
SUPERVISORD_CPPFLAGS = $(TEST_CPPFLAGS) -I$(top_srcdir)/supervisord
check_LTLIBRARIES += libmechanics.la
libmechanics_la_SOURCES = $(brummerd_mechanics_sources) $(brummerd_detect_sources)
libmechanics_la_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
libmechanics_la_CFLAGS = $(TEST_CFLAGS) $(PCRE2_CFLAGS)
MECHANICS_LIBS = libmechanics.la $(TEST_LIBS) $(PCRE2_LIBS)

check_PROGRAMS += test_spawn
TESTS += test_spawn
test_spawn_SOURCES = %D%/test_spawn.c %D%/run_help.c %D%/run_help.h
test_spawn_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_spawn_CFLAGS = $(TEST_CFLAGS)
test_spawn_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += test_look
TESTS += test_look
test_look_SOURCES = %D%/test_look.c
test_look_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_look_CFLAGS = $(TEST_CFLAGS)
test_look_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += test_stop
TESTS += test_stop
test_stop_SOURCES = %D%/test_stop.c %D%/run_help.c %D%/run_help.h
test_stop_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_stop_CFLAGS = $(TEST_CFLAGS)
test_stop_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += test_cgroup
TESTS += test_cgroup
test_cgroup_SOURCES = %D%/test_cgroup.c
test_cgroup_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_cgroup_CFLAGS = $(TEST_CFLAGS)
test_cgroup_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += fake_engine
fake_engine_SOURCES = %D%/fake_engine.c %D%/run_help.c %D%/run_help.h
fake_engine_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
fake_engine_CFLAGS = $(TEST_CFLAGS)
fake_engine_LDADD = libmechanics.la libshm.la $(PCRE2_LIBS)

check_PROGRAMS += test_keeper
TESTS += test_keeper
test_keeper_SOURCES = %D%/test_keeper.c %D%/run_help.c %D%/run_help.h
test_keeper_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_keeper_CFLAGS = $(TEST_CFLAGS)
test_keeper_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += test_store
TESTS += test_store
test_store_SOURCES = %D%/test_store.c
test_store_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_store_CFLAGS = $(TEST_CFLAGS)
test_store_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += test_keeperlink
TESTS += test_keeperlink
test_keeperlink_SOURCES = %D%/test_keeperlink.c %D%/run_help.c %D%/run_help.h
test_keeperlink_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_keeperlink_CFLAGS = $(TEST_CFLAGS)
test_keeperlink_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += numbers
numbers_SOURCES = %D%/numbers.c
numbers_CFLAGS = $(TEST_CFLAGS)

check_PROGRAMS += test_capture
TESTS += test_capture
test_capture_SOURCES = %D%/test_capture.c %D%/capture_help.c %D%/capture_help.h %D%/run_help.c %D%/run_help.h
test_capture_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_capture_CFLAGS = $(TEST_CFLAGS)
test_capture_LDADD = libshmhelp.la $(MECHANICS_LIBS)

check_PROGRAMS += test_loss
TESTS += test_loss
test_loss_SOURCES = %D%/test_loss.c %D%/capture_help.c %D%/capture_help.h %D%/run_help.c %D%/run_help.h
test_loss_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_loss_CFLAGS = $(TEST_CFLAGS)
test_loss_LDADD = libshmhelp.la $(MECHANICS_LIBS)

check_PROGRAMS += test_transition test_restart test_rpc
TESTS += test_transition test_restart test_rpc
test_transition_SOURCES = %D%/test_transition.c supervisord/engine/transition.c
test_transition_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_transition_CFLAGS = $(TEST_CFLAGS)
test_transition_LDADD = $(TEST_LIBS)
test_restart_SOURCES = %D%/test_restart.c supervisord/engine/restart.c
test_restart_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_restart_CFLAGS = $(TEST_CFLAGS)
test_restart_LDADD = $(TEST_LIBS)
test_rpc_SOURCES = %D%/test_rpc.c supervisord/control/rpc.c
test_rpc_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
test_rpc_CFLAGS = $(TEST_CFLAGS) $(MSGPACK_CFLAGS)
test_rpc_LDADD = $(TEST_CONFIG_LIBS) $(MSGPACK_LIBS)
check_PROGRAMS += test_depend test_selection
TESTS += test_depend test_selection
test_depend_SOURCES = %D%/test_depend.c supervisord/engine/depend.c supervisord/engine/table.c \
	supervisord/engine/transition.c
test_depend_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
test_depend_CFLAGS = $(TEST_CFLAGS) $(EVENT_CFLAGS)
test_depend_LDADD = $(TEST_CONFIG_LIBS)
test_selection_SOURCES = %D%/test_selection.c supervisord/engine/select.c supervisord/engine/table.c
test_selection_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
test_selection_CFLAGS = $(TEST_CFLAGS) $(EVENT_CFLAGS)
test_selection_LDADD = $(TEST_CONFIG_LIBS)

# A real supervisor, and a client of it.
IT_CPPFLAGS = $(TEST_CPPFLAGS)
IT_CFLAGS = $(TEST_CFLAGS) $(MSGPACK_CFLAGS)
check_LTLIBRARIES += libit.la
libit_la_SOURCES = %D%/it_help.c %D%/it_ask.c %D%/it_see.c %D%/it_help.h %D%/fault.h
libit_la_CPPFLAGS = $(IT_CPPFLAGS)
libit_la_CFLAGS = $(IT_CFLAGS)
IT_LIBS = libit.la libcommon.la $(TEST_LIBS) $(MSGPACK_LIBS)

check_PROGRAMS += it_life
TESTS += it_life
it_life_SOURCES = %D%/it_life.c
it_life_CPPFLAGS = $(IT_CPPFLAGS)
it_life_CFLAGS = $(IT_CFLAGS)
it_life_LDADD = $(IT_LIBS)

check_PROGRAMS += it_born
TESTS += it_born
it_born_SOURCES = %D%/it_born.c
it_born_CPPFLAGS = $(IT_CPPFLAGS)
it_born_CFLAGS = $(IT_CFLAGS)
it_born_LDADD = $(IT_LIBS)

check_PROGRAMS += it_many
TESTS += it_many
it_many_SOURCES = %D%/it_many.c
it_many_CPPFLAGS = $(IT_CPPFLAGS)
it_many_CFLAGS = $(IT_CFLAGS)
it_many_LDADD = $(IT_LIBS)

check_PROGRAMS += it_start
TESTS += it_start
it_start_SOURCES = %D%/it_start.c
it_start_CPPFLAGS = $(IT_CPPFLAGS)
it_start_CFLAGS = $(IT_CFLAGS)
it_start_LDADD = $(IT_LIBS)

check_PROGRAMS += it_recover
TESTS += it_recover
it_recover_SOURCES = %D%/it_recover.c
it_recover_CPPFLAGS = $(IT_CPPFLAGS)
it_recover_CFLAGS = $(IT_CFLAGS)
it_recover_LDADD = $(IT_LIBS)

check_PROGRAMS += it_control
TESTS += it_control
it_control_SOURCES = %D%/it_control.c
it_control_CPPFLAGS = $(IT_CPPFLAGS)
it_control_CFLAGS = $(IT_CFLAGS)
it_control_LDADD = $(IT_LIBS)

check_PROGRAMS += it_readpath
TESTS += it_readpath
it_readpath_SOURCES = %D%/it_readpath.c
it_readpath_CPPFLAGS = $(IT_CPPFLAGS)
it_readpath_CFLAGS = $(IT_CFLAGS)
it_readpath_LDADD = $(IT_LIBS)

# What is found in output.
check_PROGRAMS += test_detect
TESTS += test_detect
test_detect_SOURCES = %D%/test_detect.c %D%/detect_help.c %D%/detect_help.h %D%/log_help.c %D%/log_help.h \
	$(brummerd_detect_sources) \
	supervisord/config/env.c supervisord/config/report.c supervisord/config/text.c
test_detect_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_detect_CFLAGS = $(TEST_CFLAGS) $(PCRE2_CFLAGS)
test_detect_LDADD = $(TEST_LIBS) $(PCRE2_LIBS)
EXTRA_DIST += \
	%D%/data/errors/c.expected %D%/data/errors/c.log \
	%D%/data/errors/dotnet.expected %D%/data/errors/dotnet.log \
	%D%/data/errors/go.expected %D%/data/errors/go.log \
	%D%/data/errors/java.expected %D%/data/errors/java.log \
	%D%/data/errors/node.expected %D%/data/errors/node.log \
	%D%/data/errors/php.expected %D%/data/errors/php.log \
	%D%/data/errors/python.expected %D%/data/errors/python.log \
	%D%/data/errors/ruby.expected %D%/data/errors/ruby.log \
	%D%/data/errors/rust.expected %D%/data/errors/rust.log \
	%D%/data/errors/typescript.expected %D%/data/errors/typescript.log

check_PROGRAMS += speaker
speaker_SOURCES = %D%/speaker.c
speaker_CFLAGS = $(TEST_CFLAGS)

check_PROGRAMS += it_ready
TESTS += it_ready
it_ready_SOURCES = %D%/it_ready.c
it_ready_CPPFLAGS = $(IT_CPPFLAGS)
it_ready_CFLAGS = $(IT_CFLAGS)
it_ready_LDADD = $(IT_LIBS)

check_PROGRAMS += it_again
TESTS += it_again
it_again_SOURCES = %D%/it_again.c
it_again_CPPFLAGS = $(IT_CPPFLAGS)
it_again_CFLAGS = $(IT_CFLAGS)
it_again_LDADD = $(IT_LIBS)

check_PROGRAMS += listen
listen_SOURCES = %D%/listen.c
listen_CFLAGS = $(AM_CFLAGS)

check_PROGRAMS += test_metrics
TESTS += test_metrics
test_metrics_SOURCES = %D%/test_metrics.c %D%/shm_help.c %D%/shm_help.h
test_metrics_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_metrics_CFLAGS = $(TEST_CFLAGS)
test_metrics_LDADD = $(MECHANICS_LIBS)

check_PROGRAMS += it_output
TESTS += it_output
it_output_SOURCES = %D%/it_output.c
it_output_CPPFLAGS = $(IT_CPPFLAGS)
it_output_CFLAGS = $(IT_CFLAGS)
it_output_LDADD = $(IT_LIBS)

check_PROGRAMS += test_cron test_sameness
TESTS += test_cron test_sameness
test_cron_SOURCES = %D%/test_cron.c supervisord/config/cron.c
test_cron_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_cron_CFLAGS = $(TEST_CFLAGS)
test_cron_LDADD = $(TEST_LIBS)
test_sameness_SOURCES = %D%/test_sameness.c supervisord/engine/sameness.c
test_sameness_CPPFLAGS = $(TEST_CONFIG_CPPFLAGS)
test_sameness_CFLAGS = $(TEST_CFLAGS)
test_sameness_LDADD = $(TEST_CONFIG_LIBS)

# Loaded before the others by it_fault; not installed, but a module all the same.
check_LTLIBRARIES += misfortune.la
misfortune_la_SOURCES = %D%/misfortune.c
misfortune_la_CFLAGS = $(AM_CFLAGS)
misfortune_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
misfortune_la_LIBADD = -ldl

check_PROGRAMS += it_fault
TESTS += it_fault
it_fault_SOURCES = %D%/it_fault.c
it_fault_CPPFLAGS = $(IT_CPPFLAGS)
it_fault_CFLAGS = $(IT_CFLAGS)
it_fault_LDADD = $(IT_LIBS)

check_PROGRAMS += test_failing
TESTS += test_failing
test_failing_SOURCES = %D%/test_failing.c %D%/capture_help.c %D%/capture_help.h %D%/detect_help.c %D%/detect_help.h \
	%D%/run_help.c %D%/run_help.h \
	supervisord/config/env.c supervisord/config/report.c supervisord/config/text.c
test_failing_CPPFLAGS = $(SUPERVISORD_CPPFLAGS)
test_failing_CFLAGS = $(TEST_CFLAGS) $(PCRE2_CFLAGS)
test_failing_LDADD = libshmhelp.la $(MECHANICS_LIBS)
