/* SPDX-License-Identifier: MIT */
#include "clients/mcp/guard.h"

#include <arpa/inet.h>
#include <errno.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/util.h>

#define JSON_TYPE  "application/json"
#define EVENT_TYPE "text/event-stream"

static const struct refusal passed;

static struct refusal refused(int status, enum rpc_code code, const char *why)
{
	return (struct refusal){status, code, why};
}

const char *guard_header(const struct evkeyvalq *headers, const char *name, bool *twice)
{
	const struct evkeyval *header;
	const char *value = NULL;

	TAILQ_FOREACH(header, headers, next)
	{
		if (evutil_ascii_strcasecmp(header->key, name) != 0)
			continue;
		if (value && twice)
			*twice = true;
		value = value ? value : header->value;
	}
	return value;
}

/* The length of the host in HOST, HOST:PORT, [V6] or [V6]:PORT, without brackets, and where it begins; 0: it is none.
 */
static size_t split_host(const char *text, const char **host)
{
	bool bracket = *text == '[';
	size_t length = bracket ? strcspn(++text, "]") : strcspn(text, ":");
	const char *rest = text + length;

	*host = text;
	if (bracket && *rest++ != ']')
		return 0;
	if (*rest == ':')
		rest += 1 + strspn(rest + 1, "0123456789");
	return *rest ? 0 : length;
}

static bool is_address(const char *text)
{
	unsigned char bytes[16];

	return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

bool guard_host_is_ours(const struct guard *guard, const char *text)
{
	static const char *const own[] = {"localhost", "127.0.0.1", "::1"};
	char name[64];
	const char *host;
	size_t length = split_host(text, &host);

	if (length == 0 || length >= sizeof name)
		return false;
	snprintf(name, sizeof name, "%.*s", (int)length, host);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (strcasecmp(name, own[i]) == 0)
			return true;
	/* An address, unlike a name, leads where it says. */
	return *guard->host ? strcasecmp(name, guard->host) == 0 : is_address(name);
}

static bool origin_is_ours(const struct guard *guard, const char *origin)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strncasecmp(origin, schemes[i], strlen(schemes[i])) == 0)
			return guard_host_is_ours(guard, origin + strlen(schemes[i]));
	return false;
}

/* In a time that says nothing of where they differ. */
static bool is_token(const struct guard *guard, const char *header)
{
	static const char scheme[] = "Bearer ";
	size_t length = strlen(guard->token);
	unsigned differ = 0;

	if (!header || strncasecmp(header, scheme, sizeof scheme - 1) != 0)
		return false;
	header += sizeof scheme - 1;
	header += strspn(header, " ");
	if (strlen(header) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		differ |= (unsigned char)(header[i] ^ guard->token[i]);
	return differ == 0;
}

struct refusal guard_caller(const struct guard *guard, const struct evkeyvalq *headers)
{
	bool twice = false;
	const char *host = guard_header(headers, "Host", &twice);
	const char *origin = guard_header(headers, "Origin", &twice);

	if (twice || !host || !guard_host_is_ours(guard, host))
		return refused(403, RPC_INVALID_REQUEST, "Forbidden: Host is no name of this server");
	if (origin && !origin_is_ours(guard, origin))
		return refused(403, RPC_INVALID_REQUEST, "Forbidden: Origin is no page of this machine");
	if (*guard->token && !is_token(guard, guard_header(headers, "Authorization", NULL)))
		return refused(401, RPC_INVALID_REQUEST, "Unauthorized: the token is missing or wrong");
	return passed;
}

static bool is_type(const char *text, size_t length, const char *type)
{
	return length == strlen(type) && strncasecmp(text, type, length) == 0;
}

/* Does a list of media types accept this one? Weights of 0 are not looked for. */
static bool accepts(const char *list, const char *type)
{
	size_t major = strcspn(type, "/") + 1;

	while (list && *list) {
		size_t length;

		list += strspn(list, " \t,");
		length = strcspn(list, " \t,;");
		if (is_type(list, length, type) || is_type(list, length, "*/*") ||
		    (length == major + 1 && strncasecmp(list, type, major) == 0 && list[major] == '*'))
			return true;
		list += strcspn(list, ",");
	}
	return false;
}

struct refusal guard_post(const struct evkeyvalq *headers)
{
	const char *type = guard_header(headers, "Content-Type", NULL);
	const char *accept = guard_header(headers, "Accept", NULL);

	if (!type || !is_type(type, strcspn(type, " \t;"), JSON_TYPE))
		return refused(415, RPC_INVALID_REQUEST, "Content-Type must be " JSON_TYPE);
	if (!accepts(accept, JSON_TYPE) || !accepts(accept, EVENT_TYPE))
		return refused(406, RPC_INVALID_REQUEST, "Accept must list " JSON_TYPE " and " EVENT_TYPE);
	return passed;
}

struct refusal guard_get(const struct evkeyvalq *headers)
{
	if (!accepts(guard_header(headers, "Accept", NULL), EVENT_TYPE))
		return refused(406, RPC_INVALID_REQUEST, "Accept must list " EVENT_TYPE);
	return passed;
}

static int digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The bytes of base64, into out, which has room for as many as there are digits. False: it is none. */
static bool decode(const char *text, size_t length, char *out, size_t *out_length)
{
	unsigned value = 0, bits = 0;
	size_t n = 0;

	while (length > 0 && text[length - 1] == '=')
		length--;
	for (size_t i = 0; i < length; i++) {
		int six = digit(text[i]);

		if (six < 0)
			return false;
		value = (value << 6 | (unsigned)six) & 0xffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[n++] = (char)(value >> bits & 0xff);
		}
	}
	*out_length = n;
	return true;
}

