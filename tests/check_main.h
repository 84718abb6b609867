/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CHECK_MAIN_H
#define TESTS_CHECK_MAIN_H

#include <check.h>

/*
 * check_main.h - the frame of a unit test
 *
 * A test program defines test_suite(); check_main.c has main(): it makes a private temporary directory, points TMPDIR,
 * HOME, XDG_RUNTIME_DIR and XDG_STATE_HOME into it, runs the suite, prints TAP on standard output, and removes the
 * directory and every region of its own instance names.
 */

Suite *test_suite(void);

/* The private directory of this run; 0700. */
const char *test_dir(void);

/* test_dir()/name, in static storage that the next call overwrites. */
const char *test_path(const char *name);

/*
 * A region name no other test uses: "/brummer.UID.test-PID-STEM". Static storage, overwritten by the next call. Regions
 * named so are unlinked when the program ends.
 */
const char *test_region(const char *stem);

#endif
