# What the three viewers share. The files that only read memory and files need nothing but libshm; client.c and
# source_rpc.c speak msgpack, discover.c reads JSON.
noinst_LTLIBRARIES += libcommon.la
libcommon_la_SOURCES = \
	%D%/backend.h \
	%D%/client.c \
	%D%/client.h \
	%D%/discover.c \
	%D%/discover.h \
	%D%/fields.c \
	%D%/fields.h \
	%D%/find.c \
	%D%/find.h \
	%D%/json.c \
	%D%/json.h \
	%D%/match.c \
	%D%/match.h \
	%D%/near.c \
	%D%/near.h \
	%D%/program.c \
	%D%/program.h \
	%D%/select.c \
	%D%/select.h \
	%D%/signal.c \
	%D%/snapshot.c \
	%D%/source.c \
	%D%/source.h \
	%D%/source_rpc.c \
	%D%/source_shm.c \
	%D%/start.c \
	%D%/table.c \
	%D%/table.h \
	%D%/value.c \
	%D%/when.c \
	%D%/when.h
libcommon_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
libcommon_la_CFLAGS = $(AM_CFLAGS) $(MSGPACK_CFLAGS) $(JANSSON_CFLAGS)
libcommon_la_LIBADD = libshm.la $(MSGPACK_LIBS) $(JANSSON_LIBS)
