/* SPDX-License-Identifier: MIT */
#include "detect/urls.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATOR "://"

/* The parts of one, in the text. */
struct parts {
	const char *scheme;
	size_t scheme_length;
	const char *host;
	size_t host_length;
	const char *rest; /* port and path */
	size_t rest_length;
};

static bool is_word(const char *text, size_t length, const char *word)
{
	return strlen(word) == length && strncasecmp(text, word, length) == 0;
}

static bool ends_with(const char *text, size_t length, const char *tail)
{
	size_t n = strlen(tail);

	return length > n && strncasecmp(text + length - n, tail, n) == 0;
}

/* Loopback, all interfaces, private, link-local. */
static bool is_near4(uint32_t address)
{
	static const struct {
		uint32_t network, mask;
	} nets[] = {{0x7f000000, 0xff000000}, {0x0a000000, 0xff000000}, {0xac100000, 0xfff00000},
		    {0xc0a80000, 0xffff0000}, {0xa9fe0000, 0xffff0000}, {0, 0xffffffff}};

	for (size_t i = 0; i < sizeof nets / sizeof *nets; i++)
		if ((address & nets[i].mask) == nets[i].network)
			return true;
	return false;
}

static bool is_near6(const struct in6_addr *address)
{
	const uint8_t *b = address->s6_addr;

	return IN6_IS_ADDR_UNSPECIFIED(address) || IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_LINKLOCAL(address) ||
	       (b[0] & 0xfe) == 0xfc;
}

static bool is_near(const char *host, size_t length)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr six;
	struct in_addr four;
	bool bracketed = length > 2 && host[0] == '[';

	if (is_word(host, length, "localhost") || ends_with(host, length, ".localhost") ||
	    ends_with(host, length, ".local") || ends_with(host, length, ".lan") ||
	    ends_with(host, length, ".internal"))
		return true;
	if (length - 2u * bracketed >= sizeof text)
		return false;
	snprintf(text, sizeof text, "%.*s", (int)(length - 2u * bracketed), host + bracketed);
	if (bracketed)
		return inet_pton(AF_INET6, text, &six) == 1 && is_near6(&six);
	return inet_pton(AF_INET, text, &four) == 1 && is_near4(ntohl(four.s_addr));
}

static bool is_all_interfaces(const char *host, size_t length)
{
	return is_word(host, length, "0.0.0.0") || is_word(host, length, "[::]") ||
	       is_word(host, length, "[0:0:0:0:0:0:0:0]");
}

static bool is_url_byte(char byte)
{
	unsigned char c = (unsigned char)byte;

	return c > 0x20 && c < 0x7f && !strchr("\"<>\\^`{|}", c);
}

static size_t count(const char *text, size_t length, char byte)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		n += text[i] == byte;
	return n;
}

/* What follows a URL in a sentence is not of it; a closing bracket is if it was opened in it. */
static size_t without_punctuation(const char *text, size_t length)
{
	while (length > 0) {
		char last = text[length - 1];
		bool closes = (last == ')' && count(text, length, '(') < count(text, length, ')')) ||
			      (last == ']' && count(text, length, '[') < count(text, length, ']'));

		if (!closes && !strchr(".,;:!?'*_", last))
			break;
		length--;
	}
	return length;
}

static size_t host_length(const char *text, size_t length)
{
	const char *bracket = length && *text == '[' ? memchr(text, ']', length) : NULL;
	size_t n = 0;

	if (bracket)
		return (size_t)(bracket - text) + 1;
	while (n < length && (isalnum((unsigned char)text[n]) || strchr("-._", text[n])))
		n++;
	return n;
}

/* ":PORT" of a possible number, a path or nothing. */
static bool is_rest(const char *rest, size_t length)
{
	size_t digits = 0;

	if (length == 0 || strchr("/?#", *rest))
		return true;
	if (*rest != ':')
		return false;
	while (digits + 1 < length && isdigit((unsigned char)rest[digits + 1]))
		digits++;
	return digits > 0 && digits <= 5 && strtoul(rest + 1, NULL, 10) <= UINT16_MAX &&
	       strtoul(rest + 1, NULL, 10) > 0 && (digits + 1 == length || strchr("/?#", rest[digits + 1]));
}

/* Take apart what stands around a separator. */
static bool take_apart(const char *text, size_t length, const char *separator, struct parts *out)
{
	const char *begin = separator, *host = separator + strlen(SEPARATOR);
	size_t n = 0;

	while (begin > text && isalpha((unsigned char)begin[-1]))
		begin--;
	out->scheme = begin;
	out->scheme_length = (size_t)(separator - begin);
	if (!is_word(begin, out->scheme_length, "http") && !is_word(begin, out->scheme_length, "https"))
		return false;
	while (host + n < text + length && is_url_byte(host[n]))
		n++;
	n = without_punctuation(host, n);
	out->host = host;
	out->host_length = host_length(host, n);
	out->rest = host + out->host_length;
	out->rest_length = n - out->host_length;
	return out->host_length > 0 && is_near(host, out->host_length) && is_rest(out->rest, out->rest_length);
}

static size_t put_together(const struct parts *parts, char out[URL_MAX])
{
	bool all = is_all_interfaces(parts->host, parts->host_length);
	const struct {
		const char *text;
		size_t length;
	} pieces[] = {{parts->scheme, parts->scheme_length},
		      {SEPARATOR, strlen(SEPARATOR)},
		      {all ? "localhost" : parts->host, all ? strlen("localhost") : parts->host_length},
		      {parts->rest, parts->rest_length}};
	size_t length = 0;

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		if (pieces[i].length >= URL_MAX - length)
			return 0;
		memcpy(out + length, pieces[i].text, pieces[i].length);
		length += pieces[i].length;
	}
	out[length] = '\0';
	return length;
}

size_t url_next(const char *text, size_t length, size_t *at, char out[URL_MAX])
{
	const char *separator;

	while ((separator = memmem(text + *at, length - *at, SEPARATOR, strlen(SEPARATOR)))) {
		struct parts parts;
		size_t n = take_apart(text, length, separator, &parts) ? put_together(&parts, out) : 0;

		*at = (size_t)(separator - text) + strlen(SEPARATOR);
		if (n > 0)
			return n;
	}
	*at = length;
	return 0;
}

size_t url_origin(const char *url)
{
	const char *host = strstr(url, SEPARATOR);

	return host ? (size_t)(host - url) + strlen(SEPARATOR) + strcspn(host + strlen(SEPARATOR), "/?#") : strlen(url);
}
