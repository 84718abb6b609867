sbin_PROGRAMS += brummerd
brummerd_SOURCES = %D%/main.c
brummerd_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/%D%
brummerd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(EVENT_PTHREADS_CFLAGS) $(MSGPACK_CFLAGS) $(JANSSON_CFLAGS)
brummerd_LDADD = libshm.la $(EVENT_LIBS) $(EVENT_PTHREADS_LIBS) $(MSGPACK_LIBS) $(JANSSON_LIBS)

# What could be run here: also linked into the tests of this room.
brummerd_config_sources = \
	%D%/config/discover.c %D%/config/discover.h \
	%D%/config/discover_npm.c %D%/config/npm.h \
	%D%/config/dotenv.c %D%/config/dotenv.h \
	%D%/config/env.c \
	%D%/config/import_procfile.c \
	%D%/config/json_where.c %D%/config/json_where.h \
	%D%/config/model.c %D%/config/model.h \
	%D%/config/nearest.c %D%/config/nearest.h \
	%D%/config/npm_env.c \
	%D%/config/npm_manager.c \
	%D%/config/print_json.c \
	%D%/config/report.c \
	%D%/config/sources.h \
	%D%/config/text.c %D%/config/text.h
brummerd_SOURCES += $(brummerd_config_sources)

# The keeper, and what touches processes and pipes: also linked into the tests of this room.
brummerd_mechanics_sources = \
	%D%/engine/capture.c %D%/engine/capture.h \
	%D%/engine/child.c %D%/engine/child.h \
	%D%/engine/keeperlink.c %D%/engine/keeperlink.h \
	%D%/engine/lookup.c %D%/engine/lookup.h \
	%D%/engine/mailbox.c %D%/engine/mailbox.h \
	%D%/engine/outlet.c %D%/engine/outlet.h \
	%D%/engine/proc.c %D%/engine/proc.h \
	%D%/engine/pty.c %D%/engine/pty.h \
	%D%/engine/spawn.c %D%/engine/spawn.h \
	%D%/engine/spawntext.c \
	%D%/engine/stop.c %D%/engine/stop.h \
	%D%/engine/tag.c %D%/engine/tag.h \
	%D%/keeper/answer.c \
	%D%/keeper/inner.h \
	%D%/keeper/keeper.c %D%/keeper/keeper.h \
	%D%/keeper/launch.c \
	%D%/keeper/store.c %D%/keeper/store.h \
	%D%/keeper/wire.c %D%/keeper/wire.h
brummerd_SOURCES += $(brummerd_mechanics_sources)
