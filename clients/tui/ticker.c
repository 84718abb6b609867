/* SPDX-License-Identifier: MIT */
#include "clients/tui/ticker.h"

#define SECOND  UINT64_C(1000000000)
#define MINUTE  (60 * SECOND)
#define MINUTES 10 /* from here on only they count */

void ticker_begin(struct ticker *ticker, struct brm_now now)
{
	ticker->now = now;
	ticker->next_boot_ns = 0;
}

void ticker_at(struct ticker *ticker, uint64_t boot_ns)
{
	if (ticker->next_boot_ns == 0 || boot_ns < ticker->next_boot_ns)
		ticker->next_boot_ns = boot_ns;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

char *ticker_since_boot(struct ticker *ticker, uint64_t boot_ns, char out[WHEN_MAX])
{
	uint64_t now = ticker->now.boot_ns, minutes;

	if (minus(now, boot_ns) < MINUTES * MINUTE) {
		ticker_at(ticker, (now / SECOND + 1) * SECOND);
		return when_duration(minus(now / SECOND, boot_ns / SECOND) * SECOND, out);
	}
	minutes = minus(now / MINUTE, boot_ns / MINUTE);
	/* From a day on, hours are what is shown. */
	ticker_at(ticker, (now / MINUTE + (minutes < 1440 ? 1 : 60 - minutes % 60)) * MINUTE);
	return when_duration(minutes * MINUTE, out);
}

char *ticker_since(struct ticker *ticker, uint64_t real_ns, char out[WHEN_MAX])
{
	return ticker_since_boot(ticker, minus(ticker->now.boot_ns, minus(ticker->now.real_ns, real_ns)), out);
}

uint64_t ticker_until(struct ticker *ticker, uint64_t real_ns)
{
	uint64_t now = ticker->now.boot_ns;
	uint64_t end = now + minus(real_ns, ticker->now.real_ns);

	if (end == now)
		return 0;
	ticker_at(ticker, (now / SECOND + 1) * SECOND);
	return minus((end + SECOND - 1) / SECOND, now / SECOND);
}
