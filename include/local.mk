brummerincludedir = $(includedir)/brummer
brummerinclude_HEADERS = \
	%D%/brummer/control.h \
	%D%/brummer/errors.h \
	%D%/brummer/events.h \
	%D%/brummer/instance.h \
	%D%/brummer/logs.h \
	%D%/brummer/reader.h \
	%D%/brummer/region.h \
	%D%/brummer/state.h \
	%D%/brummer/wait.h
# What only Brummer's programs use is not installed.
noinst_HEADERS += %D%/brummer/logstore.h %D%/brummer/near.h %D%/brummer/writer.h
