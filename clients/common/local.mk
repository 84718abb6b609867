# What the three viewers share. libread needs nothing but libshm: it reads memory and files. libcommon is all of it, with
# the control client, which speaks msgpack, what brummerd says, which is JSON, and expressions (PCRE2).
noinst_LTLIBRARIES += libread.la libcommon.la
libread_la_SOURCES = \
	%D%/backend.h \
	%D%/fields.c \
	%D%/fields.h \
	%D%/find.c \
	%D%/find.h \
	%D%/find_text.c \
	%D%/json.c \
	%D%/json.h \
	%D%/match.c \
	%D%/match.h \
	%D%/near.c \
	%D%/near.h \
	%D%/select.c \
	%D%/select.h \
	%D%/signal.c \
	%D%/snapshot.c \
	%D%/source.c \
	%D%/source.h \
	%D%/source_shm.c \
	%D%/table.c \
	%D%/table.h \
	%D%/value.c \
	%D%/when.c \
	%D%/when.h
libread_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
libread_la_CFLAGS = $(AM_CFLAGS)

libcommon_la_SOURCES = \
	%D%/client.c \
	%D%/client.h \
	%D%/discover.c \
	%D%/discover.h \
	%D%/literal.c \
	%D%/literal.h \
	%D%/match_pcre.c \
	%D%/paths.c \
	%D%/program.c \
	%D%/program.h \
	%D%/source_rpc.c \
	%D%/start.c
libcommon_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
libcommon_la_CFLAGS = $(AM_CFLAGS) $(MSGPACK_CFLAGS) $(JANSSON_CFLAGS) $(PCRE2_CFLAGS)
libcommon_la_LIBADD = libread.la libshm.la $(MSGPACK_LIBS) $(JANSSON_LIBS) $(PCRE2_LIBS)
