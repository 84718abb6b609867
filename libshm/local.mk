# libshm.la is what our programs link; libbrummer.la is the same code for other programs, with the exported names of
# libbrummer.map alone.
noinst_LTLIBRARIES += libshm.la
libshm_la_SOURCES = \
	%D%/alive.c %D%/alive.h \
	%D%/arena.c %D%/arena.h \
	%D%/attach.c \
	%D%/bell.c \
	%D%/bytemask.h \
	%D%/carry.c \
	%D%/control.c \
	%D%/detail.c \
	%D%/events.c \
	%D%/file.c \
	%D%/futex.c %D%/futex.h \
	%D%/gate.h \
	%D%/head.h \
	%D%/identity.c \
	%D%/index.c %D%/index.h \
	%D%/instance.c \
	%D%/latch.h \
	%D%/layout.h \
	%D%/logerrors.c %D%/logerrors.h \
	%D%/logerrread.c %D%/logreading.h \
	%D%/logfile.c %D%/logfile.h \
	%D%/logindex.c %D%/logindex.h \
	%D%/loglevel.c %D%/logwords.h \
	%D%/logpass.c \
	%D%/logread.c \
	%D%/logstore.c %D%/logwriting.h \
	%D%/logtext.c \
	%D%/logwatch.c \
	%D%/map.c %D%/map.h \
	%D%/marks.c \
	%D%/near.c \
	%D%/owner.c %D%/owner.h \
	%D%/places.h \
	%D%/publish.c \
	%D%/reader.c \
	%D%/reading.h \
	%D%/region.c \
	%D%/ring.c %D%/ring.h \
	%D%/state.c \
	%D%/table.c \
	%D%/text.c %D%/text.h \
	%D%/tlv.c %D%/tlv.h \
	%D%/wait.c %D%/waiting.h \
	%D%/writer.c \
	%D%/writing.h
libshm_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
libshm_la_CFLAGS = $(AM_CFLAGS)

lib_LTLIBRARIES += libbrummer.la
libbrummer_la_SOURCES =
libbrummer_la_LIBADD = libshm.la
libbrummer_la_LDFLAGS = $(AM_LDFLAGS) -version-info 0:0:0 -no-undefined \
	-Wl,--version-script=$(srcdir)/%D%/libbrummer.map
EXTRA_libbrummer_la_DEPENDENCIES = %D%/libbrummer.map
EXTRA_DIST += %D%/libbrummer.map %D%/PROTOCOL
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/brummer.pc
dist_man_MANS += \
	%D%/man/brm_errors.3 %D%/man/brm_events.3 %D%/man/brm_logs.3 %D%/man/brm_reader.3 %D%/man/brm_state.3 \
	%D%/man/brm_wait.3 %D%/man/libbrummer.3
