/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/fdpass.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Room for the descriptors, aligned as a cmsghdr has to be. */
union fdpass_room {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(FDPASS_MAX * sizeof(int))];
};

int
fdpass_send_text(int sock_fd, struct span text, const int *fds, unsigned n)
{
	/* iovec lacks const, and sendmsg only reads. */
	struct iovec iov = { .iov_base = (void *)(uintptr_t)text.ptr,
		.iov_len = text.len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union fdpass_room room = { 0 };
	struct cmsghdr *cmsg;
	ssize_t sent;

	assert(n <= FDPASS_MAX);
	if (n > 0) {
		msg.msg_control = room.bytes;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(cmsg), fds, n * sizeof(int));
	}
	do
		sent = sendmsg(sock_fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (sent == -1 && errno == EINTR);
	return sent == -1 ? -1 : 0;
}

int
fdpass_send(int sock_fd, char byte, const int *fds, unsigned n)
{
	return fdpass_send_text(sock_fd, (struct span){ &byte, 1 }, fds, n);
}

static unsigned
fdpass_take_fds(struct msghdr *msg, int *fds)
{
	struct cmsghdr *cmsg;
	size_t bytes;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg != NULL;
	     cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		bytes = cmsg->cmsg_len - CMSG_LEN(0);
		memcpy(fds, CMSG_DATA(cmsg), bytes);
		return (unsigned)(bytes / sizeof(int));
	}
	return 0;
}

ssize_t
fdpass_recv_text(
    int sock_fd, char *text, size_t cap, int fds[FDPASS_MAX], unsigned *n)
{
	struct iovec iov = { .iov_base = text, .iov_len = cap };
	union fdpass_room room = { 0 };
	/* What does not fit into the room is closed by the kernel. */
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = room.bytes,
		.msg_controllen = sizeof(room.bytes) };
	ssize_t got;

	*n = 0;
	do
		got = recvmsg(sock_fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return -1;
	*n = fdpass_take_fds(&msg, fds);
	return got;
}

int
fdpass_recv(int sock_fd, char *byte, int fds[FDPASS_MAX], unsigned *n)
{
	return (int)fdpass_recv_text(sock_fd, byte, 1, fds, n);
}
