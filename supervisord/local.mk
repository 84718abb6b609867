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
