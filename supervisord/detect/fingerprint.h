/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_DETECT_FINGERPRINT_H
#define SUPERVISORD_DETECT_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The same number for two messages of a language that differ only in numbers (decimal, hexadecimal, UUIDs, times, the
 * lines and columns after a path), in what stands in quotes, and in blanks. Pure.
 */
uint64_t fingerprint(uint8_t language, const char *text, size_t length);

#endif
