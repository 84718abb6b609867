/* SPDX-License-Identifier: MIT */
#ifndef CLIENTS_COMMON_WHEN_H
#define CLIENTS_COMMON_WHEN_H

#include <stddef.h>
#include <stdint.h>

#include <brummer/state.h>

/* common/when.h - times, durations and sizes, to text and back */

struct brm_now now_read(void);

#define WHEN_MAX 40

/* A number in decimal digits, NUL-terminated; faster than printf(). Returns its length. */
size_t when_number(uint64_t number, char out[WHEN_MAX]);

/* RFC 3339 in UTC with milliseconds: "2026-11-20T12:44:07.114Z". Returns out. */
char *when_rfc3339(uint64_t real_ns, char out[WHEN_MAX]);
/* "12:44:07" in local time. */
char *when_clock(uint64_t real_ns, char out[WHEN_MAX]);
/* "12s", "3m12s", "41m", "2h14m", "3d4h". */
char *when_duration(uint64_t ns, char out[WHEN_MAX]);
/* "9M", "418M", "1.2G"; powers of 1024. */
char *when_bytes(uint64_t bytes, char out[WHEN_MAX]);

/* "200ms", "3s", "5m", "1h", "2d", bare seconds. -EINVAL, -ERANGE */
int when_parse_duration(const char *text, uint64_t *ns);
/* A duration back from now, or RFC 3339, or "12:30[:00]" today: CLOCK_REALTIME ns. -EINVAL */
int when_parse_time(const char *text, struct brm_now now, uint64_t *real_ns);

#endif
