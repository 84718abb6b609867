/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_CONFIG_UNITS_H
#define SUPERVISORD_CONFIG_UNITS_H

#include <stddef.h>
#include <stdint.h>

/*
 * config/units.h - durations, sizes and signals as people write them
 *
 * Functions that read return 0, or -EINVAL and leave *out as it was.
 */

/* "200ms", "3s", "1h30m", "1.5" (seconds): ns, us, ms, s, m, h, d. At most 1000 days. */
int units_duration(const char *text, uint64_t *out_ns);

/* "16MiB", "1GB", "512k", "4096" (bytes): KiB, K, k and so on count in 1024, KB and so on in 1000; letter case apart.
 */
int units_size(const char *text, uint64_t *out_bytes);

/* Digits alone, within the limits. */
int units_count(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* "TERM", "SIGTERM", "15". */
int units_signal(const char *text, int *out);

/* The other way round, the largest unit that divides it; into out[size], which is returned. */
#define UNITS_TEXT_MAX 32
char *units_print_duration(uint64_t ns, char *out, size_t size);
char *units_print_signal(int signal, char *out, size_t size); /* "TERM", "34" */
char *units_print_size(uint64_t bytes, char *out, size_t size);

#endif