/* Is the header, which may be =?base64?...?=, that string? */
static bool says(const char *header, const json_t *value)
{
	static const char start[] = "=?base64?", end[] = "?=";
	const char *text = json_string_value(value);
	size_t length = json_string_length(value), size, n;
	char bytes[4096];

	if (!header || !text)
		return false;
	header += strspn(header, " \t");
	size = strlen(header);
	while (size > 0 && strchr(" \t", header[size - 1]))
		size--;
	if (size >= strlen(start) + strlen(end) && strncmp(header, start, strlen(start)) == 0 &&
	    strncmp(header + size - strlen(end), end, strlen(end)) == 0) {
		size -= strlen(start) + strlen(end);
		return size <= sizeof bytes && decode(header + strlen(start), size, bytes, &n) && n == length &&
		       memcmp(bytes, text, n) == 0;
	}
	return size == length && memcmp(header, text, size) == 0;
}

/* Which parameter must stand in Mcp-Name; NULL: none. */
static const char *name_of(const char *method)
{
	static const struct {
		const char *method, *member;
	} names[] = {{"tools/call", "name"}, {"prompts/get", "name"}, {"resources/read", "uri"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].method, method) == 0)
			return names[i].member;
	return NULL;
}

struct refusal guard_modern(const struct evkeyvalq *headers, const struct rpc *rpc)
{
	const json_t *meta = json_object_get(rpc->params, "_meta");
	const json_t *version = json_object_get(meta, "io.modelcontextprotocol/protocolVersion");
	const char *member = name_of(rpc->method);
	const json_t *name = member ? json_object_get(rpc->params, member) : NULL;
	const char *method = guard_header(headers, "Mcp-Method", NULL);
	json_t *own = json_string(rpc->method);
	bool same = own && says(method, own);

	json_decref(own);
	if (version && !says(guard_header(headers, "MCP-Protocol-Version", NULL), version))
		return refused(400, RPC_HEADER_MISMATCH, "MCP-Protocol-Version must be the one of the message");
	if (!same)
		return refused(400, RPC_HEADER_MISMATCH, "Mcp-Method must be the method of the message");
	if (name && !says(guard_header(headers, "Mcp-Name", NULL), name))
		return refused(400, RPC_HEADER_MISMATCH, "Mcp-Name must be the name or uri of the message");
	return passed;
}

int guard_read_token(struct guard *guard, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	ssize_t n = -1;
	int error;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0)
		n = read(fd, guard->token, sizeof guard->token - 1);
	error = errno;
	close(fd);
	if (n < 0)
		return -error;
	guard->token[n] = '\0';
	guard->token[strcspn(guard->token, "\r\n")] = '\0';
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return -EACCES;
	return *guard->token && strlen(guard->token) < sizeof guard->token - 1 ? 0 : -EINVAL;
}
