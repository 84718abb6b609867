/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

/* fault.h - what fault.c does wrong, in a file that a test maps and writes */

struct fault {
	long real_seconds; /* CLOCK_REALTIME is ahead by so much */
	long boot_seconds; /* CLOCK_BOOTTIME */
	char text[64];     /* crash when a string that ends so is copied; "": never */
};

#endif
