# The screen: its parts one by one, and the whole of it in a terminal.
check_PROGRAMS += fake_region
fake_region_SOURCES = %D%/fake_region.c
fake_region_CPPFLAGS = $(TEST_CPPFLAGS)
fake_region_CFLAGS = $(AM_CFLAGS)
fake_region_LDADD = libshm.la
