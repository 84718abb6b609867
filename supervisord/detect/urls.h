/* SPDX-License-Identifier: MIT */
#ifndef SUPERVISORD_DETECT_URLS_H
#define SUPERVISORD_DETECT_URLS_H

#include <stddef.h>

/*
 * detect/urls.h - the addresses a server announces
 *
 * http and https URLs of this machine or its network: localhost and names below .localhost and .local, addresses of
 * loopback, of all interfaces (shown as localhost), and those that are private. Not the Internet's: they are links.
 */

#define URL_MAX 200u /* bytes, the NUL included; longer ones are none */

/*
 * The first such URL at or behind text + *at, as it is to be shown, into out, and *at behind it. Returns its length, 0
 * when there is none. The text has no escape sequences. Pure.
 */
size_t url_next(const char *text, size_t length, size_t *at, char out[URL_MAX]);

/* The length of scheme, host and port of such a URL. */
size_t url_origin(const char *url);

#endif
