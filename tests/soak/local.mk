# The region under writers that are killed, at random moments and at every instruction.
check_PROGRAMS += region_soak single_step
TESTS += region_soak single_step

region_soak_SOURCES = %D%/region_soak.c %D%/verified.c %D%/verified.h
region_soak_CPPFLAGS = $(TEST_CPPFLAGS)
region_soak_LDADD = libshm.la

single_step_SOURCES = %D%/single_step.c %D%/verified.c %D%/verified.h
single_step_CPPFLAGS = $(TEST_CPPFLAGS)
single_step_LDADD = libshm.la

if HAVE_CHECK
# A whole supervisor whose engine is killed: a few times in `make check`, often in `make soak`.
check_PROGRAMS += engine_soak
TESTS += engine_soak
engine_soak_SOURCES = %D%/engine_soak.c %D%/engine_soak.h %D%/moments.c %D%/disks.c
engine_soak_CPPFLAGS = $(IT_CPPFLAGS)
engine_soak_CFLAGS = $(IT_CFLAGS)
engine_soak_LDADD = $(IT_LIBS)
SOAK_KILLS = 200
ENGINE_SOAK_PROGRAM = engine_soak
endif

.PHONY: soak
soak: region_soak brummerd $(ENGINE_SOAK_PROGRAM)
	./region_soak long
	test -z '$(ENGINE_SOAK_PROGRAM)' || ENGINE_SOAK=$(SOAK_KILLS) ./$(ENGINE_SOAK_PROGRAM)
