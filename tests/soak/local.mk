# The region under writers that are killed, at random moments and at every instruction.
check_PROGRAMS += region_soak single_step
TESTS += region_soak single_step

region_soak_SOURCES = %D%/region_soak.c %D%/verified.c %D%/verified.h
region_soak_CPPFLAGS = $(TEST_CPPFLAGS)
region_soak_LDADD = libshm.la

single_step_SOURCES = %D%/single_step.c %D%/verified.c %D%/verified.h
single_step_CPPFLAGS = $(TEST_CPPFLAGS)
single_step_LDADD = libshm.la

.PHONY: soak
soak: region_soak
	./region_soak long
