/* SPDX-License-Identifier: MIT */
#include "keeper/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(sizeof(struct keeper_message) == 296, "the wire outlives versions of the engine");

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(KEEPER_FDS * sizeof(int))];
};

static void attach_fds(struct msghdr *header, union control *control, const int *fds, size_t count)
{
	struct cmsghdr *cmsg;

	if (count == 0)
		return;
	memset(control, 0, sizeof *control);
	header->msg_control = control;
	header->msg_controllen = CMSG_SPACE(count * sizeof *fds);
	cmsg = CMSG_FIRSTHDR(header);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(count * sizeof *fds);
	memcpy(CMSG_DATA(cmsg), fds, count * sizeof *fds);
}

int wire_send(int socket, struct keeper_message *message, const int *fds, int flags)
{
	struct iovec iov = {.iov_base = message, .iov_len = sizeof *message};
	struct msghdr header = {.msg_iov = &iov, .msg_iovlen = 1};
	union control control;
	int carried[KEEPER_FDS];
	size_t count = 0;
	ssize_t sent;

	message->version = KEEPER_VERSION;
	message->fds = 0;
	for (unsigned i = 0; fds && i < KEEPER_FDS; i++) {
		if (fds[i] < 0)
			continue;
		message->fds |= 1u << i;
		carried[count++] = fds[i];
	}
	attach_fds(&header, &control, carried, count);
	do {
		sent = sendmsg(socket, &header, MSG_NOSIGNAL | flags);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return errno == ECONNRESET || errno == ENOTCONN ? -EPIPE : -errno;
	return 0;
}

/* Put the descriptors that came along to their places. -EBADMSG: not those the message names; all are closed. */
static int place_fds(struct msghdr *header, uint32_t bits, int *fds)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(header);
	int carried[KEEPER_FDS];
	size_t count = 0;
	size_t used = 0;

	if (cmsg && cmsg->cmsg_level == SOL_SOCKET && cmsg->cmsg_type == SCM_RIGHTS) {
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(carried, CMSG_DATA(cmsg), count * sizeof(int));
	}
	if (count != (size_t)__builtin_popcount(bits) || bits >= 1u << KEEPER_FDS) {
		for (size_t i = 0; i < count; i++)
			close(carried[i]);
		return header->msg_flags & MSG_CTRUNC ? -EMFILE : -EBADMSG;
	}
	for (unsigned i = 0; i < KEEPER_FDS; i++)
		if (bits & 1u << i)
			fds[i] = carried[used++];
	return 0;
}

int wire_receive(int socket, struct keeper_message *message, int *fds, int flags)
{
	struct iovec iov = {.iov_base = message, .iov_len = sizeof *message};
	union control control;
	struct msghdr header = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t got;

	for (int i = 0; i < KEEPER_FDS; i++)
		fds[i] = -1;
	do { /* a reset is told once, before what the dead peer had sent */
		got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC | flags);
	} while (got < 0 && (errno == EINTR || errno == ECONNRESET));
	if (got < 0)
		return errno == ENOTCONN ? -EPIPE : -errno;
	if (got == 0)
		return -EPIPE;
	if (got != sizeof *message) {
		place_fds(&header, UINT32_MAX, fds);
		memset(message, 0, sizeof *message);
		return -EBADMSG;
	}
	message->id[KEEPER_ID_MAX - 1] = '\0';
	return place_fds(&header, message->fds, fds);
}

void wire_close(const int *fds)
{
	for (int i = 0; i < KEEPER_FDS; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}
