# libshm.la is what our programs link; libbrummer.la is the same code for other programs, with the exported names of
# libbrummer.map alone.
noinst_LTLIBRARIES += libshm.la
libshm_la_SOURCES = \
	%D%/events.c \
	%D%/instance.c \
	%D%/logfile.c \
	%D%/logfile.h \
	%D%/logindex.c \
	%D%/logindex.h \
	%D%/loglevel.c \
	%D%/logread.c \
	%D%/logstore.c \
	%D%/logtext.c \
	%D%/state.c
libshm_la_CFLAGS = $(AM_CFLAGS)
